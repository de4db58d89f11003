"""Entropy rates of a density at one moment: from its net flows, and from the averages that formulas are made of."""

from dataclasses import dataclass

import numpy as np

from trainphys.chapters.cooling.b3_quenching_and_annealing.entropy_terms import Averages, density_terms
from trainphys.estimate import Estimate
from trainphys.simulate.entropy import production
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic

ROUNDING = 1e-9  # of the largest term: what the sum over cells may lose where the rates cancel


def shifted_well(curvature: float, centre: float) -> Quartic:
    r"""A quadratic well round another point, $\tfrac12k(x-c)^2$.

    >>> shifted_well(2.0, 1.0).value(1.0)
    array(0.)
    """
    return Quartic((curvature * centre**2 / 2, -curvature * centre, curvature / 2, 0.0, 0.0))


def grid_of(start: Quartic, temperature: float, cells: int) -> Grid:
    """Cells that hold the Boltzmann density of a loss up to 30 temperatures above its minimum, wherever that is.

    >>> grid = grid_of(shifted_well(1.0, 5.0), 0.02, 100)
    >>> 3.8 < grid.left < 4.0 < 6.0 < grid.right < 6.2
    True
    """
    points, limit = start.stationary_points(), start.minimum() + 30 * temperature
    step = 1e-3 * min(1.0, float(np.sqrt(temperature)))
    ends = []
    for end, sign in ((points[0], -1), (points[-1], 1)):
        reach = step
        while float(start.value(end + sign * reach)) < limit:
            reach *= 1.02
        ends.append(end + sign * reach)
    return Grid(ends[0], ends[1], cells)


@dataclass(frozen=True, slots=True)
class MomentRates:
    """Entropy rates of one density, from its net flows, and the averages that formulas are made of."""

    total: Estimate
    medium: Estimate
    system: Estimate
    terms: Averages

    def share_missed(self) -> Estimate:
        """By what share of the drift term the total differs from it."""
        missed = 1 - self.total / float(self.terms.drift)
        return missed if missed.value > 0 else -1 * missed


def moment_rates(
    potential: Quartic, start: Quartic, start_temperature: float, temperature: float, cells: int, mobility: float = 1.0
) -> MomentRates:
    """Rates at the first moment of a quench, measured on cells (an even number) and on half as many for their error.

    The density is Boltzmann's of the loss ``start`` (the same one, or shifted, or another) at its own temperature.
    """
    found = []
    for k in (1, 2):
        grid = grid_of(start, start_temperature, cells // k)
        density = boltzmann(start, start_temperature, grid)
        found.append(production(potential, density, temperature, mobility, grid))
        if k == 1:
            terms = density_terms(potential, density, temperature, mobility, grid)
    fine, coarse = found
    floor = ROUNDING * max(abs(terms.drift), abs(terms.spread), abs(terms.curvature))
    total, medium, system = (
        Estimate.from_solver(getattr(fine, name), abs(getattr(fine, name) - getattr(coarse, name)) + floor)
        for name in ("total", "medium", "system")
    )
    return MomentRates(total, medium, system, terms)
