"""Failures of a schedule by its laws, and the schedule of fewest failures in two wells."""

import numpy as np

from trainphys.bend import setting
from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import LAST, ShapedCooling, then_quenched
from trainphys.checks import inside
from trainphys.laws.gaussian_well import variance_lag
from trainphys.laws.success import boltzmann_success, harmonic_success
from trainphys.laws.two_wells import best_share, hopping_rate, upper_share
from trainphys.systems.coolings import Schedule
from trainphys.systems.losses import Quartic, wells


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


def failure_ratio_law(potential: Quartic, one: ShapedCooling, other: ShapedCooling, tolerance: float) -> float:
    """Failures of ``one`` for each of ``other``: the two-state law in a double well, the exact spread in one well."""

    def law(s: ShapedCooling) -> float:
        if len(potential.stationary_points()) == 3:
            return two_state_failure(potential, s, s.duration, tolerance)
        curvature = 2 * potential.coefficients[2]
        end = float(s.temperature(s.duration))
        late = variance_lag(curvature, s, [0.0, s.duration], 1.0 / float(s.temperature(0.0)))[-1]
        return 1 - float(harmonic_success(tolerance / end, 1, float(late)))

    return law(one) / law(other)


def best_chance_cooling(potential: Quartic, duration: float, end: float) -> ShapedCooling:
    """Schedule of the best chance of the deeper well, from T = 1: the temperatures of ``best_share``, then a quench."""
    progress = np.append(0.0, np.geomspace(1e-4, 1 - LAST, 300))
    with setting():  # the schedule is what is tried
        share = hopping_rate(potential, 1.0).upper_share
        table = best_share(potential, duration * progress, share, end, 1.0)[1]
    return then_quenched(progress, table, end, duration)
