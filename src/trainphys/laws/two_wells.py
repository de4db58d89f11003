"""Two wells: how fast a density crosses between them, what share is left in the upper one, and the least possible."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp
from scipy.special import expit

from trainphys.arrays import Array
from trainphys.checks import above_zero, inside, one, positive, within
from trainphys.laws.success import boltzmann_success
from trainphys.systems.coolings import Budget, Schedule
from trainphys.systems.losses import Quartic, wells

REACH = 40.0  # the quadrature goes at least this many T up the outer walls
POINTS = 4001


@dataclass(frozen=True, slots=True)
class Hopping:
    """Relaxation rate between the wells, and the upper well's share at equilibrium."""

    rate: float
    upper_share: float


def hopping_rate(potential: Quartic, temperature: float, mobility: float = 1.0) -> Hopping:
    r"""Rate of exchange between two wells, from the flux over the barrier per population.

    $$r=\frac{\eta T}{\int_a^be^{L/T}dx}\left(\frac1{Z_a}+\frac1{Z_b}\right),\qquad
    Z_{a,b}=\int_{\text{well}}e^{-L/T}dx,$$ from minimum a to minimum b; Kramers' rate when $T$ is small against the
    barrier.

    Args:
        potential: a double well with the lower (or level) minimum on the right.
        temperature: T > 0, loss units.
        mobility: $\eta>0$.

    Returns:
        The rate, per time, and the share of the upper well at equilibrium.

    Raises:
        ValueError: not such a double well, or a temperature or mobility that is not positive.

    Source: Hänggi, Talkner and Borkovec (1990), "Reaction-rate theory: fifty years after Kramers", section II.

    >>> from trainphys.systems.losses import double_well
    >>> found = hopping_rate(double_well(1.0), 0.05)
    >>> kramers = 2 * np.sqrt(8.0 * 4.0) / (2 * np.pi) * np.exp(-1 / 0.05)  # both directions
    >>> bool(abs(found.rate / kramers - 1) < 0.05), round(found.upper_share, 9)
    (True, 0.5)
    """
    temperature, mobility = one(temperature=temperature, mobility=mobility)
    positive(temperature=temperature, mobility=mobility)
    log_rates, log_odds = _hopping(potential, np.array([temperature]))
    return Hopping(mobility * math.exp(log_rates[0]), float(expit(log_odds[0])))


def _hopping(potential: Quartic, temperatures: Array) -> tuple[Array, Array]:
    """Logarithms of rates for mobility one, and of the odds of the upper well, at many temperatures.

    Each integral is taken from the extremum in it: what is left of the Boltzmann factors may be too small for a number.
    """
    shape, beta = wells(potential), 1 / temperatures
    upper, top, lower = (float(v) for v in potential.value([shape.upper, shape.top, shape.lower]))
    left, right = np.empty(len(beta)), np.empty(len(beta))
    reach = 2.0 ** np.ceil(np.log2(REACH * temperatures))
    for height in np.unique(reach):  # few: the loss is looked up once for each
        here = reach == height
        first, last = potential.walls(upper + height)[0], potential.walls(lower + height)[1]
        left[here] = _log_integrals(beta[here], lambda x: upper - potential.value(x), first, shape.top)
        right[here] = _log_integrals(beta[here], lambda x: lower - potential.value(x), shape.top, last)
    pass_over = _log_integrals(beta, lambda x: potential.value(x) - top, shape.upper, shape.lower)
    down, up = beta * (upper - top) - left, beta * (lower - top) - right
    return np.log(temperatures) - pass_over + np.logaddexp(down, up), left - right - beta * (upper - lower)


def crossed_share(potential: Quartic, temperature: float, mobility: float, duration: float) -> float:
    r"""Share of its way to equilibrium that the population of the upper well has gone: $1-e^{-rt_f}$.

    Args:
        potential: a double well with the lower (or level) minimum on the right.
        temperature: T > 0, constant.
        mobility: $\eta>0$, constant.
        duration: $t_f>0$.

    Raises:
        ValueError: not such a double well, or a temperature, mobility or duration that is not positive.

    Source: rate r from ``hopping_rate``.

    >>> from trainphys.systems.losses import double_well
    >>> rate = hopping_rate(double_well(1.0), 0.5).rate
    >>> round(crossed_share(double_well(1.0), 0.5, 1.0, math.log(2) / rate), 12)
    0.5
    """
    above_zero(duration=duration)
    return float(-np.expm1(-hopping_rate(potential, temperature, mobility).rate * duration))


def upper_share(potential: Quartic, schedule: Schedule, times: ArrayLike, start: float | None = None) -> Array:
    r"""Share of the upper well along a schedule, from $\dot u=-r(T)\,(u-u_{\rm eq}(T))$.

    It is the density's slow part: right where hopping is slower than the motion inside the wells, and where it is
    not, u follows equilibrium anyway. It starts from equilibrium unless told otherwise.

    >>> from trainphys.systems.losses import double_well
    >>> from trainphys.systems.coolings import cooling
    >>> u = upper_share(double_well(1.0), cooling(1.0, 0.05, 10.0), [0.0, 10.0])
    >>> round(float(u[-1]), 6)
    0.5
    """
    t = _increasing(times)
    if start is not None:
        within(0, 1, start=start)
    # rates on a table in 1/T, where their logarithm is almost a straight line
    temperature = np.asarray(schedule.temperature(t))
    beta = (
        np.geomspace(1 / temperature.max(), 1 / temperature.min(), 150)
        if np.ptp(temperature) > 0
        else np.ones(2) / temperature[0]
    )
    log_rate, log_odds = _hopping(potential, 1 / beta)

    def change(time: float, u: Array) -> Array:
        b = 1 / float(schedule.temperature(time))
        rate = float(schedule.mobility(time)) * np.exp(np.interp(b, beta, log_rate))
        return np.asarray(rate * (expit(np.interp(b, beta, log_odds)) - u))

    first = expit(log_odds[0]) if start is None else start
    found = solve_ivp(change, (t[0], t[-1]), [first], "LSODA", t, rtol=1e-8, atol=1e-12)
    return np.asarray(found.y[0])


