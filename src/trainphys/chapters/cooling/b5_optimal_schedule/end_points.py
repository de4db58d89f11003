"""The ends of a schedule: curvatures of a loss, and the spread that is left at the final temperature."""

import numpy as np

from trainphys.estimate import Estimate
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.langevin import langevin
from trainphys.systems.coolings import Schedule
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, harmonic


def curvature_range(potential: Quartic) -> tuple[float, float]:
    r"""Smallest and largest $|L''|$ at the stationary points (minima and barrier tops).

    Taken over all parameters the largest would be infinite for a quartic, and the smallest zero.
    """
    _, _, c2, c3, c4 = potential.coefficients
    x = np.array(potential.stationary_points())
    found = np.abs(2 * c2 + 6 * c3 * x + 12 * c4 * x**2)
    return float(found.min()), float(found.max())


def measured_spreads(
    curvatures: tuple[float, ...],
    schedule: Schedule,
    duration: float,
    dt: float,
    particles: int,
    rng: np.random.Generator,
) -> tuple[list[Estimate], Estimate]:
    """Mean square in each direction of a quadratic loss, and mean loss, of Langevin particles at the end of a schedule.

    They start from equilibrium at the schedule's first temperature.
    """
    k = np.array(curvatures)
    first = np.sqrt(float(schedule.temperature(0.0)) / k) * rng.standard_normal((particles, k.size))
    times = np.linspace(0, duration, max(2, round(duration / dt)) + 1)
    x = langevin([harmonic(c) for c in curvatures], first, schedule, times, rng).states[0]
    return [Estimate.from_samples(column**2) for column in x.T], Estimate.from_samples((k * x**2 / 2).sum(axis=1))


def measured_end_temperature(curvature: float, schedule: Schedule, duration: float) -> Estimate:
    r"""$k\sigma^2$ at the end of a schedule in a quadratic well, from the density (Fokker-Planck), started at rest.

    It is the temperature itself where the well follows at once, $2\eta k\tau\gg1$.
    """
    loss, hot = harmonic(curvature), float(schedule.temperature(0.0))

    def spread(cells: int, steps: int) -> float:
        grid = Grid.around(loss, hot, cells)
        times = np.linspace(0, duration, steps + 1)
        p = evolve(loss, boltzmann(loss, hot, grid), schedule, times, grid).density[0]
        return float(curvature * (p * grid.centres**2).sum() * grid.width)

    return with_refinement_error(spread, 1600, 2000)
