"""Each shape of cooling with the end points that suit it best."""

import itertools
import math

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.cooling.b5_optimal_schedule.failures import final_failure
from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import ShapedCooling, contestant
from trainphys.estimate import Estimate
from trainphys.simulate.success import failure
from trainphys.systems.losses import Potential


def tuned_failure(name: str, potential: Potential, duration: float, tolerance: float) -> tuple[ShapedCooling, Estimate]:
    """Fewest failures of a shape from equilibrium at T = 1: both its temperatures searched on grids that shrink."""
    centre, span = np.log([0.5, 0.1]), 1.2

    def fails(ends: Array) -> float:
        first, last = np.exp(np.maximum(ends, math.log(0.01)))
        schedule = contestant(name, first, min(last, first), duration)
        return failure(potential, schedule, duration, tolerance, 1.0, 160, 160)

    for _ in range(4):
        first = [0.0] if name == "quench" else [-1.0, 0.0, 1.0]  # a quench has its end alone, a constant its start
        last = [0.0] if name == "constant" else [-1.0, 0.0, 1.0]
        tried = [centre + span * np.array(move) for move in itertools.product(first, last)]
        centre = min(tried, key=fails)
        span *= 0.6
    start, end = np.exp(centre)
    best = contestant(name, float(start), float(min(end, start)), duration)
    return best, final_failure(potential, best, tolerance)
