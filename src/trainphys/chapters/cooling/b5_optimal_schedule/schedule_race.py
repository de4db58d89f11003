"""Shapes of cooling on an equal budget: who ends near the lowest loss, from one basin and from many."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.estimate import Estimate
from trainphys.laws.gaussian_well import variance_lag
from trainphys.laws.success import boltzmann_success, harmonic_success
from trainphys.laws.two_wells import best_share, hopping_rate, upper_share
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.fokker_planck import evolve
from trainphys.systems.coolings import Schedule
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Custom, Potential, Quartic, double_well, harmonic, wells
from trainphys.tools.schedules.shapes import (
    constant_shape,
    cosine_decay,
    exponential_decay,
    inverse_time_decay,
    linear_decay,
    logarithmic_decay,
    quench_shape,
    step_decay,
)

Shape = Callable[[ArrayLike], Array]


POINTS = 4001  # of the quadrature of the clock


@dataclass(frozen=True, slots=True)
class ShapedCooling:
    r"""Temperature of any shape, with a mobility tied to it: $T=T_0f(t/t_f)$, $\eta=\eta_0(T/T_0)^a$.

    Args:
        shape: f, from progress 0..1 to a positive factor.
        start: $T_0>0$, loss units.
        duration: $t_f>0$.
        tie: a; 0 holds the mobility, 1/2 is the document's $\eta\propto e^{-t/2\tau}$, 1 is SGD at a fixed batch size.
        mobility_start: $\eta_0>0$.

    Raises:
        ValueError: a temperature, duration or mobility that is not positive.

    >>> half = ShapedCooling(partial(exponential_decay, end=0.01), 2.0, 10.0, tie=0.5)
    >>> round(float(half.temperature(10.0)), 9), round(float(half.mobility(10.0)), 9)
    (0.02, 0.1)
    """

    shape: Shape
    start: float
    duration: float
    tie: float = 0.0
    mobility_start: float = 1.0

    def __post_init__(self) -> None:
        if not min(self.start, self.duration, self.mobility_start) > 0:
            raise ValueError(
                "expected start, duration and mobility_start > 0, "
                f"got {self.start}, {self.duration}, {self.mobility_start}"
            )

    def temperature(self, t: ArrayLike) -> Array:
        return np.asarray(self.start * self._factor(t))

    def mobility(self, t: ArrayLike) -> Array:
        return np.asarray(self.mobility_start * self._factor(t) ** self.tie)

    def clock(self) -> float:
        r"""$\int_0^{t_f}\eta\,dt$ of the whole run."""
        t = np.linspace(0, self.duration, POINTS)
        return float(np.trapezoid(self.mobility(t), t))

    def _factor(self, t: ArrayLike) -> Array:
        return np.asarray(self.shape(np.clip(np.asarray(t, dtype=float) / self.duration, 0, 1)))


CONTESTANTS: dict[str, Callable[..., Array]] = {
    "exponential": exponential_decay,
    "constant": constant_shape,
    "linear": linear_decay,
    "cosine": cosine_decay,
    "step": step_decay,
    "inverse time": inverse_time_decay,
    "logarithmic": logarithmic_decay,
    "quench": quench_shape,
}


def contestant(
    name: str, start: float, end: float, duration: float, tie: float = 0.0, clock: float | None = None
) -> ShapedCooling:
    r"""A shape of ``CONTESTANTS`` between two temperatures, on equal time or on equal $\int\eta\,dt$.

    Args:
        name: key of ``CONTESTANTS``; ``"constant"`` stays at ``start``.
        start: $T_0$.
        end: $T_f\le T_0$.
        duration: $t_f$.
        tie: as in ``ShapedCooling``.
        clock: if given, the run is made as long as it takes to $\int\eta\,dt=$ ``clock``.

    Raises:
        ValueError: an unknown name.

    >>> round(contestant("linear", 1.0, 0.1, 5.0, tie=1.0, clock=5.0).clock(), 6)
    5.0
    """
    if name not in CONTESTANTS:
        raise ValueError(f"expected a name from {sorted(CONTESTANTS)}, got {name!r}")
    schedule = ShapedCooling(partial(CONTESTANTS[name], end=end / start), start, duration, tie)
    if clock is None:
        return schedule
    return ShapedCooling(schedule.shape, start, duration * clock / schedule.clock(), tie)


def best_chance_cooling(
    potential: Quartic, duration: float, end: float, hot: float = 1.0, last: float = 0.03
) -> ShapedCooling:
    r"""Schedule of the best chance of the deeper well: $T^*(u)$ of ``best_share``, and the end temperature at last.

    Args:
        potential: a double well with the lower minimum on the right.
        duration: $t_f$.
        end: coldest temperature, held for the last part of the run, in which the density settles within its well.
        hot: temperature of the density at the start, and the hottest one allowed.
        last: share of the time for that, 0 to 1.

    Raises:
        ValueError: as ``best_share``, or a share outside 0..1.

    >>> from trainphys.systems.losses import double_well
    >>> best = best_chance_cooling(double_well(1.0, 0.5), 100.0, 0.05)
    >>> bool(best.temperature(100.0) < best.temperature(50.0) < best.temperature(0.0) <= 1.0)
    True
    """
    if not 0 < last < 1:
        raise ValueError(f"expected 0 < last < 1, got {last}")
    progress = np.append(0.0, np.geomspace(1e-4, 1 - last, 300))
    share = hopping_rate(potential, hot).upper_share
    table = best_share(potential, duration * progress, share, end, hot)[1]
    points, values = np.append(progress, [1 - last + 1e-6, 1.0]), np.append(table, [end, end]) / table[0]

    def shape(p: ArrayLike) -> Array:
        return np.asarray(np.interp(np.asarray(p, dtype=float), points, values))

    return ShapedCooling(shape, float(table[0]), duration)


def corrugated(curvature: float, amplitude: float, spacing: float) -> Custom:
    r"""Many basins: $L=\tfrac12kx^2+A\left(1-\cos\frac{2\pi x}{\ell}\right)$, the lowest one in the middle.

    The slope for particles is not provided; densities need the values alone.

    Args:
        curvature: k > 0.
        amplitude: A >= 0; barriers are about 2A.
        spacing: $\ell>0$ between basins.

    Raises:
        ValueError: an argument out of range.

    >>> float(corrugated(0.1, 0.5, 1.0).value(0.0))
    0.0
    """
    if not (curvature > 0 and amplitude >= 0 and spacing > 0):
        raise ValueError(f"expected positive arguments, got {curvature}, {amplitude}, {spacing}")

    def value(x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=float)
        return np.asarray(curvature * x**2 / 2 + amplitude * (1 - np.cos(2 * np.pi * x / spacing)))

    return Custom(value, None)


def final_failure(
    potential: Potential,
    schedule: ShapedCooling,
    tolerance: float,
    hot: float = 1.0,
    cells: int = 600,
    steps: int = 1000,
) -> Estimate:
    r"""$P(L-L_{\min}\ge\varepsilon)$ at the end of a schedule, by the Fokker-Planck equation.

    Args:
        potential: the loss.
        schedule: what the density goes through, from its Boltzmann density at ``hot``.
        tolerance: $\varepsilon>0$, loss units.
        hot: temperature of the density at the start.
        cells: of the grid; the change on halving cells and steps is the error.
        steps: equal time steps.

    Raises:
        ValueError: as ``evolve``.

    >>> from trainphys.systems.losses import harmonic
    >>> still = ShapedCooling(constant_shape, 0.1, 20.0)
    >>> found = final_failure(harmonic(), still, 0.3, 0.1, 400, 200)  # at rest all the time
    >>> bool(abs(found.value - math.erfc(3**0.5)) < 1e-4)
    True
    """
    return with_refinement_error(lambda c, s: _failure(potential, schedule, tolerance, hot, c, s), cells, steps)


def two_state_failure(
    potential: Quartic, schedule: Schedule, duration: float, tolerance: float, hot: float = 1.0
) -> float:
    r"""$P_{\rm fail}=u+(1-u)f$ in a double well under any schedule, by the two-state law.

    u is the share that is left in the upper well, f the share of the lower well's equilibrium at the final temperature
    that lies beyond the tolerance.

    Args:
        potential: a double well with the lower minimum on the right.
        schedule: temperature and mobility.
        duration: $t_f$.
        tolerance: $0<\varepsilon<$ gap between the minima.
        hot: temperature of the Boltzmann density at the start.

    Raises:
        ValueError: a tolerance that includes the upper well.

    >>> from trainphys.systems.losses import double_well
    >>> from trainphys.laws.two_wells import Budget, race_law
    >>> loss, budget = double_well(1.0, 0.5), Budget(1.0, 0.05, 100.0)
    >>> law = two_state_failure(loss, budget.annealing, 100.0, 0.3)
    >>> bool(abs(law / race_law(loss, budget, 0.3)[0] - 1) < 1e-3)
    True
    """
    gap = wells(potential).gap
    if not 0 < tolerance < gap:
        raise ValueError(f"expected 0 < tolerance < {gap:.3g}, the gap between the wells, got {tolerance}")
    end = float(schedule.temperature(duration))
    cold = hopping_rate(potential, end).upper_share
    beyond = (1 - boltzmann_success(potential, end, tolerance) - cold) / (1 - cold)
    share = float(
        upper_share(potential, schedule, np.linspace(0, duration, 400), hopping_rate(potential, hot).upper_share)[-1]
    )
    return share + (1 - share) * beyond


def failure_ratio(
    potential: Potential, one: ShapedCooling, other: ShapedCooling, tolerance: float, hot: float = 1.0, cells: int = 600
) -> Estimate:
    """Failures at the end of ``one`` for each failure at the end of ``other``, both by ``final_failure``."""
    a, b = (final_failure(potential, s, tolerance, hot, cells) for s in (one, other))
    value = a.value / b.value
    return Estimate(value, value * math.hypot(a.stderr / a.value, b.stderr / b.value), 1)


def failure_ratio_law(
    potential: Quartic, one: ShapedCooling, other: ShapedCooling, tolerance: float, hot: float = 1.0
) -> float:
    """The same ratio by the two-state law in a double well, and by the exact spread in a quadratic one."""

    def law(s: ShapedCooling) -> float:
        if len(potential.stationary_points()) == 3:
            return two_state_failure(potential, s, s.duration, tolerance, hot)
        curvature = 2 * potential.coefficients[2]
        end = float(s.temperature(s.duration))
        late = variance_lag(curvature, s, [0.0, s.duration], hot / float(s.temperature(0.0)))[-1]
        return 1 - float(harmonic_success(tolerance / end, 1, float(late)))

    return law(one) / law(other)


def tuned_failure(
    name: str, potential: Potential, duration: float, tolerance: float, hot: float = 1.0, tie: float = 0.0
) -> tuple[ShapedCooling, Estimate]:
    """A shape with the end points that suit it best: both temperatures searched on a grid that is refined twice.

    Args:
        name: key of ``CONTESTANTS``.
        potential: the loss.
        duration: length of the run.
        tolerance: as in ``final_failure``.
        hot: temperature of the density at the start; the schedule may begin below or above it.
        tie: as in ``ShapedCooling``.
    """
    centre, span = np.log([0.5 * hot, 0.1 * hot]), 1.2

    def fails(ends: Array) -> float:
        first, last = np.exp(np.maximum(ends, math.log(0.01 * hot)))
        return _failure(potential, contestant(name, first, min(last, first), duration, tie), tolerance, hot, 160, 160)

    for _ in range(4):
        first = [0.0] if name == "quench" else [-1.0, 0.0, 1.0]  # a quench has its end alone, a constant its start
        last = [0.0] if name == "constant" else [-1.0, 0.0, 1.0]
        tried = [centre + span * np.array(move) for move in itertools.product(first, last)]
        centre = min(tried, key=fails)
        span *= 0.6
    start, end = np.exp(centre)
    best = contestant(name, float(start), float(min(end, start)), duration, tie)
    return best, final_failure(potential, best, tolerance, hot)


def landscapes() -> dict[str, tuple[Potential, float]]:
    """Losses of the race by name, each with the tolerance that tells its lowest basin from the others."""
    found: dict[str, tuple[Potential, float]] = {"one basin": (harmonic(), 0.15)}
    for barrier in (0.5, 1.0, 2.0):
        found[f"two wells, barrier {barrier:g}"] = (double_well(barrier, barrier / 2), 0.3 * barrier)
    return {**found, "many basins": (corrugated(0.1, 0.25, 2.0), 0.15)}


SETTINGS: dict[str, tuple[float, bool]] = {  # tie of the mobility, and whether the clock is equal
    "constant mobility": (0.0, False),
    "falling mobility, equal time": (0.5, False),
    "falling mobility, equal clock": (0.5, True),
}


def race_table(*, budgets: tuple[float, ...], start: float = 1.0, end: float = 0.05) -> list[dict[str, str | float]]:
    """Failures of every contestant on every landscape, budget and setting, between the same temperatures.

    Args:
        budgets: lengths of the run, or with an equal clock $\\int\\eta\\,dt$.
        start: $T_0$, also of the density at the start.
        end: $T_f$.

    Returns:
        Rows with landscape, setting, budget, shape, failure and its solver error.
    """
    rows: list[dict[str, str | float]] = []
    for (land, (loss, tolerance)), (setting, (tie, clock)), t, name in itertools.product(
        landscapes().items(), SETTINGS.items(), budgets, CONTESTANTS
    ):
        schedule = contestant(name, start, end, t, tie, t if clock else None)
        found = final_failure(loss, schedule, tolerance, start, 300, 400)
        where = {"landscape": land, "setting": setting, "budget": t, "shape": name}
        rows.append({**where, "failure": found.value, "error": found.tolerance()})
    return rows


def tuned_table(*, budgets: tuple[float, ...]) -> list[dict[str, str | float]]:
    """The same at constant mobility with each shape's own best end points; the one basin is left out.

    There every shape turns into the coldest quench that is allowed.
    """
    rows: list[dict[str, str | float]] = []
    for (land, (loss, tolerance)), t, name in itertools.product(landscapes().items(), budgets, CONTESTANTS):
        if land != "one basin":
            schedule, found = tuned_failure(name, loss, t, tolerance)
            ends = {"start": schedule.start, "end": float(schedule.temperature(t))}
            where = {"landscape": land, "setting": "tuned ends", "budget": t, "shape": name}
            rows.append({**where, **ends, "failure": found.value, "error": found.tolerance()})
    return rows


def _failure(
    potential: Potential, schedule: ShapedCooling, tolerance: float, hot: float, cells: int, steps: int
) -> float:
    grid = Grid.around(potential, max(hot, schedule.start), cells)
    times = schedule.duration * np.linspace(0, 1, steps + 1)
    end = evolve(potential, boltzmann(potential, hot, grid), schedule, times, grid).density[0]
    return 1.0 - _within(potential, end, tolerance, grid)


def _within(potential: Potential, density: Array, tolerance: float, grid: Grid) -> float:
    """Mass where the loss is within the tolerance of the lowest: ``mass_within`` for losses of any kind."""
    fine = 64
    x = grid.left + grid.width * (np.arange(grid.cells * fine) + 0.5) / fine
    loss = potential.value(x)
    return float((np.interp(x, grid.centres, density) * (loss - loss.min() < tolerance)).sum() * grid.width / fine)
