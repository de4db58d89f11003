"""Each shape of cooling with the end points that suit it best."""

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brute

from trainphys.arrays import Array
from trainphys.chapters.cooling.b5_optimal_schedule.failures import final_failure
from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import (
    ShapedCooling,
    contestant,
    exponential_then_quench,
)
from trainphys.estimate import Estimate
from trainphys.simulate.success import failure
from trainphys.systems.losses import Potential

COLDEST, HOTTEST = 0.01, 3.0  # where the grid begins and ends


def tuned_failure(name: str, potential: Potential, duration: float, tolerance: float) -> tuple[ShapedCooling, Estimate]:
    """Fewest failures of a shape from equilibrium at T = 1: both its temperatures searched, the only one of a constant
    or a quench."""

    def between(start: float, end: float) -> ShapedCooling:
        return contestant(name, start, min(end, start), duration)

    return _tuned(between, 1 if name in ("quench", "constant") else 2, potential, tolerance)


def tuned_exponential_then_quench(
    potential: Potential, duration: float, tolerance: float, end: float
) -> tuple[ShapedCooling, Estimate]:
    """The same for an exponential that is followed by a quench to the end temperature."""

    def between(start: float, last: float) -> ShapedCooling:
        return exponential_then_quench(start, max(min(last, start), end), end, duration)

    return _tuned(between, 2, potential, tolerance)


def _tuned(
    between: Callable[[float, float], ShapedCooling], free: int, potential: Potential, tolerance: float
) -> tuple[ShapedCooling, Estimate]:
    """Failures have several local minima: a whole grid is tried, and Nelder and Mead's search starts at its best."""

    def schedule(ends: Array) -> ShapedCooling:
        start, end = np.exp(np.maximum(np.broadcast_to(ends, 2), math.log(COLDEST))).tolist()
        return between(start, end)

    def fails(ends: Array) -> float:
        tried = schedule(ends)
        return failure(potential, tried, tried.duration, tolerance, 1.0, 160, 160)

    best = schedule(brute(fails, ((math.log(COLDEST), math.log(HOTTEST)),) * free, Ns=15))
    return best, final_failure(potential, best, tolerance)
