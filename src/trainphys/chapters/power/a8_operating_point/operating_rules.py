"""What the rules for a limit on time and on stability are compared with: the batch found by running, not by a law."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from trainphys.arrays import Array
from trainphys.chapters.power.shared.heavy_ball import bisect_log
from trainphys.chapters.power.shared.mean_square_runs import simulated_mean_square_limit
from trainphys.estimate import Estimate


def smallest_batch_in_time(batch_size: ArrayLike, steps: list[Estimate], critical: float, limit: float) -> Estimate:
    """Least batch, over the critical one, whose updates are ``limit`` times those of the critical batch.

    Interpolates falling updates in the logarithms; the errors of all batch sizes are carried over.

    >>> sizes = 2.0 ** np.arange(8)
    >>> found = smallest_batch_in_time(sizes, [Estimate(float(10 + 100 / b), 0.0, 1) for b in sizes], 10.0, 1.5)
    >>> round(found.value, 2)
    0.5
    """
    x, y = np.log(np.asarray(batch_size, dtype=float)), np.log([s.value for s in steps])

    def solution(y: Array) -> float:
        curve = PchipInterpolator(x, y)
        goal = float(curve(np.log(critical))) + np.log(limit)
        return float(np.exp(brentq(lambda q: float(curve(q)) - goal, x[0], x[-1]))) / critical

    small = 1e-4 * np.eye(y.size)
    slopes = [(solution(y + d) - solution(y - d)) / 2e-4 for d in small]
    return Estimate.combined(solution(y), [(k / s.value, s) for k, s in zip(slopes, steps, strict=True)])


def simulated_linear_rule_edge(rate_at_critical: float, curvature: float, *, updates: int = 4000) -> Estimate:
    r"""Batch ratio at which the linear rule $\eta=\alpha\eta_{\rm opt}$ makes descent diverge, found by running it.

    The edge is blurred by a few over the number of updates.
    """

    def stays(alpha: float) -> bool:
        theta = 1.0
        for _ in range(updates):
            theta -= alpha * rate_at_critical * curvature * theta
            if abs(theta) > 1e6:
                return False
        return abs(theta) <= 1

    low, _ = bisect_log(stays, 1e-3, 1e3)
    return Estimate.from_solver(low, error=low * (1e-4 + 14 / updates))


def simulated_batch_rule_edge(
    *, damping: float, critical_batch: int, dimension: int, numbers: int, seed: int
) -> Estimate:
    r"""The same edge in the mean square, for least squares on drawn batches of normal inputs of variance one.

    The linear rule uses $\eta=\gamma_{\rm opt}B/B_{\rm crit}$; whole batch sizes are tried until its ratio to the
    measured limit passes one, and the crossing is interpolated between one somewhat smaller and one somewhat larger.
    """

    def margin(batch: int) -> Estimate:
        limit = simulated_mean_square_limit(batch_size=batch, dimension=dimension, numbers=numbers, seed=seed)
        return limit * (critical_batch / (batch * damping))

    low, high = 1, 1024
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if margin(middle).value > 1 else (low, middle)
    sizes = np.array([int(0.9 * low), int(1.1 * low) + 1])
    near = [margin(int(b)) for b in sizes]
    drop, span = np.log(near[0].value / near[1].value), np.log(sizes[1] / sizes[0])
    share = np.log(near[0].value) / drop
    alpha = float(sizes[0] * np.exp(share * span)) / critical_batch
    weights = ((1 - share) / near[0].value, share / near[1].value)
    return Estimate.combined(alpha, [(alpha * span / drop * w, m) for w, m in zip(weights, near, strict=True)])
