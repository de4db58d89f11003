"""Measurements that settle the adaptation trigger: its sign in one well, and what it says of trapped runs in two."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from trainphys.arrays import Array
from trainphys.estimate import Estimate
from trainphys.laws.adaptation_trigger import (
    annealing_formula_ratio,
    entropy_ratio,
    quench_formula_ratio,
    trigger_ratio,
)
from trainphys.laws.gaussian_well import variance_lag
from trainphys.laws.slow_cooling import slow_cooling
from trainphys.simulate.cooling_runs import densities_along, with_refinement_error
from trainphys.simulate.entropy import production
from trainphys.simulate.fokker_planck import jump_rates
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic


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

    def fluctuations(self) -> Array:
        r"""$\operatorname{var}(L)/T^2$ over $d\langle L\rangle/dT$ along the run: one at equilibrium."""
        response = np.gradient(self.loss, self.times) / np.gradient(self.temperature, self.times)
        return np.asarray(self.variance / self.temperature**2 / response)


def follow_trigger(
    potential: Quartic,
    schedule: Exponential,
    duration: float,
    start: float | None = None,
    cells: int = 400,
    steps: int = 1600,
    records: int = 80,
) -> TriggerHistory:
    """Cool a density by the Fokker-Planck equation and record what the trigger compares.

    Args:
        potential: the loss; with two wells the upper one is on the left.
        schedule: temperature and mobility.
        duration: length of the run, > 0.
        start: temperature of the Boltzmann density to start from; by default the schedule's own at time zero.
        cells: cells of the grid.
        steps: implicit Euler steps, a multiple of ``records``.
        records: number of recorded times, the start left out.

    Raises:
        ValueError: steps that are no multiple of the records, or as ``evolve``.

    >>> from trainphys.systems.losses import harmonic
    >>> run = follow_trigger(harmonic(), Exponential(1.0, tau=1.0), 4.0)
    >>> bool(abs(run.ratio()[-1] - trigger_ratio(2.0)) < 0.05)  # the spread settles at y = 2
    True
    """
    run, grid = densities_along(potential, schedule, duration, start, cells, steps, records)
    loss = potential.value(grid.centres)
    slope = np.polynomial.Polynomial(potential.parameters)(grid.centres)
    points = potential.stationary_points()
    left = grid.centres < (points[1] if len(points) == 3 else -np.inf)
    rows = []
    for t, p in zip(run.times[1:], run.density[1:], strict=True):
        temperature, mobility = float(schedule.temperature(t)), float(schedule.mobility(t))
        rates = production(potential, p, temperature, mobility, grid)
        rest = boltzmann(potential, temperature, grid)
        moved = density_rate(potential, p, temperature, mobility, grid)
        surprise = np.divide(moved**2, p, out=np.zeros_like(p), where=p > 1e-290).sum() * grid.width
        heat = mobility / temperature * (p * slope**2).sum() * grid.width
        log = np.log(np.maximum(p, 1e-290))
        bent = (np.sqrt(p[:-1] * p[1:]) * np.diff(log) ** 2).sum() / grid.width
        mean = (p * loss).sum() * grid.width
        rows.append(
            (
                t,
                temperature,
                math.sqrt(surprise),
                abs(rates.system),
                rates.total,
                heat,
                heat - mobility * temperature * bent,
                (p - rest)[left].sum() * grid.width,
                mean,
                (p * (loss - mean) ** 2).sum() * grid.width,
            )
        )
    return TriggerHistory(*np.array(rows).T)


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


def refined_trigger(
    quantity: Callable[[TriggerHistory], float],
    potential: Quartic,
    schedule: Exponential,
    duration: float,
    start: float | None = None,
    cells: int = 400,
    steps: int = 1600,
    records: int = 40,
) -> Estimate:
    """A number taken from a run, with the change on halving cells and steps as its error.

    Args:
        quantity: what is taken from the history.
        potential: as in ``follow_trigger``, like all that follow; cells and steps are even.

    Raises:
        ValueError: as ``follow_trigger``.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.laws.gaussian_well import variance_lag
    >>> schedule = Exponential(1.0, tau=1.0)
    >>> found = refined_trigger(lambda run: run.ratio()[-1], harmonic(), schedule, 2.0)
    >>> bool(abs(found.value - trigger_ratio(variance_lag(1.0, schedule, [0, 2.0])[-1])) < found.tolerance())
    True
    """
    return with_refinement_error(
        lambda c, s: float(quantity(follow_trigger(potential, schedule, duration, start, c, s, records))), cells, steps
    )


def over(above: Estimate, below: Estimate) -> Estimate:
    """Ratio of two independent estimates, errors added as first-order errors are.

    >>> over(Estimate(2.0, 0.1, 10), Estimate(4.0, 0.0, 10)).value
    0.5
    """
    ratio = above.value / below.value
    spread = math.hypot(above.stderr / above.value, below.stderr / below.value)
    return Estimate(ratio, abs(ratio) * spread, min(above.n, below.n), min(above.dof, below.dof))


def frozen_fluctuation_ratio(potential: Quartic, upper_share: float, temperature: float) -> float:
    r"""Loss fluctuations over response, $\frac{\operatorname{var}(L)/T^2}{d\langle L\rangle/dT}$, jumps frozen.

    Each well is at equilibrium inside, and a share u sits in the upper one for good: the response is that of the wells
    alone, the fluctuations hold the gap as well, about $u(1-u)\Delta^2/T^2$ more.

    Args:
        potential: two wells, the upper one on the left.
        upper_share: u, 0 to 1.
        temperature: T > 0, low enough that the wells are apart.

    Raises:
        ValueError: one well only, or an argument out of range.

    >>> from trainphys.systems.losses import double_well
    >>> round(frozen_fluctuation_ratio(double_well(1.0), 0.3, 0.02), 6)  # level wells: nothing to see
    1.0
    """
    points = potential.stationary_points()
    if len(points) != 3 or not 0 <= upper_share <= 1 or not temperature > 0:
        raise ValueError(
            f"expected two wells, a share in 0..1 and T > 0, got {len(points) // 2 + 1} wells, {upper_share}, "
            f"{temperature}"
        )
    grid = Grid.around(potential, temperature, 8000)
    loss, p = potential.value(grid.centres), boltzmann(potential, temperature, grid)
    means, inner = [], []
    for side in (grid.centres < points[1], grid.centres >= points[1]):
        weight = p * side / (p * side).sum()
        means.append(float((weight * loss).sum()))
        inner.append(float((weight * (loss - means[-1]) ** 2).sum()))
    within = upper_share * inner[0] + (1 - upper_share) * inner[1]
    return (within + upper_share * (1 - upper_share) * (means[0] - means[1]) ** 2) / within


Row = dict[str, Any]


LOCAL, SYSTEM = "local entropy, root mean square", "entropy of all runs"


ANNEALING, QUENCH = "the annealing formula", "the quench formula, in quenches"


NO_LESS = {"stated": 1.0, "relation": ">="}


TAUS = (1.0, 3.0, 10.0, 30.0)


UNEVEN, LEVEL = double_well(1.0, 0.5), double_well(1.0)


def _last(run: TriggerHistory, change: str, made: str) -> float:
    return float(run.ratio(change, made)[-1])


def _median(run: TriggerHistory, change: str) -> float:
    return float(np.median(run.ratio(change)))


def speed_rows() -> Iterator[Row]:
    """Comparisons in one quadratic well: the ratio of the trigger, and whether faster cooling raises it."""
    well = harmonic(1.0)
    laws: dict[str, tuple[str, str, Callable[[float], Any], tuple[float, ...]]] = {
        LOCAL: ("local", "total", trigger_ratio, TAUS),
        SYSTEM: ("system", "total", entropy_ratio, TAUS),
        ANNEALING: ("local", "annealing", annealing_formula_ratio, TAUS[:3]),
    }
    for reading, (change, made, law, taus) in laws.items():
        found: dict[float, Estimate] = {}
        for tau in taus:
            schedule = Exponential(1.0, tau)
            duration = schedule.duration(0.1)
            found[tau] = refined_trigger(partial(_last, change=change, made=made), well, schedule, duration)
            behind = float(variance_lag(1.0, schedule, [0, duration])[-1])
            yield {"at": {"tau": tau, "trigger": reading}, "measured": found[tau], "corrected": float(law(behind))}
        for fast, slow in pairwise(taus):
            ratio = over(found[fast], found[slow])
            yield {"at": {"fast tau": fast, "slow tau": slow}, "measured": ratio, "reading": reading, **NO_LESS}
    for reading, made, law in ((LOCAL, "total", trigger_ratio), (QUENCH, "quench", quench_formula_ratio)):
        after: dict[float, Estimate] = {}
        for drop in (4.0, 16.0):
            take = partial(_last, change="local", made=made)
            after[drop] = refined_trigger(take, well, quench(1.0), 0.01, start=drop, records=1)
            behind = float(variance_lag(1.0, quench(1.0), [0, 0.01], start=drop)[-1])
            at = {"quench by": drop, "trigger": reading}
            yield {"at": at, "measured": after[drop], "corrected": float(law(behind))}
        at = {"fast": "quench by 16", "slow": "quench by 4"}
        yield {"at": at, "measured": over(after[16.0], after[4.0]), "reading": reading, **NO_LESS}


def _cooled(loss: Quartic, tau: float, quantity: Callable[[TriggerHistory], float], end: float = 0.05) -> Estimate:
    schedule = Exponential(1.0, tau)
    return refined_trigger(quantity, loss, schedule, schedule.duration(end))


def trapping_rows() -> Iterator[Row]:
    """Comparisons in two wells: whether runs that trap more raise the trigger, and what trapping does raise."""
    taus = (3.0, 30.0, 300.0, 3000.0)
    for change, reading in (("local", LOCAL), ("system", SYSTEM)):
        typical = {tau: _cooled(UNEVEN, tau, partial(_median, change=change)) for tau in taus}
        for more, less in pairwise(taus):
            at: dict[str, Any] = {"traps more: tau": more, "traps fewer: tau": less, "ratio": "median of the run"}
            yield {"at": at, "measured": over(typical[more], typical[less]), "reading": reading, **NO_LESS}
    take = partial(_last, change="local", made="quench")
    at = {"traps more": "uneven, tau 30", "traps none": "level, tau 10"}
    ratio = over(_cooled(UNEVEN, 30.0, take), _cooled(LEVEL, 10.0, take))
    yield {"at": at, "measured": ratio, "reading": "the quench formula", **NO_LESS}
    upper = UNEVEN.stationary_points()[0]
    softest = 12 * upper**2 - 4  # curvature of the upper well
    for tau in (100.0, 300.0):
        run = follow_trigger(UNEVEN, Exponential(1.0, tau), Exponential(1.0, tau).duration(0.05), records=40)
        yield {
            "at": {"tau": tau, "quantity": "fluctuations over response, jumps frozen"},
            "measured": _cooled(UNEVEN, tau, lambda run: float(run.fluctuations()[-2])),
            "corrected": frozen_fluctuation_ratio(UNEVEN, float(run.trapped[-2]), float(run.temperature[-2])),
            "rtol": 1 / (2 * softest * tau),
            "rtol_reason": "inside the wells the spread itself trails, by 1/(2 k tau) with k the smaller curvature",
        }
    take = partial(_last, change="system", made="total")
    for temperature in (0.7, 0.5):
        one, two = (_cooled(UNEVEN, tau, take, temperature) for tau in (1000.0, 2000.0))
        slope = Estimate((two.value - one.value) / 1000, float(np.hypot(one.stderr, two.stderr)) / 1000, 1)
        friction = slow_cooling(UNEVEN, temperature, 1.0, Grid.around(UNEVEN, temperature, 4000)).friction_time
        yield {
            "at": {"T": temperature, "quantity": "entropy change over production, per cooling time"},
            "measured": slope,
            "corrected": 1 / friction,
        }
