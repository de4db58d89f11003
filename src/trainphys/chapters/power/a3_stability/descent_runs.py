"""Descent that is run, not solved: growth per update, largest stable step, share of runs that stay bounded."""

import math

import numpy as np

from trainphys.arrays import Array, Booleans
from trainphys.chapters.power.shared.heavy_ball import bisect_log, heavy_ball
from trainphys.ensemble import stream
from trainphys.estimate import Estimate

TOGETHER = 20  # steps of Runge and Kutta's rule that are made as one matrix


def random_hessian(curvatures: tuple[float, ...], seed: int) -> Array:
    """A symmetric matrix with these eigenvalues and random eigenvectors.

    >>> random_hessian((1.0, 3.0), seed=0).trace().round(12)
    np.float64(4.0)
    """
    rng = stream(seed, "random Hessian")
    axes, _ = np.linalg.qr(rng.standard_normal((len(curvatures), len(curvatures))))
    return np.asarray((axes * np.array(curvatures)) @ axes.T)


def growth_rate(hessian: Array, step: float, momentum: float, *, seed: int, updates: int = 20_000) -> Estimate:
    r"""Logarithmic growth per update of $(\theta,v)$ on a quadratic, from a random start, run with momentum.

    The state is scaled back to length one after every update and the factors are summed, over the second half of the
    run. What is left of the start and of the swing shrinks as one over the number of updates; the error is what a
    run of half the length differs by, and the swing of one period.
    """
    rng = stream(seed, "growth rate")
    theta, v = rng.standard_normal((2, len(hessian)))
    logs = np.empty(updates)
    for t in range(updates):
        theta, v = heavy_ball(theta, v, step * (hessian @ theta), momentum)
        size = math.sqrt(theta @ theta + v @ v)
        theta, v, logs[t] = theta / size, v / size, math.log(size)
    late, early = logs[updates // 2 :], logs[updates // 4 : updates // 2]
    swing = float(np.ptp(np.cumsum(late) - np.arange(1, len(late) + 1) * late.mean()))
    error = abs(late.mean() - early.mean()) + 4 * swing / len(late) + 1e-9
    return Estimate.from_solver(float(late.mean()), float(error))


def largest_step_found(hessian: Array, momentum: float, *, seed: int, updates: int = 4000) -> Estimate:
    """Largest learning rate at which a run from a random start still shrinks, by bisection on a logarithmic scale.

    Close to the limit a run of this length cannot tell the sign of its growth; the error bound covers that.
    """
    start = stream(seed, "largest step").standard_normal((2, len(hessian)))

    def shrinks(step: float) -> bool:
        return _shrinks(step * hessian, momentum, start, updates)

    low, high = 1e-6, 1.0
    while shrinks(high):
        low, high = high, 2 * high
    low = high / 2 if shrinks(high / 2) else low
    low, high = bisect_log(shrinks, low, high)
    # the growing mode must have overtaken the start: ln(growth) of some 10 within the run
    return Estimate.from_solver(math.sqrt(low * high), high - low + 10 / updates * high)


def largest_momentum_found(step_curvature: float, *, seed: int, updates: int = 4000) -> Estimate:
    """Largest momentum at which a run without noise still shrinks, by bisection between 0.5 and 1.5."""
    start = stream(seed, "largest momentum").standard_normal((2, 1))
    low, high = 0.5, 1.5
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (middle, high) if _shrinks(np.array([[step_curvature]]), middle, start, updates) else (low, middle)
    return Estimate.from_solver((low + high) / 2, high - low + 10 / updates)


def _shrinks(step_hessian: Array, momentum: float, start: Array, updates: int) -> bool:
    """Whether a run ends closer to rest than it started."""
    theta, v = start
    for t in range(updates):
        theta, v = heavy_ball(theta, v, step_hessian @ theta, momentum)
        if t % 50 == 0 and theta @ theta > 1e12 * (start**2).sum():
            return False
    return bool(theta @ theta + v @ v < (start**2).sum())


def flows_that_shrink(matrices: Array, *, seed: int, duration: float = 150.0, width: float = 0.1) -> Booleans:
    """Which systems dx/dt = Mx have a solution from a random start that shrinks, by Runge and Kutta's rule.

    The matrices, shape (runs, n, n), are scaled so that their largest entries are one. With steps of this ``width``
    the fourth-order rule errs by less than 1e-4 of a rate.
    """
    scaled = width * matrices / np.abs(matrices).max(axis=(1, 2), keepdims=True)
    one, k = np.eye(matrices.shape[1]), np.zeros_like(scaled)
    for part in (1 / 24, 1 / 6, 1 / 2, 1.0):  # a step of the rule is a matrix: 1 + k + k^2/2 + k^3/6 + k^4/24
        k = scaled @ (part * one + k)
    many = np.linalg.matrix_power(one + k, TOGETHER)
    state = stream(seed, "flows").standard_normal((*matrices.shape[:2], 1))
    log_size, start = np.zeros(len(state)), np.log(np.linalg.norm(state[:, :, 0], axis=1))
    for _ in range(round(duration / width / TOGETHER)):
        state = many @ state
        size = np.linalg.norm(state[:, :, 0], axis=1)
        state, log_size = state / size[:, None, None], log_size + np.log(size)
    return np.asarray(log_size < start)


def descents_that_shrink(steps: Array, momentum: float, *, seed: int, updates: int = 1000) -> Booleans:
    r"""Which heavy-ball runs die out, one for each $\eta\lambda$, from random starts."""
    rng, a = stream(seed, "descents"), steps
    theta, v = rng.standard_normal((2, len(steps)))
    start = np.hypot(theta, v)
    log_size = np.zeros(len(steps))
    for t in range(updates):
        theta, v = heavy_ball(theta, v, a * theta, momentum)
        if t % 20 == 19:
            size = np.maximum(np.hypot(theta, v), 1e-300)
            theta, v, log_size = theta / size, v / size, log_size + np.log(size)
    return np.asarray(log_size < np.log(start))


def damping_found(momentum: float, batch_size: float, *, replicas: int, updates: int, seed: int) -> Estimate:
    r"""One minus the memory of the velocity from update to update, where the loss is flat and only noise $1/B$ acts.

    The memory is the slope of each velocity over the one before, one regression for each replica.
    """
    rng = stream(seed, "damping", round(batch_size))
    v = rng.standard_normal(replicas) / math.sqrt(batch_size * (1 - momentum**2))
    products, squares = np.zeros(replicas), np.zeros(replicas)
    for _ in range(updates):
        new = momentum * v + rng.standard_normal(replicas) / math.sqrt(batch_size)
        products += new * v
        squares += v * v
        v = new
    return Estimate.from_samples(1 - products / squares)
