r"""Exactly optimal schedules of one quadratic well: each aim has its own.

The spread is counted as a temperature, $u=k\sigma^2$ (loss units; twice the mean loss of the parameter), and time as
the clock $s=\int\eta\,dt$. Then $du/ds=-2k(u-T)$ is all there is to control.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from trainphys.arrays import Array
from trainphys.laws.gaussian_well import divergence_from_boltzmann
from trainphys.laws.slow_cooling import slow_cooling
from trainphys.systems.coolings import Exponential, PiecewiseLog, Schedule
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Potential


def least_entropy_produced(start: ArrayLike, end: ArrayLike, clock: ArrayLike, curvature: ArrayLike) -> Array:
    r"""Least entropy that must be produced to bring a quadratic well from one spread to another.

    $$\Sigma_{\min}=\frac{\Lambda^2}{4kS-2\Lambda},\qquad\Lambda=\ln\frac{u_0}{u_f},$$ because the rate of production is
    $w'^2/(4k+2w')$ with $w=\ln u$, convex in $w'$ alone: the best $w'$ is constant.

    Args:
        start: spread $u_0=k\sigma_0^2>0$ at the start, loss units.
        end: spread $u_f>0$ at the end.
        clock: $S=\int\eta\,dt$, parameter squared per loss; long enough that $\Lambda<2kS$.
        curvature: $k>0$, loss per parameter squared.

    Returns:
        Nats per parameter; heating ($u_f>u_0$) included.

    Raises:
        ValueError: an argument that is not positive, or a clock that even T = 0 would need longer than.

    Source: method of Schmiedl and Seifert (2007), "Optimal finite-time processes in stochastic thermodynamics".

    >>> float(least_entropy_produced(math.e, 1.0, 1.0, 1.0))
    0.5
    """
    u0, uf, s, k = _positive(start=start, end=end, clock=clock, curvature=curvature)
    fall = np.log(u0 / uf)
    _reachable(fall < 2 * k * s, "ln(start / end) < 2 curvature clock")
    return np.asarray(fall**2 / (4 * k * s - 2 * fall))


def least_entropy_schedule(
    start: float, end: float, duration: float, curvature: float, mobility: float = 1.0
) -> Exponential:
    r"""Schedule of least entropy production: exponential, after a jump.

    $$T(t)=u_0\left(1-\frac{\Lambda}{2k\eta t_f}\right)e^{-\Lambda t/t_f},\qquad\Lambda=\ln\frac{u_0}{u_f}.$$ The
    temperature jumps away from $u_0$ at the start, and back to $u_f$ after the end.

    Args:
        start: spread $u_0$ at the start, loss units.
        end: spread $u_f<u_0$ at the end.
        duration: $t_f>0$.
        curvature: $k>0$.
        mobility: $\eta>0$, constant.

    Raises:
        ValueError: as ``least_entropy_produced``, or a spread that does not fall.

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

    Args:
        start: spread $u_0$, loss units.
        end: final temperature $T_f<u_0$.
        clock: $S=\int\eta\,dt>0$.
        curvature: $k>0$.

    Returns:
        Nats per parameter, and the spread $u_f$ at the end of the run.

    Raises:
        ValueError: an argument that is not positive, or a start that is not the hotter one.

    >>> nats, spread = least_entropy_to_rest(1.0, 0.5, 1000.0, 1.0)
    >>> abs(nats - math.log(2) ** 2 / 4000) < 1e-6
    True
    """
    u0, tf, s, k = (float(v) for v in _positive(start=start, end=end, clock=clock, curvature=curvature))
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
    clock: the width $\sigma$ moves at constant speed.

    Args:
        start: spread $u_0=k\sigma_0^2>0$, loss units.
        end: spread $u_f>0$.
        clock: $S=\int\eta\,dt$, with $\sigma_0-\sigma_f\le kS\sigma_f$.
        curvature: $k>0$.

    Raises:
        ValueError: an argument that is not positive, or a clock so short that T would be negative.

    Source: Jordan, Kinderlehrer and Otto (1998), "The variational formulation of the Fokker-Planck equation".

    >>> float(least_energy_dissipated(4.0, 1.0, 2.0, 1.0))
    0.5
    """
    u0, uf, s, k = _positive(start=start, end=end, clock=clock, curvature=curvature)
    step = np.sqrt(u0) - np.sqrt(uf)
    _reachable(step <= k * s * np.sqrt(uf), "sqrt(start) - sqrt(end) <= curvature clock sqrt(end)")
    return np.asarray(step**2 / (k * s))


