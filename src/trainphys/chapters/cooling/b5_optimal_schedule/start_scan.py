"""The start of exponential cooling that fails least, found by trying."""

import numpy as np
from scipy.optimize import minimize_scalar

from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import ShapedCooling, contestant
from trainphys.estimate import Estimate
from trainphys.simulate.success import failure
from trainphys.systems.losses import Quartic

TRIED = 17  # starts of the first scan, equal factors apart


def measured_best_start(
    potential: Quartic,
    duration: float,
    end: float,
    tolerance: float,
    hottest: float,
    mobility: float = 1.0,
    cells: int = 400,
    steps: int = 400,
) -> Estimate:
    """Temperature from which exponential cooling to ``end`` fails least, by the Fokker-Planck equation.

    A scan from ``end`` to ``hottest`` brackets it; the change on halving cells and steps is its error. Where the
    coldest start fails least the answer is ``end`` itself, and the error half the way to the next start.
    """
    tried = np.geomspace(end, hottest, TRIED)

    def fails(start: float, part: int) -> float:
        run = contestant("exponential", start, end, duration)
        run = ShapedCooling(run.shape, start, duration, mobility_start=mobility)
        return failure(potential, run, duration, tolerance, 1.0, cells // part, steps // part)

    def best(part: int) -> float:
        i = int(np.argmin([fails(float(start), part) for start in tried]))
        if i == 0:
            return end
        bounds = np.log(tried[i - 1]), np.log(tried[min(i + 1, TRIED - 1)])
        found = minimize_scalar(
            lambda x: fails(float(np.exp(x)), part), bounds=bounds, method="bounded", options={"xatol": 1e-4}
        )
        return float(np.exp(found.x))

    fine, coarse = best(1), best(2)
    spacing = (tried[1] - tried[0]) / 2 if fine == end else 0.0
    return Estimate.from_solver(fine, error=max(abs(fine - coarse), spacing))
