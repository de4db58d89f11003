r"""Exactly optimal schedules of one quadratic well: each aim has its own.

The spread is counted as a temperature, $u=k\sigma^2$ (loss units; twice the mean loss of the parameter), and time as
the clock $S=\int\eta\,dt$ (parameter squared over loss). Then $du/ds=-2k(u-T)$ is all there is to control.
"""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from trainphys.arrays import Array
from trainphys.checks import positive, within
from trainphys.laws.gaussian_well import divergence_from_boltzmann
from trainphys.systems.coolings import Exponential


def least_entropy_produced(start: ArrayLike, end: ArrayLike, clock: ArrayLike, curvature: ArrayLike) -> Array:
    r"""Least entropy that must be produced to bring a quadratic well from one spread to another, in nats.

    $$\Sigma_{\min}=\frac{\Lambda^2}{4kS-2\Lambda},\qquad\Lambda=\ln\frac{u_0}{u_f}<2kS,$$ because the rate of
    production is $w'^2/(4k+2w')$ with $w=\ln u$, convex in $w'$ alone: the best $w'$ is constant. Heating is included.

    Source: method of Schmiedl and Seifert (2007), "Optimal finite-time processes in stochastic thermodynamics".

    >>> float(least_entropy_produced(math.e, 1.0, 1.0, 1.0))
    0.5
    """
    u0, uf, s, k = positive(start=start, end=end, clock=clock, curvature=curvature)
    fall = np.log(u0 / uf)
    _reachable(fall < 2 * k * s, "ln(start / end) < 2 curvature clock")
    return np.asarray(fall**2 / (4 * k * s - 2 * fall))


def least_entropy_schedule(
    start: float, end: float, duration: float, curvature: float, mobility: float = 1.0
) -> Exponential:
    r"""Schedule that cools a quadratic well with least entropy production: exponential, after a jump.

    $$T(t)=u_0\left(1-\frac{\Lambda}{2k\eta t_f}\right)e^{-\Lambda t/t_f},\qquad\Lambda=\ln\frac{u_0}{u_f}.$$ The
    temperature jumps away from $u_0$ at the start, and back to $u_f$ after the end. It produces
    $\Lambda^2/(4k\eta t_f-2\Lambda)$ nats per parameter.

    Args:
        start: spread $u_0=k\sigma_0^2>0$ at the start, loss units.
        end: spread $u_f<u_0$ at the end.
        duration: $t_f>0$, long enough that $\Lambda<2k\eta t_f$.
        curvature: $k>0$, loss per parameter squared.
        mobility: $\eta>0$, constant.

    Raises:
        ValueError: an argument that is not positive, a spread that does not fall, or a time that even T = 0 would need
            longer than.

    Source: method of Schmiedl and Seifert (2007), "Optimal finite-time processes in stochastic thermodynamics".

    >>> best = least_entropy_schedule(1.0, 0.1, 10.0, 1.0)
    >>> round(float(best.temperature(10.0) / best.temperature(0.0)), 12)
    0.1
    """
    least_entropy_produced(start, end, mobility * duration, curvature)  # refuses what cannot be reached
    if not end < start:
        raise ValueError(f"expected end < start, got {end} and {start}: only cooling is an Exponential")
    fall = math.log(start / end)
    return Exponential(start * (1 - fall / (2 * curvature * mobility * duration)), duration / fall, mobility)


def least_entropy_to_rest(start: float, end: float, clock: float, curvature: float) -> tuple[float, float]:
    r"""Least entropy produced until the well is at rest at the final temperature, and the spread at which to let go.

    $$\min_{u_f}\left[\frac{\Lambda^2}{4kS-2\Lambda}+\tfrac12(y-1-\ln y)\right],\qquad y=\frac{u_f}{T_f},\
    \Lambda=\ln\frac{u_0}{u_f}:$$ the run is paid for, and so is the relaxation that follows it at $T_f$.

    >>> nats, spread = least_entropy_to_rest(1.0, 0.5, 1000.0, 1.0)
    >>> abs(nats - math.log(2) ** 2 / 4000) < 1e-6
    True
    """
    u0, tf, s, k = (float(v) for v in positive(start=start, end=end, clock=clock, curvature=curvature))
    if not tf < u0:
        raise ValueError(f"expected end < start, got {tf} and {u0}: cool, do not heat")
    whole, reach = math.log(u0 / tf), 2 * k * s

    def slope(fall: float) -> float:  # of twice the sum in brackets, times (reach - fall)^2
        return fall * (2 * reach - fall) - math.expm1(whole - fall) * (reach - fall) ** 2

    fall = float(brentq(slope, 0.0, min(whole, reach), xtol=1e-14))
    spread = u0 * math.exp(-fall)
    return float(least_entropy_produced(u0, spread, s, k) + divergence_from_boltzmann(spread / tf)), spread


