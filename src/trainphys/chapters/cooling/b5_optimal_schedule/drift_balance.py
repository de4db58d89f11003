"""The learning rate at half the pace of the temperature: does it follow, and does it keep the balance?"""

from collections.abc import Sequence

import numpy as np

from trainphys.estimate import Estimate
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.langevin import langevin
from trainphys.systems.coolings import Exponential
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Custom, Quartic


def power_well(power: float) -> Custom:
    r"""$L=|x|^n$, for densities (no slope for particles).

    >>> float(power_well(4.0).value(-2.0))
    16.0
    """
    return Custom(lambda x: np.asarray(np.abs(np.asarray(x, dtype=float)) ** power), None)


def measured_drift_change(power: float, tie: float, tau: float, fall: float = 100.0) -> Estimate:
    r"""R at the end of a slow cooling run in $L=|x|^n$ over R a tenth of the way, by the Fokker-Planck equation.

    R is taken from the density's $\langle L'^2\rangle$, the mobility is $\eta=T^a$, and T falls from one by the factor
    F in all: by $F^{0.9}$ between the two moments.
    """
    return with_refinement_error(lambda cells, steps: _change(power, tie, tau, fall, cells, steps), 2400, 2000)


def measured_balancing_exponent(power: float, tau: float, fall: float = 100.0) -> Estimate:
    """Exponent of the mobility that leaves R as it was: the straight line of ln R through two exponents, solved."""
    low, high = 0.0, 0.5

    def exponent(cells: int, steps: int) -> float:
        first, second = (np.log(_change(power, tie, tau, fall, cells, steps)) for tie in (low, high))
        return float(low - first * (high - low) / (second - first))

    return with_refinement_error(exponent, 2400, 2000)


def _change(power: float, tie: float, tau: float, fall: float, cells: int, steps: int) -> float:
    loss = power_well(power)
    schedule = Exponential(1.0, tau, mobility_tau=tau / tie if tie else np.inf)
    grid = Grid.around(loss, 1.0, cells)
    times = np.linspace(0, schedule.duration(1 / fall), steps + 1)
    run = evolve(loss, boltzmann(loss, 1.0, grid), schedule, times, grid, record=[steps // 10, steps])
    steepness = (power * np.abs(grid.centres) ** (power - 1)) ** 2
    squares = (run.density * steepness).sum(axis=1) * grid.width
    ratio = np.sqrt(schedule.mobility(run.times) * squares / (2 * schedule.temperature(run.times)))
    return float(ratio[1] / ratio[0])


def measured_drift_ratio(
    potential: Quartic, schedule: Exponential, duration: float, dt: float, particles: int, rng: np.random.Generator
) -> list[Estimate]:
    """R of Langevin particles in a quadratic well, from equilibrium, at the start and after each quarter of a run."""
    curvature = 2 * potential.coefficients[2]
    steps = 4 * max(1, round(duration / dt / 4))
    times = np.linspace(0, duration, steps + 1)
    first = np.sqrt(float(schedule.temperature(0.0)) / curvature) * rng.standard_normal(particles)
    run = langevin(potential, first, schedule, times, rng, record=np.arange(0, steps + 1, steps // 4))
    found = []
    for t, x in zip(run.times, run.states, strict=True):
        mean = Estimate.from_samples((curvature * x) ** 2)
        value = float(np.sqrt(schedule.mobility(t) * mean.value / (2 * schedule.temperature(t))))
        found.append(Estimate.combined(value, [(value / (2 * mean.value), mean)]))
    return found


def sgd_temperatures(
    rates: Sequence[float], batches: Sequence[float], replicas: int, rng: np.random.Generator, moments: int = 4
) -> list[Estimate]:
    r"""Temperature of SGD at the start, and after equal parts of a run, from the spread of many replicas.

    One quadratic loss of curvature one, gradients with independent Gaussian noise of variance 1/B; rates and batch
    sizes of each update are given. The temperature is $\langle\theta^2\rangle$; replicas start at rest.
    """
    at_rest = np.sqrt(rates[0] / (2 * batches[0]) / (1 - rates[0] / 2))
    theta = (at_rest * rng.standard_normal(replicas)).astype(np.float32)
    found, part = [Estimate.from_samples(theta**2)], len(rates) // moments
    for n, (eta, batch) in enumerate(zip(rates, batches, strict=True), start=1):
        noise = np.float32(np.sqrt(1 / batch)) * rng.standard_normal(replicas, dtype=np.float32)
        theta -= np.float32(eta) * (theta + noise)
        if n % part == 0 and len(found) <= moments:
            found.append(Estimate.from_samples(theta**2))
    return found
