"""Escape runs."""

from __future__ import annotations

import math

import numpy as np

from trainphys.checks import within
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.laws.escape import BARRIERS, OVERSHOOT


def simulated_escape_time(*, barrier: float, replicas: int, seed: int, step: float = 0.04) -> Estimate:
    r"""Mean escape time of noisy descent $x\leftarrow x-\eta U'(x)+\sqrt{2\eta T}\,\xi$ from $-1$ to $+1$.

    Args:
        barrier: $b=\Delta L/T$, between 0.1 and 500; the run takes $e^b$ updates.
        replicas: independent walks, > 1.
        seed: root of the random stream.
        step: root mean square noise of one update; the learning rate is ``step**2 * barrier / 2``.

    Raises:
        ValueError: a barrier out of range.

    Source: the level is moved by the mean overshoot of Broadie, Glasserman and Kou (1997).
    """
    within(*BARRIERS, barrier=barrier)
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
    """The same from simulated updates; arguments as in ``basin_quality``."""
    within(*BARRIERS, barrier=barrier)
    rng = stream(seed, "basin")
    slope = 4 * position * (position**2 - 1)
    x = position - learning_rate * slope + math.sqrt(2 * learning_rate / barrier) * rng.standard_normal(replicas)
    return Estimate.from_samples(((position**2 - 1) ** 2 - (x**2 - 1) ** 2) / (learning_rate * slope**2))
