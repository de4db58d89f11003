"""A density that is cooled, and what the adaptation trigger compares on its way."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from trainphys.arrays import Array
from trainphys.estimate import Estimate
from trainphys.simulate.cooling_runs import CoolingRun
from trainphys.simulate.entropy import production
from trainphys.simulate.fokker_planck import jump_rates
from trainphys.systems.coolings import Exponential
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic


@dataclass(frozen=True, slots=True)
class TriggerHistory:
    """A cooling run at its recorded times."""

    times: Array
    temperature: Array
    local: Array  # root mean square of d_t s over the runs, per time
    system: Array  # |dS/dt|, per time
    total: Array  # entropy production rate, per time
    quench: Array  # the document's quench formula, eta beta <|grad L|^2>, per time
    annealing: Array  # its annealing formula, the same less eta T <|grad ln p|^2>
    trapped: Array  # share of runs in the upper well beyond its share at equilibrium
    loss: Array  # mean loss
    variance: Array  # variance of the loss over the runs

    def ratio(self, change: str = "local", production: str = "total") -> Array:
        """The trigger: ``local`` or ``system`` over ``total``, ``quench`` or ``annealing``; it fires above epsilon."""
        return np.asarray(getattr(self, change) / getattr(self, production))

    def fluctuations(self, other: Self | None = None, copies: int = 0) -> Array:
        r"""$\operatorname{var}(L)/T^2$ over $d\langle L\rangle/dT$ along the run: one at equilibrium.

        The loss may be the sum of this one and of so many independent ``copies`` of another, cooled at the same times.
        """
        loss, variance = self.loss, self.variance
        if other is not None:
            loss, variance = loss + copies * other.loss, variance + copies * other.variance
        response = np.gradient(loss, self.times) / np.gradient(self.temperature, self.times)
        return np.asarray(variance / self.temperature**2 / response)


@dataclass(frozen=True, slots=True)
class TriggerRun:
    """A density that is cooled, seen as the trigger sees it; with two wells the upper one is on the left.

    >>> from trainphys.laws.adaptation_trigger import trigger_ratio
    >>> from trainphys.systems.losses import harmonic
    >>> seen = TriggerRun(CoolingRun(harmonic(), Exponential(1.0, tau=1.0), 4.0, records=40)).history()
    >>> bool(abs(seen.ratio()[-1] - trigger_ratio(2.0)) < 0.05)  # the spread settles at y = 2
    True
    """

    cooling: CoolingRun[Quartic]

    def estimate(self, quantity: Callable[[TriggerHistory], float]) -> Estimate:
        """A number taken from the ``history``, with the change on halving cells and steps as its error."""
        return self.cooling.refined(lambda cooling: float(quantity(TriggerRun(cooling).history())))

    def history(self) -> TriggerHistory:
        """The run at its recorded times, the start left out."""
        potential, schedule = self.cooling.potential, self.cooling.schedule
        run, grid = self.cooling.densities()
        temperatures, mobilities = schedule.temperature(run.times), schedule.mobility(run.times)
        moments = zip(run.density[1:], temperatures[1:], mobilities[1:], strict=True)
        rows = [(float(T), *_moment(potential, p, float(T), float(eta), grid)) for p, T, eta in moments]
        return TriggerHistory(run.times[1:], *np.array(rows).T)


def cooled(potential: Quartic, tau: float, end: float, cells: int = 400, steps: int = 1600) -> TriggerRun:
    """Exponential cooling from equilibrium at T = 1 to the temperature ``end``, at mobility one, in 40 records."""
    schedule = Exponential(1.0, tau)
    return TriggerRun(CoolingRun(potential, schedule, schedule.duration(end), None, cells, steps, records=40))


def _moment(potential: Quartic, p: Array, temperature: float, mobility: float, grid: Grid) -> tuple[float, ...]:
    """What ``TriggerHistory`` holds at one time, after time and temperature."""
    loss = potential.value(grid.centres)
    slope = np.polynomial.Polynomial(potential.parameters)(grid.centres)
    points = potential.stationary_points()
    left = grid.centres < (points[1] if len(points) == 3 else -np.inf)
    rates = production(potential, p, temperature, mobility, grid)
    rest = boltzmann(potential, temperature, grid)
    moved = density_rate(potential, p, temperature, mobility, grid)
    surprise = np.divide(moved**2, p, out=np.zeros_like(p), where=p > 1e-290).sum() * grid.width
    heat = mobility / temperature * (p * slope**2).sum() * grid.width
    log = np.log(np.maximum(p, 1e-290))
    bent = (np.sqrt(p[:-1] * p[1:]) * np.diff(log) ** 2).sum() / grid.width
    mean = (p * loss).sum() * grid.width
    return (
        math.sqrt(surprise),
        abs(rates.system),
        rates.total,
        heat,
        heat - mobility * temperature * bent,
        (p - rest)[left].sum() * grid.width,
        mean,
        (p * (loss - mean) ** 2).sum() * grid.width,
    )


def density_rate(potential: Quartic, density: Array, temperature: float, mobility: float, grid: Grid) -> Array:
    r"""$\partial_tp$ on the cells, from the net flow between neighbours.

    >>> from trainphys.systems.losses import harmonic
    >>> grid = Grid(-6.0, 6.0, 60)
    >>> still = density_rate(harmonic(), boltzmann(harmonic(), 1.0, grid), 1.0, 1.0, grid)
    >>> bool(np.abs(still).max() < 1e-13)
    True
    """
    up, down = jump_rates(potential, temperature, mobility, grid)
    flow = up * density[:-1] - down * density[1:]
    return np.diff(np.concatenate([[0.0], flow, [0.0]])) * -1.0
