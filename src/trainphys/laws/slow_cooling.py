"""Slow cooling: by how much a density trails behind its temperature, to first order in the cooling rate."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erf, gammaln, rel_entr

from trainphys.arrays import Array
from trainphys.checks import at_least, positive
from trainphys.laws.two_wells import hopping_rate, upper_share
from trainphys.systems.coolings import Exponential, Schedule
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Potential, Quartic


def quasistatic_ratio(lag: ArrayLike, dimension: float = 1) -> Array:
    r"""Both sides of the test, averaged over a Gaussian density and divided, in a quadratic well of one curvature.

    $$R=\frac{\langle|\partial_t\ln p|\rangle}{\eta\langle|\nabla L\cdot\nabla\ln p|\rangle}
    =\frac{4\,(d/2)^{d/2}e^{-d/2}}{d\,\Gamma(d/2)}\left|1-\frac1y\right|,$$ the mean absolute deviation of a chi-squared
    variable over its mean; about $\sqrt{4/\pi d}\,|1-1/y|$ for many parameters. $y=k\sigma^2/T$ is the lag, common to
    all d of them.

    >>> round(float(quasistatic_ratio(2.0, 2)) * np.e, 12)  # d = 2: exponential variable, deviation 2/e
    1.0
    """
    [y] = positive(lag=lag)
    positive(dimension=dimension)
    half = dimension / 2
    deviation = 4 * np.exp(half * np.log(half) - half - gammaln(half)) / dimension
    return np.asarray(deviation * np.abs(1 - 1 / y))


def pointwise_share(lag: ArrayLike, ratio: float) -> Array:
    r"""Share of runs in a quadratic well of one parameter where the test is met as it stands, point by point.

    $$P\left(|1-\tfrac1y|\,|z^2-1|\le\rho z^2\right),\quad z\text{ standard normal}:\qquad
    z^2\ge\frac e{\rho+e},\quad\text{and}\quad z^2\le\frac e{e-\rho}\ \text{ if }e=|1-\tfrac1y|>\rho .$$
    $\rho$ is what counts as "much smaller".

    >>> float(pointwise_share(1.0, 0.1))
    1.0
    """
    [y] = positive(lag=lag)
    positive(ratio=ratio)
    e = np.abs(1 - 1 / y)
    excess = e > ratio
    upper = np.where(excess, erf(np.sqrt(e / np.where(excess, e - ratio, 1.0) / 2)), 1.0)
    return np.asarray(upper - erf(np.sqrt(e / (ratio + e) / 2)))


@dataclass(frozen=True, slots=True)
class SlowCooling:
    """Two times that a temperature has: cooling is slow when the cooling time is long against them."""

    lag_time: float  # D(p || pi_T) = (lag_time / tau)^2 / 2
    friction_time: float  # entropy produced per unit of entropy moved = friction_time / tau
    production: float  # rate of entropy production times tau^2 (nats times time)


def slow_cooling(potential: Potential, temperature: float, mobility: float, grid: Grid) -> SlowCooling:
    r"""Lag of a density behind slow exponential cooling, $\dot T=-T/\tau$, by quadrature alone.

    To leave $\pi_T$ at the pace of the cooling, the current must be $j=-\partial_t\int_{-\infty}^x\pi_T$, which bends
    the density to $\pi_T(1+\varphi/\tau)$ with
    $$\varphi'(x)=-\frac{1}{\eta T\pi_T}\int_{-\infty}^x\pi_T\,\frac{L-\langle
    L\rangle}{T}\,dx',\qquad\langle\varphi\rangle=0 .$$ Then
    $D(p\Vert\pi_T)\to\tfrac12\langle\varphi^2\rangle/\tau^2$, and the rate of entropy production is $\langle\eta
    T\varphi'^2\rangle/\tau^2$ while entropy leaves at the rate $\operatorname{var}(L)/T^2\tau$.

    The two times are $1/(2\sqrt2\,\eta k)$ and $1/(2\eta k)$ in a quadratic well, and $\tau^2$ times the rate of
    entropy production is $1/(4\eta k)$; for $L\propto|x|^n$ they all go as $T^{2/n-1}/\eta$.

    Raises:
        ValueError: a temperature or mobility that is not positive, or a temperature so low against a barrier between
            level wells that rounding hides which of them is fuller.

    Source: first-order response as in Sivak and Crooks (2012), "Thermodynamic metrics and optimal paths".

    >>> from trainphys.systems.losses import harmonic
    >>> times = slow_cooling(harmonic(), 1.0, 1.0, Grid(-8.0, 8.0, 2000))
    >>> round(times.lag_time * 8**0.5, 3), round(times.friction_time * 2, 3), round(times.production * 4, 3)
    (1.0, 1.0, 1.0)
    """
    positive(temperature=temperature, mobility=mobility)
    p = boltzmann(potential, temperature, grid)
    excess = potential.value(grid.centres) / temperature
    excess = excess - (p * excess).sum() * grid.width
    inner, rounding = _running(p * excess * grid.width)  # at the faces between cells
    face = np.sqrt(p[:-1] * p[1:])
    conductance = np.where(face > 1e-250, mobility * temperature * face, np.inf)
    slope = -inner / conductance
    phi = np.concatenate([[0.0], np.cumsum(slope) * grid.width])
    phi -= (p * phi).sum() * grid.width
    produced = mobility * temperature * (face * slope**2).sum() * grid.width
    lag_time = float(np.sqrt((p * phi**2).sum() * grid.width))
    if (lost := float((rounding / conductance).sum()) * grid.width) > 0.01 * lag_time:
        raise ValueError(
            f"expected a lag time well above its rounding error, got {lag_time:.2g} and {lost:.2g}: "
            "raise the temperature, the wells are too level for so high a barrier"
        )
    return SlowCooling(
        lag_time=lag_time,
        friction_time=float(produced / ((p * excess**2).sum() * grid.width)),
        production=float(produced),
    )


def slowness(
    potential: Potential, schedule: Exponential, duration: float, dimension: int = 1, points: int = 60
) -> float:
    r"""Cooling time over the longest lag time that a schedule meets, $\min_t\,\tau/\tau_{\rm lag}(T(t),\eta(t))$.

    Of d equal and independent dimensions the divergences add, so their lag time is $\sqrt d$ times longer. A slowness
    of 5 keeps, to first order, the divergence at one fiftieth of a nat, and every probability within a tenth of
    equilibrium (Pinsker).

    >>> from trainphys.systems.losses import harmonic
    >>> round(slowness(harmonic(), Exponential(1.0, tau=10.0), 20.0) / (10.0 * 8**0.5), 2)
    1.0
    """
    positive(duration=duration)
    at_least(1, dimension=dimension)
    longest = 0.0
    for t in np.linspace(0, duration, points):
        temperature = float(schedule.temperature(t))
        grid = Grid.around(potential, temperature, 1000)
        found = slow_cooling(potential, temperature, float(schedule.mobility(t)), grid)
        longest = max(longest, found.lag_time)
    return schedule.tau / (longest * math.sqrt(dimension))


def share_divergence(potential: Quartic, schedule: Schedule, times: ArrayLike) -> Array:
    r"""Divergence of the shares of two wells from those at rest, in nats, along a schedule that starts at rest.

    $$D=u\ln\frac u{u_{\rm eq}}+(1-u)\ln\frac{1-u}{1-u_{\rm eq}},$$ the part of the divergence from Boltzmann's density
    that waits for jumps.

    >>> from trainphys.systems.losses import double_well
    >>> bool(abs(share_divergence(double_well(1.0), Exponential(1.0, 3.0), [0.0, 10.0])).max() < 1e-9)  # level wells
    True
    """
    t = np.asarray(times, dtype=float)
    u = upper_share(potential, schedule, t)
    rest = np.array([hopping_rate(potential, float(T)).upper_share for T in schedule.temperature(t)])
    return np.asarray(rel_entr(u, rest) + rel_entr(1 - u, 1 - rest))


def _running(terms: Array) -> tuple[Array, Array]:
    """Sums up to each face, from the side where they are small lest the tails be lost, and their rounding errors."""
    left, right = np.cumsum(terms)[:-1], -np.cumsum(terms[::-1])[::-1][1:]
    mass = np.cumsum(np.abs(terms))
    smaller = np.minimum(mass[:-1], mass[-1] - mass[:-1])
    return np.where(mass[:-1] < mass[-1] / 2, left, right), np.finfo(float).eps * smaller
