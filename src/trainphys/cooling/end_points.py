"""Where a schedule should start and end: what the temperature has to be compared with."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from trainphys.cooling.fokker_planck import Grid, boltzmann, evolve
from trainphys.cooling.halving import halved
from trainphys.cooling.langevin_ensemble import langevin
from trainphys.cooling.potentials import Quartic, harmonic, wells
from trainphys.cooling.schedules import Schedule
from trainphys.cooling.two_state import hopping
from trainphys.estimate import Estimate


def curvature_range(potential: Quartic) -> tuple[float, float]:
    r"""Smallest and largest $|L''|$ at the stationary points (minima and barrier tops).

    Taken over all parameters the largest would be infinite for a quartic, and the smallest zero.

    >>> from trainphys.cooling.potentials import double_well
    >>> tuple(round(c, 9) for c in curvature_range(double_well(1.0)))
    (4.0, 8.0)
    """
    _, _, c2, c3, c4 = potential.coefficients
    x = np.array(potential.stationary_points())
    found = np.abs(2 * c2 + 6 * c3 * x + 12 * c4 * x**2)
    return float(found.min()), float(found.max())


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

    >>> from trainphys.cooling.potentials import double_well
    >>> loss = double_well(1.0, 0.5)
    >>> bool(freezing_temperature(loss, 1000.0) < freezing_temperature(loss, 100.0) < 1.0)
    True
    """
    barrier = wells(potential).barrier

    def jumps_left(log_t: float) -> float:  # logarithm
        temperature = float(np.exp(log_t))
        return float(np.log(hopping(potential, temperature, mobility).rate * tau * temperature / barrier))

    low, high = np.log(barrier / 100), np.log(10 * barrier)
    if not jumps_left(high) > 0:
        raise ValueError(f"expected a longer cooling time, got {tau}: the wells exchange nothing before it is over")
    return float(np.exp(brentq(jumps_left, low, high)))


def final_temperature_for(loss: float, dimension: int) -> float:
    r"""Final temperature for a wanted mean loss above the minimum, $T_f=2\varepsilon/d$, whatever the curvatures.

    Args:
        loss: $\varepsilon>0$, mean of $L-L_{\min}$ at the end.
        dimension: d >= 1, parameters with a quadratic loss.

    Raises:
        ValueError: an argument out of range.

    >>> final_temperature_for(0.5, 10)
    0.1
    """
    if not loss > 0 or dimension < 1:
        raise ValueError(f"expected loss > 0 and dimension >= 1, got {loss} and {dimension}")
    return 2 * loss / dimension


def measured_spreads(
    curvatures: tuple[float, ...],
    schedule: Schedule,
    duration: float,
    dt: float,
    particles: int,
    rng: np.random.Generator,
) -> tuple[list[Estimate], Estimate]:
    """Mean square displacement in each direction of a quadratic loss, and its mean loss, at the end of a schedule.

    Langevin particles start from equilibrium at the schedule's first temperature.

    Args:
        curvatures: one for each direction, > 0.
        schedule: temperature and mobility.
        duration: length of the run.
        dt: time step.
        particles: number of particles.
        rng: generator of this task.
    """
    k = np.array(curvatures)
    first = np.sqrt(float(schedule.temperature(0.0)) / k) * rng.standard_normal((particles, k.size))
    times = np.linspace(0, duration, max(2, round(duration / dt)) + 1)
    x = langevin([harmonic(c) for c in curvatures], first, schedule, times, rng).states[0]
    return [Estimate.from_samples(column**2) for column in x.T], Estimate.from_samples((k * x**2 / 2).sum(axis=1))


def measured_end_temperature(curvature: float, schedule: Schedule, duration: float) -> Estimate:
    r"""$k\sigma^2$ at the end of a schedule in a quadratic well, from the density (Fokker-Planck), started at rest.

    It is the temperature itself where the well follows at once, $2\eta k\tau\gg1$.

    Args:
        curvature: k > 0.
        schedule: temperature and mobility.
        duration: length of the run.
    """
    loss = harmonic(curvature)

    def spread(cells: int, steps: int) -> float:
        grid = Grid.around(loss, float(schedule.temperature(0.0)), cells)
        start = boltzmann(loss, float(schedule.temperature(0.0)), grid)
        p = evolve(loss, start, schedule, np.linspace(0, duration, steps + 1), grid).density[0]
        return float(curvature * (p * grid.centres**2).sum() * grid.width)

    return halved(spread, 1600, 2000)
