r"""Failures of a schedule, $P(L-L_{\min}\ge\varepsilon)$ at its end, by the density."""

from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import ShapedCooling
from trainphys.estimate import Estimate
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.success import failure
from trainphys.systems.losses import Potential


def final_failure(
    potential: Potential,
    schedule: ShapedCooling,
    tolerance: float,
    hot: float = 1.0,
    cells: int = 600,
    steps: int = 1000,
) -> Estimate:
    """Failures by the Fokker-Planck equation, from equilibrium at the temperature ``hot``."""

    def measure(cells: int, steps: int) -> float:
        return failure(potential, schedule, schedule.duration, tolerance, hot, cells, steps)

    return with_refinement_error(measure, cells, steps)


def failure_ratio(
    potential: Potential, one: ShapedCooling, other: ShapedCooling, tolerance: float, cells: int = 600
) -> Estimate:
    """Failures at the end of ``one`` for each failure at the end of ``other``, both by ``final_failure``."""
    above, below = (final_failure(potential, schedule, tolerance, cells=cells) for schedule in (one, other))
    return above / below
