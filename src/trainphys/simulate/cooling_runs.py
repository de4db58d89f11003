"""One cooling run of a density, followed through its entropy production and its distance from equilibrium."""

from collections.abc import Callable

import numpy as np

from trainphys.estimate import Estimate
from trainphys.simulate.entropy import EntropyHistory, history
from trainphys.simulate.fokker_planck import evolve
from trainphys.systems.coolings import Schedule
from trainphys.systems.grid import Densities, Grid, boltzmann
from trainphys.systems.losses import Potential


def cooling_run(
    potential: Potential,
    schedule: Schedule,
    duration: float,
    start: float | None = None,
    cells: int = 800,
    steps: int = 2000,
    records: int = 200,
) -> EntropyHistory:
    """Follow a density under a schedule, by the Fokker-Planck equation with implicit Euler steps (never negative).

    It starts as Boltzmann's density at the temperature ``start``, by default the schedule's own at time zero. The steps
    are a multiple of ``records``, the number of intervals between recorded times.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import Exponential
    >>> run = cooling_run(harmonic(), Exponential(1.0, tau=1.0), 4.0, cells=400, steps=1000)
    >>> bool(abs(run.divergence[-1] - (1 - np.log(2)) / 2) < 0.01)  # the variance trails by a factor of 2
    True
    """
    run, grid = densities_along(potential, schedule, duration, start, cells, steps, records)
    return history(potential, run, schedule, grid)


def densities_along(
    potential: Potential,
    schedule: Schedule,
    duration: float,
    start: float | None,
    cells: int,
    steps: int,
    records: int,
) -> tuple[Densities, Grid]:
    """The densities behind ``cooling_run``, at time zero and after each of ``records`` intervals, and their grid."""
    if records < 1 or steps % records:
        raise ValueError(f"expected steps to be a multiple of records, got {steps} and {records}: record at its ends")
    first = float(schedule.temperature(0.0))
    start = first if start is None else start
    grid = Grid.around(potential, max(start, first), cells)
    times = np.linspace(0, duration, steps + 1)
    every = np.arange(0, steps + 1, steps // records)
    run = evolve(
        potential, boltzmann(potential, start, grid), schedule, times, grid, scheme="implicit-euler", record=every
    )
    return run, grid


def cooling_run_with_error(
    quantity: Callable[[EntropyHistory], float],
    potential: Potential,
    schedule: Schedule,
    duration: float,
    start: float | None = None,
    cells: int = 800,
    steps: int = 2000,
    records: int = 200,
) -> Estimate:
    """A number taken from a ``cooling_run``, with the change on halving cells and steps (both even) as its error."""
    return with_refinement_error(
        lambda c, s: quantity(cooling_run(potential, schedule, duration, start, c, s, records)), cells, steps
    )


def with_refinement_error(measure: Callable[[int, int], float], cells: int, steps: int) -> Estimate:
    """A number from a run on a grid, with its change on halving cells and steps as its error.

    For a scheme of first order or better the change is at least the error that is left. ``measure(cells, steps)`` is
    called with the finer grid and with half of both.

    >>> round(with_refinement_error(lambda cells, steps: 1 + 1 / cells + 1 / steps, 100, 100).tolerance(), 9)
    0.02
    """
    fine, coarse = (float(measure(cells // k, steps // k)) for k in (1, 2))
    return Estimate.from_solver(fine, error=abs(fine - coarse))
