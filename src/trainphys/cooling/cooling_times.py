"""How slow is slow enough: cooling times that keep dissipation, distance from equilibrium or lag within a limit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from trainphys.cooling.schedules import Exponential
from trainphys.estimate import Estimate

Array = NDArray[np.float64]


def claimed_cooling_time(dimension: ArrayLike, smallest: ArrayLike) -> Array:
    r"""The document's $\tau=d/\lambda_{\min}$, in units of $\int\eta\,dt$; negative where the loss is concave.

    Raises:
        ValueError: a dimension below one, or a least eigenvalue of zero.

    >>> float(claimed_cooling_time(10, 0.5))
    20.0
    """
    d, least = np.asarray(dimension, dtype=float), np.asarray(smallest, dtype=float)
    if np.any(d < 1) or np.any(least == 0):
        raise ValueError(f"expected dimension >= 1 and an eigenvalue other than 0, got {d} and {least}")
    return np.asarray(d / least)


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


def closeness_time(curvatures: ArrayLike, divergence: float, mobility: float = 1.0) -> float:
    r"""Cooling time that keeps the divergence from Boltzmann's density at a given value, in the limit of slow cooling.

    $$\tau=\frac1{4\eta}\sqrt{\frac{1}{D}\sum_i\frac1{\lambda_i^2}}$$

    Args:
        curvatures: Hessian eigenvalues $\lambda_i>0$.
        divergence: D > 0, nats.
        mobility: $\eta>0$.

    Raises:
        ValueError: an argument that is not positive.

    >>> closeness_time([1.0, 1.0, 1.0, 1.0], 0.25)
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


def entropy_and_divergence(hessian: ArrayLike, tau: float, cooling_ratio: float) -> tuple[float, float]:
    r"""Total entropy produced by cooling from $T=1$, and the divergence at its end, from the covariance matrix itself.

    Integrates $\dot\Sigma=-H\Sigma-\Sigma H+2T$ from equilibrium at $\eta=1$, with $\dot
    s_{\rm tot}=\frac1T\operatorname{tr}[A\Sigma A]$, $A=H-T\Sigma^{-1}$: no diagonal form, no slow limit.

    Args:
        hessian: H, shape (d, d), symmetric and positive definite.
        tau: cooling time > 0.
        cooling_ratio: $T_0/T_f>1$.

    Raises:
        ValueError: a Hessian that is not positive definite.

    >>> s, _ = entropy_and_divergence([[1.0]], 50.0, math.exp(4.0))
    >>> abs(50 * s - 1) < 0.03
    True
    """
    h = np.asarray(hessian, dtype=float)
    if h.ndim != 2 or np.linalg.eigvalsh(h)[0] <= 0:
        raise ValueError("expected a positive definite Hessian: along a concave direction there is no equilibrium")
    d = len(h)
    schedule = Exponential(1.0, tau)

    def rate(t: float, state: Array) -> Array:
        sigma, temperature = state[:-1].reshape(d, d), math.exp(-t / tau)
        move = -h @ sigma
        force = h - temperature * np.linalg.inv(sigma)
        made = np.trace(force @ sigma @ force) / temperature
        return np.append((move + move.T + 2 * temperature * np.eye(d)).ravel(), made)

    start = np.append(np.linalg.inv(h).ravel(), 0.0)
    floor = 1e-9 / cooling_ratio
    found = solve_ivp(rate, (0, schedule.duration(1 / cooling_ratio)), start, "RK45", rtol=1e-7, atol=floor)
    sigma = found.y[:-1, -1].reshape(d, d)
    scaled = cooling_ratio * h @ sigma
    apart = (np.trace(scaled) - d - np.linalg.slogdet(scaled)[1]) / 2
    return float(found.y[-1, -1]), float(apart)


def slow_limits(hessian: ArrayLike, cooling_ratio: float, slowness: float = 40.0) -> tuple[Estimate, Estimate]:
    r"""$\tau s$ and $\tau\sqrt D$ for $\tau\to\infty$: times that cooling takes for one nat produced or one nat apart.

    Three cooling times, each twice the last, extrapolated in $1/\tau$; the error is the change when the longest is
    left out.

    Args:
        hessian: H, shape (d, d), symmetric and positive definite.
        cooling_ratio: $T_0/T_f>1$.
        slowness: longest cooling time, in relaxation times of the softest mode.

    Raises:
        ValueError: as ``entropy_and_divergence``.
    """
    taus = slowness / np.linalg.eigvalsh(np.asarray(hessian, dtype=float))[0] / np.array([4, 2, 1])
    rows = [entropy_and_divergence(hessian, float(tau), cooling_ratio) for tau in taus]
    scaled = np.array([(tau * s, tau * math.sqrt(apart)) for tau, (s, apart) in zip(taus, rows, strict=True)])
    limit, shorter = 2 * scaled[2] - scaled[1], 2 * scaled[1] - scaled[0]
    found = [Estimate.from_solver(float(a), error=abs(float(a - b))) for a, b in zip(limit, shorter, strict=True)]
    return found[0], found[1]


def _positive(x: ArrayLike, name: str) -> Array:
    values = np.asarray(x, dtype=float)
    if not np.all(values > 0):
        raise ValueError(f"expected {name} > 0, got {values.min()}: along a flat or concave direction nothing relaxes")
    return values
