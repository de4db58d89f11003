"""Annealing against quenching on an equal budget: who ends near the lowest loss."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trainphys.cooling.fokker_planck import Grid, boltzmann, evolve
from trainphys.cooling.halving import halved
from trainphys.cooling.langevin_ensemble import langevin
from trainphys.cooling.potentials import Quartic, wells
from trainphys.cooling.schedules import Exponential, Schedule, cooling, quench
from trainphys.cooling.success import boltzmann_success, mass_within, share_within
from trainphys.cooling.two_state import hopping, upper_share
from trainphys.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Budget:
    r"""What both contestants get: the same start, final temperature, and distance $\int\eta\,dt$ to go.

    Both start at equilibrium at ``start``. The quench holds the temperature ``end`` at mobility one; the annealing
    follows the document's schedule for the time ``duration``. With ``slows`` its mobility falls as $e^{-t/2\tau}$,
    and the quench is given the same $\int\eta\,dt$, which is then less time.

    Args:
        start: $T_0$, loss units.
        end: $T_f<T_0$.
        duration: $t_f>0$ of the annealing.
        slows: whether the mobility of the annealing falls.
    """

    start: float
    end: float
    duration: float
    slows: bool = False

    @property
    def annealing(self) -> Exponential:
        return cooling(self.start, self.end, self.duration, slows=self.slows)

    @property
    def quench_duration(self) -> float:
        return float(self.annealing.clock(self.duration))


@dataclass(frozen=True, slots=True)
class Race:
    """Probabilities of failure, and how many times the quench fails as often as the annealing."""

    annealing: Estimate
    quench: Estimate

    @property
    def ratio(self) -> Estimate:
        """Failures of the quench for each failure of the annealing; above one, annealing is better."""
        value = self.quench.value / self.annealing.value
        spread = math.hypot(self.quench.stderr / self.quench.value, self.annealing.stderr / self.annealing.value)
        return Estimate(value, value * spread, min(self.quench.n, self.annealing.n))


def race(potential: Quartic, budget: Budget, tolerance: float, cells: int = 600, steps: int = 1500) -> Race:
    r"""Failure probabilities $P(L-L_{\min}\ge\varepsilon)$ of both contestants from the Fokker-Planck equation.

    Args:
        potential: the loss.
        budget: what both get.
        tolerance: $\varepsilon>0$, loss units.
        cells: cells of the grid; the result is also computed with half the cells and steps, and the change is its
            error.
        steps: time steps.

    Raises:
        ValueError: as ``evolve``.

    >>> from trainphys.cooling.potentials import harmonic
    >>> one_basin = race(harmonic(), Budget(1.0, 0.1, 3.0), 0.3, 200, 200)
    >>> one_basin.ratio.value < 1  # cooling slowly only wastes time
    True
    """

    def fails(schedule: Schedule, duration: float) -> Estimate:
        return halved(lambda c, s: _failure(potential, budget, schedule, duration, tolerance, c, s), cells, steps)

    return Race(
        annealing=fails(budget.annealing, budget.duration),
        quench=fails(quench(budget.end), budget.quench_duration),
    )


def race_particles(
    potential: Quartic, budget: Budget, tolerance: float, particles: int, dt: float, rng: np.random.Generator
) -> Race:
    """The same race with Langevin particles, drawn at the start from the Boltzmann density on a fine grid.

    Args:
        potential: the loss.
        budget: what both get.
        tolerance: as in ``race``.
        particles: number of particles of each contestant.
        dt: time step.
        rng: generator of this task.

    Raises:
        ValueError: as ``langevin``.
    """
    grid = Grid.around(potential, budget.start, 4000)
    share = boltzmann(potential, budget.start, grid) * grid.width

    def fails(schedule: Schedule, duration: float) -> Estimate:
        start = rng.choice(grid.centres, particles, p=share / share.sum())
        times = np.linspace(0, duration, max(2, round(duration / dt)) + 1)
        found = share_within(potential, langevin(potential, start, schedule, times, rng).states[0], tolerance)
        return Estimate(1 - found.value, found.stderr, found.n)

    return Race(
        annealing=fails(budget.annealing, budget.duration),
        quench=fails(quench(budget.end), budget.quench_duration),
    )


def race_law(potential: Quartic, budget: Budget, tolerance: float) -> tuple[float, float]:
    r"""Failure probabilities of annealing and quench in a double well, by the two-state law.

    $$P_{\rm fail}=u+(1-u)f,$$ u the share that froze in the upper well, f the share of the lower well's equilibrium
    at $T_f$ that lies beyond the tolerance. The quench starts from the share of the upper well at $T_0$.

    Args:
        potential: a double well with the lower minimum on the right.
        budget: what both get.
        tolerance: $0<\varepsilon<$ gap between the minima, so that the upper well counts as failure.

    Raises:
        ValueError: a tolerance that includes the upper well.

    >>> from trainphys.cooling.potentials import double_well
    >>> annealing, quenched = race_law(double_well(1.0, 0.5), Budget(1.0, 0.05, 100.0), 0.3)
    >>> annealing < quenched
    True
    """
    gap = wells(potential).gap
    if not 0 < tolerance < gap:
        raise ValueError(f"expected 0 < tolerance < {gap:.3g}, the gap between the wells, got {tolerance}")
    cold = hopping(potential, budget.end)
    beyond = (1 - boltzmann_success(potential, budget.end, tolerance) - cold.upper_share) / (1 - cold.upper_share)
    slow = float(upper_share(potential, budget.annealing, np.linspace(0, budget.duration, 200))[-1])
    first = hopping(potential, budget.start).upper_share
    fast = cold.upper_share + (first - cold.upper_share) * math.exp(-cold.rate * budget.quench_duration)
    return slow + (1 - slow) * beyond, fast + (1 - fast) * beyond


def exponential_through(first: float, second: float, position: float) -> float:
    """Value at ``position`` of the exponential through ``first`` at 0 and ``second`` at 1.

    >>> exponential_through(2.0, 4.0, 3.0)
    16.0
    """
    return float(first * (second / first) ** position)


def _failure(
    potential: Quartic, budget: Budget, schedule: Schedule, duration: float, tolerance: float, cells: int, steps: int
) -> float:
    grid = Grid.around(potential, budget.start, cells)
    start = boltzmann(potential, budget.start, grid)
    end = evolve(potential, start, schedule, np.linspace(0, duration, steps + 1), grid).density[0]
    return 1.0 - mass_within(potential, end, tolerance, grid)
