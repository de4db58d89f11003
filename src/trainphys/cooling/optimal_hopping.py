r"""Best chance of the deeper of two wells: the temperature to hold at each moment."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from trainphys.cooling.potentials import Quartic
from trainphys.cooling.two_state import hopping

Array = NDArray[np.float64]


def best_hopping_temperature(share: ArrayLike, barrier: float, gap: float) -> Array:
    r"""Temperature at which the upper well empties fastest, when jumps follow $r=r_0e^{-B/T}$.

    $$T^*(u)=\frac\Delta{\ln\left[(1+\Delta/B)/u\right]},$$ where $e^{-\Delta/T}=uB/(B+\Delta)$. Being the fastest at
    each moment is also best for the end: two runs of one number cannot overtake each other.

    Args:
        share: u, share of the runs in the upper well, between 0 and 1.
        barrier: $B>0$, seen from the upper well, loss units.
        gap: $\Delta>0$, between the minima.

    Raises:
        ValueError: a share outside 0..1, or an argument that is not positive.

    >>> round(float(best_hopping_temperature(2 / np.e, 1.0, 1.0)), 12)
    1.0
    """
    u = _share(share, barrier, gap)
    return np.asarray(gap / np.log((1 + gap / barrier) / u))


def best_hopping_share(t: ArrayLike, start: float, rate: float, barrier: float, gap: float) -> Array:
    r"""Smallest share of the upper well that any schedule can reach, when $\dot u=-r_0e^{-B/T}(u-e^{-\Delta/T})$.

    $$u(t)=\left[u_0^{-B/\Delta}+\left(\tfrac B{B+\Delta}\right)^{1+B/\Delta}r_0t\right]^{-\Delta/B},$$ so that in the
    end $T^*\to B/\ln(r_0t)$: logarithmic cooling.

    Args:
        t: time, >= 0.
        start: $u_0$ between 0 and 1.
        rate: $r_0>0$, per time.
        barrier: as in ``best_hopping_temperature``, like gap.

    Raises:
        ValueError: an argument out of its range.

    Source: the power is that of Huse and Fisher (1986), "Residual energies after slow cooling of disordered systems".

    >>> float(best_hopping_share(0.0, 0.25, 1.0, 1.0, 0.5))
    0.25
    """
    u0 = float(_share(start, barrier, gap))
    times = np.asarray(t, dtype=float)
    if (times < 0).any() or not rate > 0:
        raise ValueError(f"expected t >= 0 and rate > 0, got {times.min()} and {rate}: count from the start of the run")
    power = barrier / gap
    kept = (barrier / (barrier + gap)) ** (1 + power)
    return np.asarray((u0**-power + kept * rate * times) ** (-1 / power))


def best_share(
    potential: Quartic, times: ArrayLike, start: float, coldest: float, hottest: float, mobility: float = 1.0
) -> tuple[Array, Array]:
    r"""Smallest share of the upper well of a given loss, and the temperatures that lead to it.

    $\dot u=\min_T\{-r(T)\,[u-u_{\rm eq}(T)]\}$ with r and $u_{\rm eq}$ from ``hopping``: no Arrhenius law is assumed.

    Args:
        potential: a double well with the lower minimum on the right.
        times: increasing times; the first is the start.
        start: share of the upper well there, between 0 and 1.
        coldest: lowest temperature allowed, > 0.
        hottest: highest one.
        mobility: $\eta>0$, constant.

    Returns:
        Share and temperature at the times.

    Raises:
        ValueError: times that do not increase, temperatures in the wrong order, or as ``hopping``.

    >>> from trainphys.cooling.potentials import double_well
    >>> u, T = best_share(double_well(1.0, 0.5), [0.0, 50.0, 100.0], 0.4, 0.05, 1.0)
    >>> bool(u[2] < u[1] < 0.4 and T[2] < T[0])
    True
    """
    t = np.asarray(times, dtype=float)
    if t.ndim != 1 or t.size < 2 or not (np.diff(t) > 0).all():
        raise ValueError("expected at least two increasing times, got others: sort them")
    if not 0 < coldest < hottest or not 0 < start < 1:
        raise ValueError(
            f"expected 0 < coldest < hottest and 0 < start < 1, got {coldest}, {hottest}, {start}: sort them"
        )
    beta = np.linspace(1 / hottest, 1 / coldest, 400)
    table = [hopping(potential, 1 / b, mobility) for b in beta]
    rate, rest = np.array([h.rate for h in table]), np.array([h.upper_share for h in table])

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


def _share(share: ArrayLike, barrier: float, gap: float) -> Array:
    u = np.asarray(share, dtype=float)
    if not ((u > 0) & (u < 1)).all() or not (barrier > 0 and gap > 0):
        raise ValueError(f"expected shares in (0, 1), barrier > 0 and gap > 0, got {u}, {barrier}, {gap}: see wells()")
    return u
