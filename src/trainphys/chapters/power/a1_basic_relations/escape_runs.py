"""Noisy descent in a double well: the wait at the barrier, and the decrease inside the well."""

import math

import numpy as np

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
    rate, level = step**2 * barrier / 2, 1 - OVERSHOOT * step
    x, arrived, updates = np.full(replicas, -1.0), np.empty(0), 0
    while x.size:
        x -= 4 * rate * x * (x**2 - 1)
        x += step * rng.standard_normal(x.size)
        updates += 1
        there = x >= level
        if there.any():
            arrived = np.append(arrived, np.full(int(there.sum()), updates * rate))
            x = x[~there]
    return Estimate.from_samples(arrived)


def simulated_basin_quality(
    *, position: float, barrier: float, learning_rate: float, replicas: int, seed: int
) -> Estimate:
    r"""Mean decrease of $U=(x^2-1)^2$ in one noisy update over $\eta U'^2$; ``basin_quality`` is its law."""
    rng = stream(seed, "basin")
    slope = 4 * position * (position**2 - 1)
    x = position - learning_rate * slope + math.sqrt(2 * learning_rate / barrier) * rng.standard_normal(replicas)
    return Estimate.from_samples(((position**2 - 1) ** 2 - (x**2 - 1) ** 2) / (learning_rate * slope**2))