def best_share(
    potential: Quartic, times: ArrayLike, start: float, coldest: float, hottest: float, mobility: float = 1.0
) -> tuple[Array, Array]:
    r"""Smallest share of the upper well of a given loss, and the temperatures that lead to it.

    $\dot u=\min_T\{-r(T)\,[u-u_{\rm eq}(T)]\}$ with r and $u_{\rm eq}$ from
    ``hopping_rate``: no Arrhenius law is assumed.

    The mobility is constant; the first of the times is the start. Being the fastest at each moment is also best for the
    end: two runs of one number cannot overtake each other.

    >>> from trainphys.systems.losses import double_well
    >>> u, T = best_share(double_well(1.0, 0.5), [0.0, 50.0, 100.0], 0.4, 0.05, 1.0)
    >>> bool(u[2] < u[1] < 0.4 and T[2] < T[0])
    True
    """
    t = _increasing(times)
    inside(0, 1, start=start)
    if not 0 < coldest < hottest:
        raise ValueError(f"expected 0 < coldest < hottest, got {coldest} and {hottest}: sort them")
    beta = np.linspace(1 / hottest, 1 / coldest, 400)
    log_rate, log_odds = _hopping(potential, 1 / beta)
    rate, rest = mobility * np.exp(log_rate), expit(log_odds)

    def fastest(_: float, u: Array) -> Array:
        return np.asarray([_lowest(-rate * (u[0] - rest), beta)[0]])

    found = solve_ivp(fastest, (t[0], t[-1]), [start], "LSODA", t, rtol=1e-8, atol=1e-12)
    u = np.asarray(found.y[0])
    return u, np.array([1 / _lowest(-rate * (x - rest), beta)[1] for x in u])


def _lowest(values: Array, places: Array) -> tuple[float, float]:
    """Minimum of a smooth table, by the parabola through the lowest entry and its neighbours."""
    i = int(np.argmin(values))
    if i in (0, len(values) - 1):
        return float(values[i]), float(places[i])
    left, middle, right = values[i - 1 : i + 2]
    offset = (left - right) / 2 / (left - 2 * middle + right)
    return float(middle - (left - right) * offset / 4), float(places[i] + offset * (places[1] - places[0]))


def race_law(potential: Quartic, budget: Budget, tolerance: float) -> tuple[float, float]:
    r"""Failure probabilities of annealing and quench in a double well, by the two-state law.

    $$P_{\rm fail}=u+(1-u)f,$$ u the share that froze in the upper well, f the share of the lower well's equilibrium
    at $T_f$ that lies beyond the tolerance. The quench starts from the share of the upper well at $T_0$.

    >>> from trainphys.systems.losses import double_well
    >>> annealing, quenched = race_law(double_well(1.0, 0.5), Budget(1.0, 0.05, 100.0), 0.3)
    >>> annealing < quenched
    True
    """
    gap = wells(potential).gap
    if not 0 < tolerance < gap:
        raise ValueError(f"expected 0 < tolerance < {gap:.3g}, the gap between the wells, got {tolerance}")
    cold = hopping_rate(potential, budget.end)
    beyond = (1 - boltzmann_success(potential, budget.end, tolerance) - cold.upper_share) / (1 - cold.upper_share)
    slow = float(upper_share(potential, budget.annealing, np.linspace(0, budget.duration, 200))[-1])
    first = hopping_rate(potential, budget.start).upper_share
    fast = cold.upper_share + (first - cold.upper_share) * math.exp(-cold.rate * budget.quench_duration)
    return slow + (1 - slow) * beyond, fast + (1 - fast) * beyond


def annealing_advantage(potential: Quartic, budget: Budget, tolerance: float) -> float:
    """Failures of the quench for each failure of the annealing by ``race_law``; above one, annealing is better.

    >>> from trainphys.systems.losses import double_well
    >>> annealing_advantage(double_well(1.0, 0.5), Budget(1.0, 0.05, 100.0), 0.3) > 2
    True
    """
    annealing, quenched = race_law(potential, budget, tolerance)
    return quenched / annealing


def _increasing(times: ArrayLike) -> Array:
    t = np.asarray(times, dtype=float)
    if t.ndim != 1 or t.size < 2 or not (np.diff(t) > 0).all():
        raise ValueError("expected at least two increasing times, got others: sort them")
    return t


def _log_integrals(beta: Array, height: Callable[[Array], Array], low: float, high: float) -> Array:
    r"""$\ln\int e^{\beta h(x)}dx$ by the trapezoidal rule, for each $\beta$."""
    x, step = np.linspace(low, high, POINTS, retstep=True)
    h, found = height(x), np.empty(len(beta))
    for i, b in enumerate(beta):  # one row at a time stays in the cache
        y = np.exp(b * h)
        found[i] = (y.sum() - (y[0] + y[-1]) / 2) * step
    if not found.min() > 0:
        raise ValueError(
            f"expected a temperature that the loss resolves, got {1 / beta.max():.3g}: it is lost in rounding"
        )
    return np.log(found)
