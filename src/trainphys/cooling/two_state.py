"""Cooling a double well, reduced to the one slow number: the share that sits in the upper well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from trainphys.cooling.potentials import Quartic, wells
from trainphys.cooling.schedules import Schedule

Array = NDArray[np.float64]
REACH = 40.0  # the quadrature goes this many T up the outer walls
POINTS = 4001


@dataclass(frozen=True, slots=True)
class Hopping:
    """Relaxation rate between the wells, and the upper well's share at equilibrium."""

    rate: float
    upper_share: float


def hopping(potential: Quartic, temperature: float, mobility: float = 1.0) -> Hopping:
    r"""Rate of exchange between two wells, from the flux over the barrier per population.

    $$r=\frac{\eta T}{\int_a^be^{L/T}dx}\left(\frac1{Z_a}+\frac1{Z_b}\right),\qquad
    Z_{a,b}=\int_{\text{well}}e^{-L/T}dx,$$ from minimum a to minimum b; Kramers' rate when $T$ is small against the
    barrier.

    Args:
        potential: a double well with the lower minimum on the right.
        temperature: T > 0.
        mobility: $\eta>0$.

    Raises:
        ValueError: not such a double well, or a temperature or mobility that is not positive.

    Source: Hänggi, Talkner and Borkovec (1990), "Reaction-rate theory: fifty years after Kramers", section II.

    >>> from trainphys.cooling.potentials import double_well
    >>> found = hopping(double_well(1.0), 0.05)
    >>> kramers = 2 * np.sqrt(8.0 * 4.0) / (2 * np.pi) * np.exp(-1 / 0.05)  # both directions
    >>> bool(abs(found.rate / kramers - 1) < 0.05), round(found.upper_share, 9)
    (True, 0.5)
    """
    if not (temperature > 0 and mobility > 0):
        raise ValueError(f"expected temperature and mobility > 0, got {temperature} and {mobility}")
    shape = wells(potential)
    lowest = potential.minimum()
    half = 1.0
    while min(float(potential.value(-half)), float(potential.value(half))) - lowest < REACH * temperature + shape.gap:
        half *= 1.1
    top = float(potential.value(shape.top))
    left = _integral(lambda x: np.exp(-(potential.value(x) - lowest) / temperature), -half, shape.top)
    right = _integral(lambda x: np.exp(-(potential.value(x) - lowest) / temperature), shape.top, half)
    pass_over = _integral(lambda x: np.exp((potential.value(x) - top) / temperature), shape.upper, shape.lower)
    rate = mobility * temperature * np.exp(-(top - lowest) / temperature) / pass_over * (1 / left + 1 / right)
    return Hopping(float(rate), float(left / (left + right)))


def upper_share(potential: Quartic, schedule: Schedule, times: ArrayLike, start: float | None = None) -> Array:
    r"""Share of the upper well along a schedule, from $\dot u=-r(T)\,(u-u_{\rm eq}(T))$.

    It is the density's slow part: right where hopping is slower than the motion inside the wells, and where it is
    not, u follows equilibrium anyway.

    Args:
        potential: a double well with the lower minimum on the right.
        schedule: temperature and mobility.
        times: increasing times.
        start: share at the first time; by default that of equilibrium.

    Raises:
        ValueError: times that do not increase, a start outside 0..1, or as ``hopping``.

    >>> from trainphys.cooling.potentials import double_well
    >>> from trainphys.cooling.schedules import cooling
    >>> u = upper_share(double_well(1.0), cooling(1.0, 0.05, 10.0), [0.0, 10.0])
    >>> round(float(u[-1]), 6)
    0.5
    """
    t = np.asarray(times, dtype=float)
    if t.ndim != 1 or t.size < 2 or not (np.diff(t) > 0).all():
        raise ValueError("expected at least two increasing times")
    if start is not None and not 0 <= start <= 1:
        raise ValueError(f"expected a share between 0 and 1 as start, got {start}")
    # rates on a table in 1/T, where their logarithm is almost a straight line
    temperature = np.asarray(schedule.temperature(t))
    beta = (
        np.linspace(1 / temperature.max(), 1 / temperature.min(), 150)
        if np.ptp(temperature) > 0
        else np.ones(2) / temperature[0]
    )
    table = [hopping(potential, 1 / b) for b in beta]
    log_rate = np.log([h.rate for h in table])
    log_odds = np.log([h.upper_share / (1 - h.upper_share) for h in table])

    def change(time: float, u: Array) -> Array:
        b = 1 / float(schedule.temperature(time))
        rate = float(schedule.mobility(time)) * np.exp(np.interp(b, beta, log_rate))
        return np.asarray(rate * (1 / (1 + np.exp(-np.interp(b, beta, log_odds))) - u))

    first = table[0].upper_share if start is None else start
    found = solve_ivp(change, (t[0], t[-1]), [first], "Radau", t, rtol=1e-7, atol=1e-12)
    return np.asarray(found.y[0])


def _integral(f, low: float, high: float) -> float:  # type: ignore[no-untyped-def]
    x, step = np.linspace(low, high, POINTS, retstep=True)
    y = f(x)
    return float((y.sum() - (y[0] + y[-1]) / 2) * step)
