"""How slow is slow enough: cooling times that keep dissipation, distance from equilibrium or lag within a limit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from trainphys.arrays import Array
from trainphys.laws.two_wells import hopping_rate
from trainphys.systems.losses import Quartic, wells


def relaxation_time(curvature: ArrayLike, mobility: ArrayLike = 1.0) -> Array:
    r"""Time in which a mode forgets where it started, $1/(\eta\lambda)$; the number of parameters does not enter.

    Raises:
        ValueError: a curvature or mobility that is not positive.

    >>> float(relaxation_time(0.5, mobility=0.1))
    20.0
    """
    return 1 / (_positive(mobility, "mobility") * _positive(curvature, "curvature"))


def dissipation_time(
    curvatures: ArrayLike, cooling_ratio: float, mobility: float = 1.0, dissipation: float = 1.0
) -> float:
    r"""Cooling time at which slow exponential cooling from $T_0$ to $T_f$ produces a given total entropy.

    $$\tau=\frac{\ln(T_0/T_f)}{4\eta\,s}\sum_i\frac1{\lambda_i},$$ the limit of slow cooling in a quadratic loss, $s$
    in nats.

    Args:
        curvatures: Hessian eigenvalues $\lambda_i>0$.
        cooling_ratio: $T_0/T_f>1$.
        mobility: $\eta>0$.
        dissipation: $s>0$, entropy produced in the whole run (nats).

    Raises:
        ValueError: an argument out of range.

    Source: $\dot s_{\rm tot}=1/(4\eta\lambda\tau^2)$ per mode, derived in the chapter on guarantees.

    >>> round(dissipation_time([1.0, 1.0, 1.0], math.exp(4.0)), 12)
    3.0
    """
    if not (cooling_ratio > 1 and mobility > 0 and dissipation > 0):
        raise ValueError(
            f"expected cooling_ratio > 1, mobility > 0, dissipation > 0, got {cooling_ratio}, {mobility}, {dissipation}"
        )
    inverse = (1 / _positive(curvatures, "curvatures")).sum()
    return float(math.log(cooling_ratio) * inverse / (4 * mobility * dissipation))


def time_to_closeness(curvatures: ArrayLike, divergence: float, mobility: float = 1.0) -> float:
    r"""Cooling time that keeps the divergence from Boltzmann's density at a given value, in the limit of slow cooling.

    $$\tau=\frac1{4\eta}\sqrt{\frac{1}{D}\sum_i\frac1{\lambda_i^2}}$$

    Args:
        curvatures: Hessian eigenvalues $\lambda_i>0$.
        divergence: D > 0, nats.
        mobility: $\eta>0$.

    Raises:
        ValueError: an argument that is not positive.

    >>> time_to_closeness([1.0, 1.0, 1.0, 1.0], 0.25)
    1.0
    """
    if not (divergence > 0 and mobility > 0):
        raise ValueError(f"expected divergence > 0 and mobility > 0, got {divergence} and {mobility}")
    return float(np.sqrt((_positive(curvatures, "curvatures") ** -2).sum() / divergence) / (4 * mobility))


def final_temperature(excess_loss: float, dimension: int) -> float:
    r"""Temperature at which a quadratic loss of d parameters keeps a given mean excess, $2\varepsilon/d$.

    The curvatures do not enter (equipartition).

    Raises:
        ValueError: an excess that is not positive, or a dimension below one.

    >>> final_temperature(0.5, 10)
    0.1
    """
    if not excess_loss > 0 or dimension < 1:
        raise ValueError(f"expected excess_loss > 0 and dimension >= 1, got {excess_loss} and {dimension}")
    return 2 * excess_loss / dimension


def spread_temperature(curvature: float, spread: float) -> float:
    r"""Temperature at which a mode of given curvature spreads by a given standard deviation, $T=\lambda\ell^2$.

    Raises:
        ValueError: an argument that is not positive.

    >>> spread_temperature(0.5, 2.0)
    2.0
    """
    if not (curvature > 0 and spread > 0):
        raise ValueError(f"expected curvature > 0 and spread > 0, got {curvature} and {spread}")
    return curvature * spread**2


def _positive(x: ArrayLike, name: str) -> Array:
    values = np.asarray(x, dtype=float)
    if not np.all(values > 0):
        raise ValueError(f"expected {name} > 0, got {values.min()}: along a flat or concave direction nothing relaxes")
    return values


def freezing_temperature(potential: Quartic, tau: float, mobility: float = 1.0) -> float:
    r"""Temperature at which exponential cooling freezes the exchange between two wells, $r(T)\,\tau\,T/B=1$.

    From there on less than one jump is to come, as $\int r\,dt\approx r\tau T/B$ for $r\propto e^{-B/T}$. It is about
    $B/\ln(r_0\tau)$.

    Args:
        potential: a double well with the lower minimum on the right; B is its barrier from the upper well.
        tau: cooling time, long enough that the wells exchange anything at all.
        mobility: $\eta>0$.

    Raises:
        ValueError: a cooling time so short that nothing is exchanged at any temperature up to ten barriers.

    >>> from trainphys.systems.losses import double_well
    >>> loss = double_well(1.0, 0.5)
    >>> bool(freezing_temperature(loss, 1000.0) < freezing_temperature(loss, 100.0) < 1.0)
    True
    """
    barrier = wells(potential).barrier

    def jumps_left(log_t: float) -> float:  # logarithm
        temperature = float(np.exp(log_t))
        return float(np.log(hopping_rate(potential, temperature, mobility).rate * tau * temperature / barrier))

    low, high = np.log(barrier / 100), np.log(10 * barrier)
    if not jumps_left(high) > 0:
        raise ValueError(f"expected a longer cooling time, got {tau}: the wells exchange nothing before it is over")
    return float(np.exp(brentq(jumps_left, low, high)))
