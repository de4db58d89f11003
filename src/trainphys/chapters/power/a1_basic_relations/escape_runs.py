"""Noisy descent in a double well: the wait at the barrier, and the decrease inside the well."""

import math
from collections.abc import Callable

import numpy as np
from scipy.linalg import solve_banded

from trainphys.arrays import Array
from trainphys.ensemble import stream
from trainphys.estimate import Estimate

# A walk seen at steps of size s crosses a level on average 0.5826 s too late.
OVERSHOOT = 0.5826


def simulated_escape_time(*, barrier: float, replicas: int, seed: int, step: float = 0.04) -> Estimate:
    r"""Mean escape time of noisy descent $x\leftarrow x-\eta U'(x)+\sqrt{2\eta T}\,\xi$ from $-1$ to $+1$.

    The barrier $b=\Delta L/T$ takes some $e^b$ updates; ``step`` is the root mean square noise of one, and the learning
    rate ``step**2 * barrier / 2``.

    Source: the level is moved by the mean overshoot of Broadie, Glasserman and Kou (1997).
    """
    rng = stream(seed, "escape", round(1000 * barrier))
    return _escape(lambda walkers: step * rng.standard_normal(walkers), step**2 * barrier / 2, step, replicas)


def minibatch_escape_time(*, batch_size: int, noise: float, learning_rate: float, replicas: int, seed: int) -> Estimate:
    r"""Mean escape time of stochastic gradient descent on samples with the loss $U(x)\pm\sigma x$.

    A batch of $B$ samples, drawn with replacement, has the mean gradient $U'+\sigma(2k/B-1)$ with binomial $k$: noise
    of temperature $T=\eta\sigma^2/2B$.
    """
    rng = stream(seed, "minibatch-escape", batch_size)
    scale = learning_rate * noise

    def kick(walkers: int) -> Array:
        return np.asarray(scale * (2 / batch_size * rng.binomial(batch_size, 0.5, walkers) - 1), dtype=float)

    return _escape(kick, learning_rate, scale / math.sqrt(batch_size), replicas)


def _escape(kick: Callable[[int], Array], rate: float, step: float, replicas: int) -> Estimate:
    """Mean time from -1 until walkers that descend the double well, and are kicked, are seen at +1."""
    level = 1 - OVERSHOOT * step
    x, arrived, updates = np.full(replicas, -1.0), np.empty(0), 0
    while x.size:
        x -= 4 * rate * x * (x**2 - 1)
        x += kick(x.size)
        updates += 1
        there = x >= level
        if there.any():
            arrived = np.append(arrived, np.full(int(there.sum()), updates * rate))
            x = x[~there]
    return Estimate.from_samples(arrived)


def solved_escape_time(barrier: float, points: int = 8001) -> Estimate:
    r"""Mean escape time from the backward equation $T\tau''-U'\tau'=-1$ on grids, $\tau(1)=0$, a wall at $-3$.

    Half the points give the error, which is of second order.
    """
    fine, coarse = (_solved(barrier, n) for n in (points, (points + 1) // 2))
    return Estimate.from_solver(fine + (fine - coarse) / 3, abs(fine - coarse))


def _solved(barrier: float, points: int) -> float:
    x, spacing = np.linspace(-3.0, 1.0, points, retstep=True)
    drift = 4 * x * (x**2 - 1) * barrier * spacing / 2
    bands = np.array([1 - np.roll(drift, 1), np.full(points, -2.0), 1 + np.roll(drift, -1)])
    bands[0, 1] = 2.0  # the wall reflects: the point beyond it mirrors the one before
    source = np.full(points, -barrier * spacing**2)
    bands[1, -1], bands[2, -2], source[-1] = 1.0, 0.0, 0.0
    return float(np.interp(-1.0, x, solve_banded((1, 1), bands, source)))


def simulated_basin_quality(
    *, position: float, barrier: float, learning_rate: float, replicas: int, seed: int
) -> Estimate:
    r"""Mean decrease of $U=(x^2-1)^2$ in one noisy update over $\eta U'^2$; ``basin_quality`` is its law."""
    rng = stream(seed, "basin")
    slope = 4 * position * (position**2 - 1)
    x = position - learning_rate * slope + math.sqrt(2 * learning_rate / barrier) * rng.standard_normal(replicas)
    return Estimate.from_samples(((position**2 - 1) ** 2 - (x**2 - 1) ** 2) / (learning_rate * slope**2))
