"""Annealing against quenching on an equal budget: who ends near the lowest loss."""

from dataclasses import dataclass

import numpy as np

from trainphys.estimate import Estimate
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.langevin import langevin
from trainphys.simulate.success import failure, share_within
from trainphys.systems.coolings import Budget, Schedule, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic


@dataclass(frozen=True, slots=True)
class Race:
    """Probabilities of failure, and how many times the quench fails as often as the annealing."""

    annealing: Estimate
    quench: Estimate

    @property
    def ratio(self) -> Estimate:
        """Failures of the quench for each failure of the annealing; above one, annealing is better."""
        return self.quench / self.annealing


def quench_against_annealing(
    potential: Quartic, budget: Budget, tolerance: float, cells: int = 600, steps: int = 1500
) -> Race:
    r"""Failure probabilities $P(L-L_{\min}\ge\varepsilon)$ of both contestants from the Fokker-Planck equation.

    They are also computed with half the cells and steps, and the change is their error.
    """

    def fails(schedule: Schedule, duration: float) -> Estimate:
        return with_refinement_error(
            lambda c, s: failure(potential, schedule, duration, tolerance, budget.start, c, s), cells, steps
        )

    return Race(
        annealing=fails(budget.annealing, budget.duration),
        quench=fails(quench(budget.end), budget.quench_duration),
    )


def race_particles(
    potential: Quartic, budget: Budget, tolerance: float, particles: int, dt: float, rng: np.random.Generator
) -> Race:
    """The same race with Langevin particles, drawn at the start from the Boltzmann density on a fine grid."""
    grid = Grid.around(potential, budget.start, 4000)
    share = boltzmann(potential, budget.start, grid) * grid.width

    def fails(schedule: Schedule, duration: float) -> Estimate:
        start = rng.choice(grid.centres, particles, p=share / share.sum())
        times = np.linspace(0, duration, max(2, round(duration / dt)) + 1)
        return 1 - share_within(potential, langevin(potential, start, schedule, times, rng).states[0], tolerance)

    return Race(
        annealing=fails(budget.annealing, budget.duration),
        quench=fails(quench(budget.end), budget.quench_duration),
    )
