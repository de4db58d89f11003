r"""Drift against diffusion along a run: $R=\eta|\nabla L|/\sqrt{2D}$ with $D=\eta T$, per $\sqrt{\text{time}}$."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainphys.cooling.fokker_planck import Grid, boltzmann, evolve
from trainphys.cooling.halving import halved
from trainphys.cooling.langevin_ensemble import langevin
from trainphys.cooling.potentials import Custom, Quartic
from trainphys.cooling.schedules import Exponential
from trainphys.estimate import Estimate

Array = NDArray[np.float64]


def drift_ratio(mobility: ArrayLike, curvature: ArrayLike, lag: ArrayLike = 1.0) -> Array:
    r"""Drift over diffusion in a quadratic well, $R=\sqrt{\eta k\,y/2}$, per $\sqrt{\text{time}}$.

    $y=k\sigma^2/T$ is the lag of the spread, 1 at equilibrium: R then depends on the mobility alone, and a constant
    mobility keeps it constant at every temperature.

    Args:
        mobility: $\eta>0$.
        curvature: $k>0$.
        lag: $y>0$.

    Raises:
        ValueError: an argument that is not positive.

    >>> float(drift_ratio(2.0, 1.0))
    1.0
    """
    eta, k, y = (np.asarray(v, dtype=float) for v in (mobility, curvature, lag))
    if not ((eta > 0).all() and (k > 0).all() and (y > 0).all()):
        raise ValueError(f"expected mobility, curvature and lag > 0, got {mobility!r}, {curvature!r}, {lag!r}")
    return np.asarray(np.sqrt(eta * k * y / 2))


def drift_ratio_exponent(power: ArrayLike, tie: ArrayLike) -> Array:
    r"""Exponent b in $R\propto T^b$ at equilibrium, for $L\propto|x|^n$ and $\eta\propto T^a$.

    $$b=\frac a2+\frac12-\frac1n,$$ because $\langle L'^2\rangle\propto T^{2-2/n}$.

    Args:
        power: n > 1/2.
        tie: a; 1/2 is the document's rate.

    Raises:
        ValueError: a power of 1/2 or less, where the mean square slope is infinite.

    >>> float(drift_ratio_exponent(2.0, 0.0)), float(drift_ratio_exponent(2.0, 0.5))
    (0.0, 0.25)
    """
    n, a = np.asarray(power, dtype=float), np.asarray(tie, dtype=float)
    if not (n > 0.5).all():
        raise ValueError(f"expected power > 1/2, got {power!r}")
    return np.asarray(a / 2 + 0.5 - 1 / n)


def balancing_exponent(power: ArrayLike) -> Array:
    r"""Exponent a of the mobility $\eta\propto T^a$ that keeps R constant at equilibrium, for $L\propto|x|^n$.

    $$a=\frac2n-1:$$ 0 in a quadratic well, 1/2 (the document's) only for $n=4/3$, 1 for a constant slope.

    Args:
        power: n > 1/2.

    Raises:
        ValueError: as ``drift_ratio_exponent``.

    >>> float(balancing_exponent(2.0)), round(float(balancing_exponent(4 / 3)), 9)
    (0.0, 0.5)
    """
    drift_ratio_exponent(power, 0.0)
    return np.asarray(2 / np.asarray(power, dtype=float) - 1)


def coupled_rate(temperature: ArrayLike, batch_size: ArrayLike, gradient_variance: ArrayLike) -> Array:
    r"""Learning rate that gives SGD a wanted temperature, $\eta=2BT/c$ (short steps).

    At a fixed batch size it is proportional to T: $T\propto e^{-t/\tau}$ needs $\eta\propto e^{-t/\tau}$.

    Args:
        temperature: T > 0, loss units.
        batch_size: B >= 1.
        gradient_variance: c > 0, variance of one sample's gradient in a direction.

    Raises:
        ValueError: an argument out of range.

    Source: Mandt et al. (2017), turned round.

    >>> float(coupled_rate(0.05, 10, 4.0))
    0.25
    """
    t, b, c = (np.asarray(v, dtype=float) for v in (temperature, batch_size, gradient_variance))
    if not ((t > 0).all() and (b >= 1).all() and (c > 0).all()):
        raise ValueError("expected temperature > 0, batch_size >= 1 and gradient_variance > 0, got others")
    return np.asarray(2 * b * t / c)


def power_well(power: float) -> Custom:
    r"""$L=|x|^n$, for densities (no slope for particles).

    Raises:
        ValueError: a power that is not positive.

    >>> float(power_well(4.0).value(-2.0))
    16.0
    """
    if not power > 0:
        raise ValueError(f"expected power > 0, got {power}")
    return Custom(lambda x: np.asarray(np.abs(np.asarray(x, dtype=float)) ** power), None)


def measured_drift_change(power: float, tie: float, tau: float, start: float = 1.0, fall: float = 100.0) -> Estimate:
    r"""R at the end of a slow cooling run in $L=|x|^n$ over R a tenth of the way, by the Fokker-Planck equation.

    R is taken from the density's $\langle L'^2\rangle$; the mobility is $\eta=(T/T_0)^a$. Between the two
    moments T falls by the factor $F^{0.9}$.

    Args:
        power: n > 1.
        tie: a.
        tau: cooling time.
        start: $T_0$, of the equilibrium at the start.
        fall: $F=T_0/T_f>1$.
    """
    loss = power_well(power)
    schedule = Exponential(start, tau, mobility_tau=tau / tie if tie else np.inf)
    duration = schedule.duration(start / fall)

    def change(cells: int, steps: int) -> float:
        grid = Grid.around(loss, start, cells)
        times = np.linspace(0, duration, steps + 1)
        run = evolve(loss, boltzmann(loss, start, grid), schedule, times, grid, record=[steps // 10, steps])
        steepness = (power * np.abs(grid.centres) ** (power - 1)) ** 2
        squares = (run.density * steepness).sum(axis=1) * grid.width
        ratio = np.sqrt(schedule.mobility(run.times) * squares / (2 * schedule.temperature(run.times)))
        return float(ratio[1] / ratio[0])

    return halved(change, 2400, 2000)


def measured_drift_ratio(
    potential: Quartic, schedule: Exponential, duration: float, dt: float, particles: int, rng: np.random.Generator
) -> list[Estimate]:
    """R of Langevin particles at the start, a quarter, half, three quarters and the end of a run.

    Particles start from equilibrium in the quadratic approximation at the minimum (x = 0).

    Args:
        potential: a quadratic well.
        schedule: temperature and mobility.
        duration: length of the run.
        dt: time step.
        particles: number of particles.
        rng: generator of this task.
    """
    curvature = 2 * potential.coefficients[2]
    steps = 4 * max(1, round(duration / dt / 4))
    times = np.linspace(0, duration, steps + 1)
    first = np.sqrt(float(schedule.temperature(0.0)) / curvature) * rng.standard_normal(particles)
    run = langevin(potential, first, schedule, times, rng, record=np.arange(0, steps + 1, steps // 4))
    found = []
    for t, x in zip(run.times, run.states, strict=True):
        mean = Estimate.from_samples((curvature * x) ** 2)
        value = float(np.sqrt(schedule.mobility(t) * mean.value / (2 * schedule.temperature(t))))
        found.append(Estimate(value, value * mean.stderr / mean.value / 2, particles, mean.dof))
    return found


def sgd_cooling(
    *, rate_exponent: float, batch_exponent: float, tau: float, duration: float, rate: float, replicas: int,
    rng: np.random.Generator, curvature: float = 1.0, gradient_variance: float = 1.0, batch_size: float = 64.0,
) -> tuple[Estimate, float]:  # fmt: skip
    r"""Temperature of SGD at the end of a run over that at its start, from the spread of many replicas.

    One quadratic loss, gradients with independent Gaussian noise of variance c/B; update n has
    $\eta=\eta_0e^{-an/\tau}$ and $B=B_0e^{bn/\tau}$. The temperature is $k\langle\theta^2\rangle$.
    Replicas start at rest.

    Args:
        rate_exponent: a; the document says 1/2.
        batch_exponent: b; 0 keeps the batch size.
        tau: in updates.
        duration: in updates.
        rate: $\eta_0$, with $\eta_0k\ll1$.
        replicas: independent runs.
        rng: generator of this task.
        curvature: k.
        gradient_variance: c.
        batch_size: $B_0$.

    Returns:
        The measured ratio, and the share by which the spread trails behind the temperature, to first order.
    """
    updates = round(duration)
    theta = np.sqrt(rate * gradient_variance / (2 * batch_size) / (curvature * (1 - rate * curvature / 2)))
    theta = (theta * rng.standard_normal(replicas)).astype(np.float32)
    first = Estimate.from_samples(theta**2)
    for n in range(updates):
        eta = rate * np.exp(-rate_exponent * n / tau)
        noise = np.sqrt(gradient_variance / batch_size * np.exp(-batch_exponent * n / tau))
        kick = np.float32(noise) * rng.standard_normal(replicas, dtype=np.float32)
        theta -= np.float32(eta) * (np.float32(curvature) * theta + kick)
    last = Estimate.from_samples(theta**2)
    value = last.value / first.value
    spread = value * np.hypot(last.stderr / last.value, first.stderr / first.value)
    slowest = rate * np.exp(-rate_exponent * updates / tau) * curvature
    return Estimate(value, spread, replicas, replicas - 1), (rate_exponent + batch_exponent) / (2 * slowest * tau)
