"""How slow is slow enough: cooling times that keep dissipation, distance from equilibrium or lag within a limit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from trainphys.arrays import Array
from trainphys.checks import inside, not_below, numbers, positive, spectrum
from trainphys.laws.two_wells import hopping_rate
from trainphys.systems.losses import Quartic, wells


def relaxation_time(curvature: ArrayLike, mobility: ArrayLike = 1.0) -> Array:
    r"""Time in which a mode forgets where it started, $1/(\eta\lambda)$; the number of parameters does not enter."""
    [eta] = positive(mobility=mobility)
    return 1 / (eta * _relaxing(curvature))


def dissipation_time(
    curvatures: ArrayLike, cooling_ratio: float, mobility: float = 1.0, dissipation: float = 1.0
) -> float:
    r"""Cooling time at which slow exponential cooling from $T_0$ to $T_f$ produces a given total entropy.

    $$\tau=\frac{\ln(T_0/T_f)}{4\eta\,s}\sum_i\frac1{\lambda_i},$$ the limit of slow cooling in a quadratic loss.

    Args:
        curvatures: Hessian eigenvalues $\lambda_i>0$; along a flat direction nothing relaxes.
        cooling_ratio: $T_0/T_f>1$.
        mobility: $\eta>0$.
        dissipation: $s>0$, entropy produced in the whole run (nats).

    Raises:
        ValueError: an argument out of range.

    Source: $\dot s_{\rm tot}=1/(4\eta\lambda\tau^2)$ per mode, derived in the chapter on guarantees.

    >>> round(dissipation_time([1.0, 1.0, 1.0], math.exp(4.0)), 12)
    3.0
    """
    positive(mobility=mobility, dissipation=dissipation)
    inside(1, math.inf, cooling_ratio=cooling_ratio)
    [curved] = spectrum(curvatures=_relaxing(curvatures))
    return float(math.log(cooling_ratio) * (1 / curved).sum() / (4 * mobility * dissipation))


def time_to_closeness(curvatures: ArrayLike, divergence: float, mobility: float = 1.0) -> float:
    r"""Cooling time that keeps the divergence from Boltzmann's density at a given value, in the limit of slow cooling.

    $$\tau=\frac1{4\eta}\sqrt{\frac{1}{D}\sum_i\frac1{\lambda_i^2}}$$

    Args:
        curvatures: Hessian eigenvalues $\lambda_i>0$; along a flat direction nothing relaxes.
        divergence: D > 0, nats.
        mobility: $\eta>0$.

    Raises:
        ValueError: an argument that is not positive.

    Source: ``divergence_from_boltzmann`` at the lag $y-1=1/2\eta\lambda\tau$ of slow cooling.

    >>> time_to_closeness([1.0, 1.0, 1.0, 1.0], 0.25)
    1.0
    """
    positive(divergence=divergence, mobility=mobility)
    [curved] = spectrum(curvatures=_relaxing(curvatures))
    return float(np.sqrt((curved**-2).sum() / divergence) / (4 * mobility))


def _relaxing(curvatures: ArrayLike) -> Array:
    [k] = numbers(curvatures=curvatures)
    if not (k > 0).all():
        raise ValueError(f"expected curvatures > 0, got {k.min()}: along a flat or concave direction nothing relaxes")
    return k


def final_temperature(excess_loss: float, dimension: int) -> float:
    r"""Temperature at which a quadratic loss of d parameters keeps a given mean excess, $T=2\varepsilon/d$.

    The curvatures do not enter (equipartition).

    Args:
        excess_loss: $\varepsilon>0$, mean loss above the minimum.
        dimension: d >= 1, number of parameters that the loss depends on.

    Returns:
        Loss units.

    Raises:
        ValueError: an excess that is not positive, or a dimension below one.

    Source: equipartition, $T/2$ for each parameter.

    >>> final_temperature(0.5, 10)
    0.1
    """
    positive(excess_loss=excess_loss)
    not_below(1, dimension=dimension)
    return 2 * excess_loss / dimension


def spread_temperature(curvature: float, spread: float) -> float:
    r"""Temperature at which a mode of given curvature spreads by a standard deviation $\ell$, $T=\lambda\ell^2$."""
    positive(curvature=curvature, spread=spread)
    return curvature * spread**2


def freezing_temperature(potential: Quartic, tau: float, mobility: float = 1.0) -> float:
    r"""Temperature at which exponential cooling freezes the exchange between two wells, $r(T)\,\tau\,T/B=1$.

    From there on less than one jump is to come, as $\int r\,dt\approx r\tau T/B$ for $r\propto e^{-B/T}$. It is about
    $B/\ln(r_0\tau)$.

    Args:
        potential: a double well with the lower minimum on the right; B is its barrier from the upper well.
        tau: cooling time, long enough that the wells exchange anything at all.
        mobility: $\eta>0$.

    Returns:
        Loss units.

    Raises:
        ValueError: a cooling time so short that nothing is exchanged at any temperature up to ten barriers, so long
            that the wells still exchange at a 600th of one, or an argument that is not positive.

    Source: rate r from ``hopping_rate``.

    >>> from trainphys.systems.losses import double_well
    >>> T = freezing_temperature(double_well(1.0), 1000.0)
    >>> round(hopping_rate(double_well(1.0), T).rate * 1000.0 * T, 6)
    1.0
    """
    positive(tau=tau, mobility=mobility)
    barrier = wells(potential).barrier

    def jumps_left(log_t: float) -> float:  # logarithm
        temperature = float(np.exp(log_t))
        return float(np.log(hopping_rate(potential, temperature, mobility).rate * tau * temperature / barrier))

    low, high = np.log(barrier / 600), np.log(10 * barrier)
    if not jumps_left(high) > 0:
        raise ValueError(f"expected a longer cooling time, got {tau}: the wells exchange nothing before it is over")
    if not jumps_left(low) < 0:
        raise ValueError(f"expected a shorter cooling time, got {tau}: the wells still exchange at a 600th of B")
    return float(np.exp(brentq(jumps_left, low, high)))
