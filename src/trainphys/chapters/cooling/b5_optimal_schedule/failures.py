r"""Failures of a schedule, $P(L-L_{\min}\ge\varepsilon)$ at its end: by the density, and by its laws."""

import numpy as np

from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import ShapedCooling
from trainphys.checks import inside
from trainphys.estimate import Estimate
from trainphys.laws.gaussian_well import variance_lag
from trainphys.laws.success import boltzmann_success, harmonic_success
from trainphys.laws.two_wells import hopping_rate, upper_share
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.success import failure
from trainphys.systems.coolings import Schedule
from trainphys.systems.losses import Potential, Quartic, wells


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


def two_state_failure(potential: Quartic, schedule: Schedule, duration: float, tolerance: float) -> float:
    r"""$u+(1-u)f$ in a double well under any schedule from T = 1: u is left in the upper well by the two-state law.

    f is the share of the lower well's equilibrium at the final temperature that lies beyond the tolerance.
    """
    inside(0, wells(potential).gap, tolerance=tolerance)  # more would count the upper well as success
    end = float(schedule.temperature(duration))
    cold = hopping_rate(potential, end).upper_share
    beyond = (1 - boltzmann_success(potential, end, tolerance) - cold) / (1 - cold)
    times, first = np.linspace(0, duration, 400), hopping_rate(potential, 1.0).upper_share
    share = float(upper_share(potential, schedule, times, first)[-1])
    return share + (1 - share) * beyond


def failure_ratio(
    potential: Potential, one: ShapedCooling, other: ShapedCooling, tolerance: float, cells: int = 600
) -> Estimate:
    """Failures at the end of ``one`` for each failure at the end of ``other``, both by ``final_failure``."""
    above, below = (final_failure(potential, schedule, tolerance, cells=cells) for schedule in (one, other))
    return above / below


def failure_ratio_law(potential: Quartic, one: ShapedCooling, other: ShapedCooling, tolerance: float) -> float:
    """The same ratio by the two-state law in a double well, and by the exact spread in a quadratic one."""

    def law(s: ShapedCooling) -> float:
        if len(potential.stationary_points()) == 3:
            return two_state_failure(potential, s, s.duration, tolerance)
        curvature = 2 * potential.coefficients[2]
        end = float(s.temperature(s.duration))
        late = variance_lag(curvature, s, [0.0, s.duration], 1.0 / float(s.temperature(0.0)))[-1]
        return 1 - float(harmonic_success(tolerance / end, 1, float(late)))

    return law(one) / law(other)
