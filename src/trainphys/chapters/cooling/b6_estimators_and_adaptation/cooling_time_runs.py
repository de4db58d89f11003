"""Cooling of a covariance matrix: the entropy it produces, its distance from equilibrium, and the limits of both."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp

from trainphys.arrays import Array
from trainphys.estimate import Estimate
from trainphys.systems.coolings import Exponential


def turned(curvatures: Sequence[float], rng: np.random.Generator) -> Array:
    """A Hessian with these eigenvalues, in a basis turned at random."""
    turn = np.linalg.qr(rng.standard_normal((len(curvatures), len(curvatures))))[0]
    return np.asarray(turn @ np.diag(curvatures) @ turn.T)


def entropy_and_divergence(
    hessian: ArrayLike, tau: float, cooling_ratio: float, mobility: float = 1.0
) -> tuple[float, float]:
    r"""Total entropy produced by cooling from $T=1$, and the divergence at its end, from the covariance matrix itself.

    Integrates $\dot\Sigma=-\eta(H\Sigma+\Sigma H-2T)$ from equilibrium, with $\dot
    s_{\rm tot}=\frac\eta T\operatorname{tr}[A\Sigma A]$, $A=H-T\Sigma^{-1}$: no diagonal form, no slow limit.

    Raises:
        ValueError: a Hessian that is not positive definite.
    """
    h = np.asarray(hessian, dtype=float)
    if np.linalg.eigvalsh(h)[0] <= 0:
        raise ValueError("expected a positive definite Hessian: along a concave direction there is no equilibrium")
    d = len(h)
    schedule = Exponential(1.0, tau)

    def rate(t: float, state: Array) -> Array:
        sigma, temperature = state[:-1].reshape(d, d), math.exp(-t / tau)
        move = -h @ sigma
        force = h - temperature * np.linalg.inv(sigma)
        made = np.trace(force @ sigma @ force) / temperature
        return mobility * np.append((move + move.T + 2 * temperature * np.eye(d)).ravel(), made)

    start = np.append(np.linalg.inv(h).ravel(), 0.0)
    floor = 1e-9 / cooling_ratio
    found = solve_ivp(rate, (0, schedule.duration(1 / cooling_ratio)), start, "RK45", rtol=1e-7, atol=floor)
    sigma = found.y[:-1, -1].reshape(d, d)
    scaled = cooling_ratio * h @ sigma
    apart = (np.trace(scaled) - d - np.linalg.slogdet(scaled)[1]) / 2
    return float(found.y[-1, -1]), float(apart)


def slow_limits(
    hessian: ArrayLike, cooling_ratio: float, mobility: float = 1.0, slowness: float = 40.0
) -> tuple[Estimate, Estimate]:
    r"""$\tau s$ and $\tau\sqrt D$ for $\tau\to\infty$: times that cooling takes for one nat produced or one nat apart.

    Three cooling times, each twice the last, the longest ``slowness`` relaxation times of the softest mode, are
    extrapolated in $1/\tau$; the error is the change when the longest is left out.
    """
    taus = slowness / np.linalg.eigvalsh(np.asarray(hessian, dtype=float))[0] / mobility / np.array([4, 2, 1])
    rows = [entropy_and_divergence(hessian, float(tau), cooling_ratio, mobility) for tau in taus]
    scaled = np.array([(tau * s, tau * math.sqrt(apart)) for tau, (s, apart) in zip(taus, rows, strict=True)])
    limit, shorter = 2 * scaled[2] - scaled[1], 2 * scaled[1] - scaled[0]
    produced, apart = (Estimate.from_solver(a, error=abs(a - b)) for a, b in zip(limit, shorter, strict=True))
    return produced, apart
