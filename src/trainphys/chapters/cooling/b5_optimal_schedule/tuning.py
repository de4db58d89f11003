"""Each shape of cooling with the end points that suit it best."""

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

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

COLDEST = 0.01
BOTH, ONE = (-1.0, 0.0, 1.0), (0.0,)


def tuned_failure(name: str, potential: Potential, duration: float, tolerance: float) -> tuple[ShapedCooling, Estimate]:
    """Fewest failures of a shape from equilibrium at T = 1: both its temperatures searched on grids that shrink."""
    first, last = (ONE if name == "quench" else BOTH), (ONE if name == "constant" else BOTH)

    def between(start: float, end: float) -> ShapedCooling:
        return contestant(name, start, min(end, start), duration)

    return _tuned(between, first, last, potential, tolerance)


def tuned_exponential_then_quench(
    potential: Potential, duration: float, tolerance: float, end: float
) -> tuple[ShapedCooling, Estimate]:
    """The same for an exponential that is followed by a quench to the end temperature."""

    def between(start: float, last: float) -> ShapedCooling:
        return exponential_then_quench(start, max(min(last, start), end), end, duration)

    return _tuned(between, BOTH, BOTH, potential, tolerance)


def _tuned(
    between: Callable[[float, float], ShapedCooling],
    first: Sequence[float],
    last: Sequence[float],
    potential: Potential,
    tolerance: float,
) -> tuple[ShapedCooling, Estimate]:
    """A quench has its end alone, a constant its start: they move on one axis."""
    centre, span = np.log([0.5, 0.1]), 1.2

    def schedule(ends: Array) -> ShapedCooling:
        start, end = np.exp(np.maximum(ends, math.log(COLDEST))).tolist()
        return between(start, end)

    def fails(ends: Array) -> float:
        tried = schedule(ends)
        return failure(potential, tried, tried.duration, tolerance, 1.0, 160, 160)

    for _ in range(6):
        tried = [centre + span * np.array(move) for move in itertools.product(first, last)]
        centre = min(tried, key=fails)
        span *= 0.6
    best = schedule(centre)
    return best, final_failure(potential, best, tolerance)
