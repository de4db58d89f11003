"""One cooling run of a density, followed through its entropy production and its distance from equilibrium."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from trainphys.estimate import Estimate
from trainphys.simulate.entropy import EntropyHistory, history
from trainphys.simulate.fokker_planck import evolve
from trainphys.systems.coolings import Schedule
from trainphys.systems.grid import Densities, Grid, boltzmann
from trainphys.systems.losses import Potential

Loss = TypeVar("Loss", bound=Potential)


@dataclass(frozen=True, slots=True)
class CoolingRun(Generic[Loss]):
    """A density under a schedule, by the Fokker-Planck equation with implicit Euler steps (never negative).

    It starts as Boltzmann's density at the temperature ``start``, by default the schedule's own at time zero. The steps
    are a multiple of ``records``, the number of intervals between recorded times.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import Exponential
    >>> run = CoolingRun(harmonic(), Exponential(1.0, tau=1.0), 4.0, cells=400, steps=1000).history()
    >>> bool(abs(run.divergence[-1] - (1 - np.log(2)) / 2) < 0.01)  # the variance trails by a factor of 2
    True
    """

    potential: Loss
    schedule: Schedule
    duration: float
    start: float | None = None
    cells: int = 800
    steps: int = 2000
    records: int = 200

    def densities(self) -> tuple[Densities, Grid]:
        """The densities at time zero and after each of ``records`` intervals, and their grid."""
        if self.records < 1 or self.steps % self.records:
            raise ValueError(
                f"expected steps to be a multiple of records, got {self.steps} and {self.records}: record at its ends"
            )
        first = float(self.schedule.temperature(0.0))
        start = first if self.start is None else self.start
        grid = Grid.around(self.potential, max(start, first), self.cells)
        times = np.linspace(0, self.duration, self.steps + 1)
        every = np.arange(0, self.steps + 1, self.steps // self.records)
        density = boltzmann(self.potential, start, grid)
        run = evolve(self.potential, density, self.schedule, times, grid, scheme="implicit-euler", record=every)
        return run, grid

    def history(self) -> EntropyHistory:
        """Entropy production and distance from equilibrium along the run."""
        run, grid = self.densities()
        return history(self.potential, run, self.schedule, grid)

    def estimate(self, quantity: Callable[[EntropyHistory], float]) -> Estimate:
        """A number taken from the ``history``, with the change on halving cells and steps (both even) as its error."""
        return self.refined(lambda run: quantity(run.history()))

    def refined(self, measure: Callable[["CoolingRun[Loss]"], float]) -> Estimate:
        """A number measured on the run, and on one with half the cells and steps."""
        return with_refinement_error(lambda c, s: measure(replace(self, cells=c, steps=s)), self.cells, self.steps)


def with_refinement_error(measure: Callable[[int, int], float], cells: int, steps: int) -> Estimate:
    """A number from a run on a grid, with its change on halving cells and steps as its error.

    For a scheme of first order or better the change is at least the error that is left. ``measure(cells, steps)`` is
    called with the finer grid and with half of both.

    >>> round(with_refinement_error(lambda cells, steps: 1 + 1 / cells + 1 / steps, 100, 100).tolerance(), 9)
    0.02
    """
    fine, coarse = (float(measure(cells // k, steps // k)) for k in (1, 2))
    return Estimate.from_solver(fine, error=abs(fine - coarse))
