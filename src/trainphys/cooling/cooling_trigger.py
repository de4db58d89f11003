"""The document's trigger for adapting a schedule, followed along cooling runs, beside what does mark trapped states."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainphys.cooling.entropy import production
from trainphys.cooling.fokker_planck import Grid, boltzmann, jump_rates
from trainphys.cooling.halving import halved
from trainphys.cooling.potentials import Quartic
from trainphys.cooling.refined_runs import densities_along
from trainphys.cooling.schedules import Exponential
from trainphys.estimate import Estimate

Array = NDArray[np.float64]


def trigger_ratio(y: ArrayLike, dimension: int = 1) -> Array:
    r"""The document's trigger in quadratic wells, $\sqrt{\langle(\partial_ts)^2\rangle}\,/\,\dot s_{\rm tot}$ for a
    Gaussian.

    $$R=\frac1{|y-1|}\sqrt{\frac2d},\qquad y=\lambda\sigma^2/T,$$ infinite at equilibrium, less the further the
    spread lags behind the temperature.

    Args:
        y: lag of the spread behind the temperature, > 0, the same in all d directions; 1 at equilibrium.
        dimension: d >= 1.

    Raises:
        ValueError: a lag that is not positive.

    >>> float(trigger_ratio(3.0, dimension=2)), float(trigger_ratio(1.0))
    (0.5, inf)
    """
    lags = _lags(y)
    if dimension < 1:
        raise ValueError(f"expected dimension >= 1, got {dimension}")
    with np.errstate(divide="ignore"):
        return np.asarray(math.sqrt(2 / dimension) / np.abs(lags - 1))


def entropy_ratio(y: ArrayLike) -> Array:
    r"""The trigger with the entropy of all runs in place of the local one, $|\dot S|/\dot s_{\rm tot}=1/|y-1|$.

    Raises:
        ValueError: a lag that is not positive.

    >>> float(entropy_ratio(3.0))
    0.5
    """
    with np.errstate(divide="ignore"):
        return np.asarray(1 / np.abs(_lags(y) - 1))


def quench_formula_ratio(y: ArrayLike) -> Array:
    r"""The trigger with the document's quench formula $\eta\beta\langle|\nabla L|^2\rangle$ as entropy production.

    $$\sqrt2\,|y-1|/y^2$$ in one quadratic well: it rises with the lag up to $y=2$ and falls beyond.

    Raises:
        ValueError: a lag that is not positive.

    >>> round(float(quench_formula_ratio(2.0)) * 8**0.5, 12)
    1.0
    """
    lags = _lags(y)
    return np.asarray(math.sqrt(2) * np.abs(lags - 1) / lags**2)


def annealing_formula_ratio(y: ArrayLike) -> Array:
    r"""The trigger with the document's annealing formula, heat minus diffusion, as entropy production.

    $$\sqrt2/(y+1)$$ in one quadratic well: it falls as the lag grows.

    Raises:
        ValueError: a lag that is not positive.

    >>> round(float(annealing_formula_ratio(1.0)) * 2**0.5, 12)
    1.0
    """
    return np.asarray(math.sqrt(2) / (_lags(y) + 1))


def fluctuation_ratio(y: ArrayLike) -> Array:
    r"""Loss fluctuations over the response of the mean loss, $\frac{\operatorname{var}(L)/T^2}{d\langle L\rangle/dT}$.

    One at equilibrium. In quadratic wells that trail exponential cooling at a constant lag it equals the lag $y$.

    Raises:
        ValueError: a lag that is not positive.

    >>> float(fluctuation_ratio(2.0))
    2.0
    """
    return np.asarray(1.0 * _lags(y))


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

    >>> from trainphys.cooling.potentials import harmonic
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

    >>> from trainphys.cooling.potentials import harmonic
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

    >>> from trainphys.cooling.potentials import harmonic
    >>> from trainphys.cooling.gaussian import lag
    >>> schedule = Exponential(1.0, tau=1.0)
    >>> found = refined_trigger(lambda run: run.ratio()[-1], harmonic(), schedule, 2.0)
    >>> bool(abs(found.value - trigger_ratio(lag(1.0, schedule, [0, 2.0])[-1])) < found.tolerance())
    True
    """
    return halved(
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

    >>> from trainphys.cooling.potentials import double_well
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


def frozen_share_fluctuation(upper_share: float, gap: float, temperature: float, dimension: int = 1) -> float:
    r"""The same for two quadratic wells of d parameters, $1+2u(1-u)\Delta^2/(T^2d)$: the limit of low temperature.

    Args:
        upper_share: u, 0 to 1.
        gap: $\Delta\ge0$, loss of the upper minimum above the lower one.
        temperature: T > 0.
        dimension: d >= 1.

    Raises:
        ValueError: an argument out of range.

    >>> frozen_share_fluctuation(0.5, 2.0, 1.0)
    3.0
    """
    if not (0 <= upper_share <= 1 and gap >= 0 and temperature > 0 and dimension >= 1):
        raise ValueError(
            "expected 0 <= upper_share <= 1, gap >= 0, temperature > 0, dimension >= 1, "
            f"got {upper_share}, {gap}, {temperature}, {dimension}"
        )
    return 1 + 2 * upper_share * (1 - upper_share) * gap**2 / (temperature**2 * dimension)


def _lags(y: ArrayLike) -> Array:
    lags = np.asarray(y, dtype=float)
    if not (lags > 0).all():
        raise ValueError(f"expected a lag > 0, got {lags.min()}")
    return lags