def least_energy_dissipated(start: ArrayLike, end: ArrayLike, clock: ArrayLike, curvature: ArrayLike) -> Array:
    r"""Least energy that must be dissipated, $\int T\,\dot s_{\rm tot}\,dt$, between two spreads of a quadratic well.

    $$\frac{(\sqrt{u_0}-\sqrt{u_f})^2}{kS}=\frac{(\sigma_0-\sigma_f)^2}S,$$ the squared Wasserstein distance over the
    clock: the width $\sigma$ moves at constant speed. T stays positive while $\sigma_0-\sigma_f\le kS\sigma_f$.

    Source: Jordan, Kinderlehrer and Otto (1998), "The variational formulation of the Fokker-Planck equation".

    >>> float(least_energy_dissipated(4.0, 1.0, 2.0, 1.0))
    0.5
    """
    u0, uf, s, k = positive(start=start, end=end, clock=clock, curvature=curvature)
    step = np.sqrt(u0) - np.sqrt(uf)
    _reachable(step <= k * s * np.sqrt(uf), "sqrt(start) - sqrt(end) <= curvature clock sqrt(end)")
    return np.asarray(step**2 / (k * s))


def least_energy_temperature(elapsed: ArrayLike, start: float, end: float, clock: float, curvature: float) -> Array:
    r"""Temperature, along the clock, of the schedule that dissipates least energy.

    $$T(s)=q^2-\frac{q\,(\sqrt{u_0}-\sqrt{u_f})}{kS},\qquad q(s)=\sqrt{u_0}+(\sqrt{u_f}-\sqrt{u_0})\frac sS .$$

    >>> least_energy_temperature([0.0, 2.0], 4.0, 1.0, 2.0, 1.0)
    array([3. , 0.5])
    """
    least_energy_dissipated(start, end, clock, curvature)  # refuses what cannot be reached
    [s] = within(0, clock * (1 + 1e-12), elapsed=elapsed)
    first, last = math.sqrt(start), math.sqrt(end)
    q = first + (last - first) * s / clock
    return np.asarray(q**2 - q * (first - last) / (curvature * clock))


def least_final_loss(start: ArrayLike, coldest: ArrayLike, clock: ArrayLike, curvature: ArrayLike) -> Array:
    r"""Lowest mean loss above the minimum that a quadratic well can end with: quench at once.

    $$\langle L\rangle_f=\tfrac12\left[T_{\min}+(u_0-T_{\min})e^{-2kS}\right],$$ because the final spread is linear in
    each $T(s)$, with a positive weight; $T_{\min}$ is the lowest temperature allowed.

    >>> round(float(least_final_loss(1.0, 0.5, 100.0, 1.0)), 12)
    0.25
    """
    u0, cold, s, k = positive(start=start, coldest=coldest, clock=clock, curvature=curvature)
    return np.asarray((cold + (u0 - cold) * np.exp(-2 * k * s)) / 2)


def least_gradient_work(
    start: ArrayLike, end: ArrayLike, floor: ArrayLike, curvature: ArrayLike, duration: ArrayLike
) -> Array:
    r"""Least $W=\int\eta\langle L'^2\rangle dt$ between two spreads of a quadratic well while $D\ge D_{\min}$.

    $$W=\tfrac12(u_0-u_f)+k\int D\,dt\ \ge\ \tfrac12(u_0-u_f)+kD_{\min}t_f,$$ in loss units per parameter, with equality
    for every schedule that keeps $\eta T=D_{\min}$, whatever its temperatures.

    >>> float(least_gradient_work(1.0, 0.5, 0.1, 2.0, 10.0))
    2.25
    """
    u0, uf, d, k, t = positive(start=start, end=end, floor=floor, curvature=curvature, duration=duration)
    return np.asarray((u0 - uf) / 2 + k * d * t)


def _reachable(met: ArrayLike, condition: str) -> None:
    if not np.all(met):
        raise ValueError(f"expected {condition}, got a clock too short for that: run longer or end hotter")