def least_energy_temperature(
    elapsed: ArrayLike, start: ArrayLike, end: ArrayLike, clock: ArrayLike, curvature: ArrayLike
) -> Array:
    r"""Temperature, along the clock, of the schedule that dissipates least energy.

    $$T(s)=q^2-\frac{q\,(\sqrt{u_0}-\sqrt{u_f})}{kS},\qquad q(s)=\sqrt{u_0}+(\sqrt{u_f}-\sqrt{u_0})\frac sS .$$

    Args:
        elapsed: clock $0\le s\le S$.
        start: as in ``least_energy_dissipated``, like all that follow.

    Raises:
        ValueError: as ``least_energy_dissipated``, or a clock outside 0..S.

    >>> least_energy_temperature([0.0, 2.0], 4.0, 1.0, 2.0, 1.0)
    array([3. , 0.5])
    """
    least_energy_dissipated(start, end, clock, curvature)
    s, total, k = np.asarray(elapsed, dtype=float), np.asarray(clock, dtype=float), np.asarray(curvature, dtype=float)
    if not ((s >= 0) & (s <= total * (1 + 1e-12))).all():
        raise ValueError(f"expected 0 <= elapsed <= clock, got {s}: stop at the end of the run")
    first, last = np.sqrt(np.asarray(start, dtype=float)), np.sqrt(np.asarray(end, dtype=float))
    q = first + (last - first) * s / total
    return np.asarray(q**2 - q * (first - last) / (k * total))


def least_final_loss(start: ArrayLike, coldest: ArrayLike, clock: ArrayLike, curvature: ArrayLike) -> Array:
    r"""Lowest mean loss above the minimum that a quadratic well can end with: quench at once.

    $$\langle L\rangle_f=\tfrac12\left[T_{\min}+(u_0-T_{\min})e^{-2kS}\right],$$ because the final spread is linear in
    each $T(s)$, with a positive weight.

    Args:
        start: spread $u_0>0$, loss units.
        coldest: lowest temperature allowed, > 0.
        clock: $S=\int\eta\,dt>0$.
        curvature: $k>0$.

    Raises:
        ValueError: an argument that is not positive.

    >>> round(float(least_final_loss(1.0, 0.5, 100.0, 1.0)), 12)
    0.25
    """
    u0, cold, s, k = _positive(start=start, coldest=coldest, clock=clock, curvature=curvature)
    return np.asarray((cold + (u0 - cold) * np.exp(-2 * k * s)) / 2)


def least_gradient_work(
    start: ArrayLike, end: ArrayLike, floor: ArrayLike, curvature: ArrayLike, duration: ArrayLike
) -> Array:
    r"""Least $W=\int\eta\langle L'^2\rangle dt$ between two spreads of a quadratic well while $D\ge D_{\min}$.

    $$W=\tfrac12(u_0-u_f)+k\int D\,dt\ \ge\ \tfrac12(u_0-u_f)+kD_{\min}t_f,$$ with equality for every schedule that
    keeps $\eta T=D_{\min}$, whatever its temperatures.

    Args:
        start: spread $u_0>0$, loss units.
        end: spread $u_f>0$ at the end.
        floor: $D_{\min}>0$, parameter squared per time.
        curvature: $k>0$.
        duration: $t_f>0$, time.

    Returns:
        Loss units, per parameter.

    Raises:
        ValueError: an argument that is not positive.

    >>> float(least_gradient_work(1.0, 0.5, 0.1, 2.0, 10.0))
    2.25
    """
    u0, uf, d, k, t = _positive(start=start, end=end, floor=floor, curvature=curvature, duration=duration)
    return np.asarray((u0 - uf) / 2 + k * d * t)


def best_coupled_rate(t: ArrayLike, start: ArrayLike, noise: ArrayLike, curvature: ArrayLike) -> Array:
    r"""Learning rate of lowest final loss when it brings its own temperature, $T=a\eta$ (fixed batch size).

    $$\eta(t)=\frac1{2a/u_0+kt},\qquad u(t)=2a\,\eta(t):$$ at each moment the rate at which $\dot
    u=-2k\eta u+2ka\eta^2$ falls fastest; in the end it is $1/kt$.

    Args:
        t: time, >= 0.
        start: spread $u_0>0$, loss units.
        noise: $a=T/\eta>0$, loss squared times time per parameter squared.
        curvature: $k>0$.

    Raises:
        ValueError: an argument that is not positive, or a negative time.

    >>> float(best_coupled_rate(0.0, 1.0, 0.5, 1.0))
    1.0
    """
    u0, a, k = _positive(start=start, noise=noise, curvature=curvature)
    times = np.asarray(t, dtype=float)
    if (times < 0).any():
        raise ValueError(f"expected times >= 0, got {times.min()}: count from the start of the run")
    return np.asarray(1 / (2 * a / u0 + k * times))


def _positive(**values: ArrayLike) -> list[Array]:
    for name, value in values.items():
        if not (np.asarray(value, dtype=float) > 0).all():
            raise ValueError(f"expected {name} > 0, got {value!r}: it is a positive quantity")
    return [np.asarray(value, dtype=float) for value in values.values()]


def _reachable(met: ArrayLike, condition: str) -> None:
    if not np.all(met):
        raise ValueError(f"expected {condition}, got a clock too short for that: run longer or end hotter")


POINTS = 100  # temperatures of the trapezoidal rule


