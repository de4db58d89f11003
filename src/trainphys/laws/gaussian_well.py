"""Exact laws of a quadratic well under a cooling schedule: how far the spread trails behind the temperature."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp
from scipy.special import gammainc

from trainphys.arrays import Array
from trainphys.checks import finite, positive
from trainphys.systems.coolings import Exponential, Schedule


def variance_lag(curvature: float, schedule: Schedule, times: ArrayLike, start: float = 1.0) -> Array:
    r"""Lag $y=k\sigma^2/T$ of the spread behind the temperature; 1 at equilibrium, more when the spread is too wide.

    $$\dot y=-2\eta k\,(y-1)-y\,\frac{\dot T}{T},$$ integrated as the variance,
    $\dot{\sigma^2}=-2\eta k\sigma^2+2\eta T$, to a relative error of $10^{-9}$.

    Args:
        curvature: $k>0$, loss per parameter squared.
        schedule: temperature and mobility.
        times: increasing times; the first is the start.
        start: lag at the first time, > 0.

    Returns:
        The lag at each time.

    Raises:
        ValueError: an argument that is not positive, times that do not increase, or so long that T is no double.

    Source: second moment of the Fokker-Planck equation in a quadratic well, Risken (1996).

    >>> from trainphys.systems.coolings import quench
    >>> y = variance_lag(1.0, quench(1.0), [0.0, 1.0], start=2.0)
    >>> bool(abs(y[1] - (1 + math.exp(-2.0))) < 1e-8)
    True
    """
    [t] = finite(times=times)
    positive(curvature=curvature, start=start, temperatures=schedule.temperature(t))
    if t.ndim != 1 or t.size < 2 or not (np.diff(t) > 0).all():
        raise ValueError("expected at least two increasing times, got others: sort them")
    first = float(schedule.temperature(t[0]))

    def rate(time: float, variance: Array) -> Array:
        return 2 * schedule.mobility(time) * (schedule.temperature(time) - curvature * variance)

    # the coldest variance sets the absolute error
    floor = 1e-10 * float(np.min(schedule.temperature(t))) / curvature
    found = solve_ivp(rate, (t[0], t[-1]), [start * first / curvature], "Radau", t, rtol=1e-9, atol=floor)
    return np.asarray(curvature * found.y[0] / schedule.temperature(t))


def steady_lag(mobility: float, curvature: float, tau: float) -> float:
    r"""Lag that exponential cooling at constant mobility ends with, $y_\infty=\left(1-\frac1{2\eta k\tau}\right)^{-1}$.

    Infinite when $2\eta k\tau\le1$: the well then never catches up with the temperature.

    Args:
        mobility: $\eta>0$.
        curvature: $k>0$.
        tau: cooling time $\tau>0$.

    Raises:
        ValueError: an argument that is not positive.

    Source: the point of rest of the equation of ``variance_lag``.

    >>> steady_lag(1.0, 1.0, 1.0)
    2.0
    """
    positive(mobility=mobility, curvature=curvature, tau=tau)
    slowness = 2 * mobility * curvature * tau
    return slowness / (slowness - 1) if slowness > 1 else math.inf


def stopping_temperature(curvature: float, schedule: Exponential, start: float = 1.0) -> float:
    r"""Temperature at which the spread stops for good when $\tau_\eta=2\tau$, however long the schedule goes on.

    $$T_{\rm stop}=T_0\left[\frac{2\,P(3,x)}{x^2}+y_0e^{-x}\right],\qquad x=4\eta_0k\tau,$$
    about $T_0/8(\eta_0k\tau)^2$ for slow cooling; $P$ is the regularised incomplete gamma function.

    >>> slow = Exponential(1.0, tau=100.0, mobility_tau=200.0)
    >>> round(stopping_temperature(1.0, slow) * 8 * 100.0**2, 9)
    1.0
    """
    if not math.isclose(schedule.mobility_tau, 2 * schedule.tau):
        raise ValueError(
            f"expected mobility_tau = 2 tau, got {schedule.mobility_tau} and {schedule.tau}: no closed form"
        )
    positive(curvature=curvature, start=start)
    x = 4 * schedule.mobility_start * curvature * schedule.tau
    return float(schedule.start * (2 * gammainc(3, x) / x**2 + start * math.exp(-x)))


def euler_temperature(temperature: float, mobility: float, curvature: float, dt: float) -> float:
    r"""Temperature at which Euler-Maruyama steps equilibrate in a quadratic well: $T/(1-\tfrac12\eta k\,dt)$.

    >>> euler_temperature(1.0, 1.0, 1.0, 1.0)
    2.0
    """
    if not 0 < mobility * curvature * dt < 2:
        raise ValueError(
            f"expected 0 < mobility * curvature * dt < 2, got {mobility * curvature * dt}: take shorter steps"
        )
    return temperature / (1 - mobility * curvature * dt / 2)


def divergence_from_boltzmann(y: ArrayLike) -> Array:
    r"""Free energy still to be released, over T, per dimension: $D(p\Vert\pi_T)=\tfrac12(y-1-\ln y)$ nats.

    Args:
        y: lag $k\sigma^2/T>0$ of a Gaussian in a quadratic well.

    Raises:
        ValueError: a lag that is not positive.

    Source: relative entropy of two normal densities of one mean, whose variances have the ratio y.

    >>> float(divergence_from_boltzmann(1.0)), round(float(divergence_from_boltzmann(math.e)) - math.e / 2, 12)
    (0.0, -1.0)
    """
    [y] = positive(lag=y)
    return np.asarray((y - 1 - np.log(y)) / 2)


def entropy_production(y: ArrayLike, mobility: float, curvature: float) -> tuple[Array, Array, Array]:
    r"""Entropy production rates of a Gaussian in a quadratic well, per dimension: total, medium, system.

    $$\dot s_{\rm tot}=\eta k\frac{(y-1)^2}{y},\qquad\dot s_{\rm med}=\eta k(y-1),\qquad\dot s_{\rm sys}=\eta
    k(1/y-1).$$

    Args:
        y: lag $k\sigma^2/T>0$.
        mobility: $\eta>0$.
        curvature: $k>0$.

    Returns:
        Nats per unit of time.

    Raises:
        ValueError: an argument that is not positive.

    Source: Seifert (2012), "Stochastic thermodynamics, fluctuation theorems and molecular machines".

    >>> total, medium, system = entropy_production(2.0, 1.0, 1.0)
    >>> float(total), float(medium), float(system)
    (0.5, 1.0, -0.5)
    """
    [y] = positive(lag=y)
    positive(mobility=mobility, curvature=curvature)
    medium, system = mobility * curvature * (y - 1), mobility * curvature * (1 / y - 1)
    return np.asarray(mobility * curvature * (y - 1) ** 2 / y), np.asarray(medium), np.asarray(system)