def entropic_friction(potential: Potential, temperature: float, mobility: float = 1.0) -> float:
    r"""Entropy that slow cooling produces: $\zeta(T)$ in $\dot s_{\rm tot}=\zeta(T)\,(\dot T/T)^2$.

    $$\zeta=\frac{\operatorname{var}(L)}{T^2}\,\tau_{\rm friction},$$ with the friction time of ``slow_cooling``. In a
    quadratic well it is $1/(4\eta k)$ at every temperature; for $L\propto|x|^n$ it is proportional to $T^{2/n-1}$.

    Args:
        potential: the loss, one dimension.
        temperature: T > 0.
        mobility: $\eta>0$.

    Returns:
        Units of time.

    Raises:
        ValueError: an argument that is not positive.

    Source: Sivak and Crooks (2012), "Thermodynamic metrics and optimal paths".

    >>> from trainphys.systems.losses import harmonic
    >>> round(entropic_friction(harmonic(2.0), 0.3), 4)
    0.125
    """
    grid = Grid.around(potential, temperature, 3000)
    weight = boltzmann(potential, temperature, grid) * grid.width
    loss = potential.value(grid.centres)
    variance = float((weight * (loss - (weight * loss).sum()) ** 2).sum())
    return variance / temperature**2 * slow_cooling(potential, temperature, mobility, grid).friction_time


def slow_entropy(potential: Potential, schedule: Schedule, duration: float, points: int = 400) -> float:
    r"""Entropy produced by slow cooling at mobility one, $\int\zeta(T)\left(\frac{d\ln T}{dt}\right)^2dt$, in nats.

    Args:
        potential: the loss.
        schedule: its temperature is used.
        duration: length of the run, long against the friction time.
        points: of the quadrature.

    Raises:
        ValueError: a duration that is not positive.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import Exponential
    >>> round(slow_entropy(harmonic(), Exponential(1.0, tau=10.0), 20.0, 50), 4)  # t / (4 tau^2)
    0.05
    """
    if not duration > 0:
        raise ValueError(f"expected duration > 0, got {duration}")
    log_t = np.log(schedule.temperature(np.linspace(0, duration, points + 1)))
    speed = np.diff(log_t) * points / duration
    nodes = np.linspace(log_t.min(), log_t.max(), 80)
    friction = np.interp((log_t[1:] + log_t[:-1]) / 2, nodes, _frictions(potential, nodes))
    return float((friction * speed**2).sum() * duration / points)


def thermodynamic_length(potential: Potential, start: float, end: float) -> float:
    r"""Length of the way between two temperatures; squared and over the time it is the least entropy of slow cooling.

    $$\mathcal L=\int_{T_f}^{T_0}\sqrt{\zeta(T)}\,\frac{dT}T,\qquad\Sigma_{\min}=\mathcal L^2/t_f .$$

    Args:
        potential: the loss; mobility one.
        start: $T_0$, loss units.
        end: $0<T_f<T_0$.

    Returns:
        Square root of (nats times time).

    Raises:
        ValueError: temperatures that are not positive or do not fall.

    Source: Sivak and Crooks (2012); Salamon and Berry (1983), "Thermodynamic length and dissipated availability".

    >>> from trainphys.systems.losses import harmonic
    >>> round(float(thermodynamic_length(harmonic(4.0), 1.0, 0.1) * 4 / np.log(10.0)), 3)
    1.0
    """
    return float(_lengths(potential, start, end)[1][-1])


def constant_speed_schedule(potential: Potential, start: float, end: float, duration: float) -> PiecewiseLog:
    r"""Slow schedule of least entropy production: $\sqrt{\zeta(T)}\,|d\ln T/dt|$ is constant, mobility one.

    Exponential in a quadratic well; between uneven wells it lingers where jumps between them are about to freeze.

    Args:
        potential: as in ``thermodynamic_length``, like start and end.
        duration: $t_f>0$.

    Raises:
        ValueError: as ``thermodynamic_length``, or a duration that is not positive.

    >>> from trainphys.systems.losses import harmonic
    >>> slow = constant_speed_schedule(harmonic(), 1.0, 0.01, 10.0)
    >>> round(float(slow.temperature(5.0)), 4)
    0.1
    """
    if not duration > 0:
        raise ValueError(f"expected duration > 0, got {duration}: it is the length of the run")
    temperatures, lengths = _lengths(potential, start, end)
    times = duration * lengths / lengths[-1]
    return PiecewiseLog(tuple(times.tolist()), tuple(temperatures.tolist()), (1.0,) * POINTS)


def _frictions(potential: Potential, log_temperatures: Array) -> Array:
    return np.array([entropic_friction(potential, float(t)) for t in np.exp(log_temperatures)])


def _lengths(potential: Potential, start: float, end: float) -> tuple[Array, Array]:
    """Falling temperatures, and the length from the first to each."""
    if not 0 < end < start:
        raise ValueError(f"expected 0 < end < start, got {end} and {start}: cooling goes down")
    temperatures = np.geomspace(start, end, POINTS)
    speed = np.sqrt(_frictions(potential, np.log(temperatures)))
    step = np.log(temperatures[0] / temperatures[1])
    return temperatures, np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2 * step)])
