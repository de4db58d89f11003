"""The learning rate at half the pace of the temperature: does it follow, and does it keep the balance?"""

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
    loss = power_well(power)
    schedule = Exponential(1.0, tau, mobility_tau=tau / tie if tie else np.inf)
    duration = schedule.duration(1 / fall)

    def change(cells: int, steps: int) -> float:
        grid = Grid.around(loss, 1.0, cells)
        times = np.linspace(0, duration, steps + 1)
        run = evolve(loss, boltzmann(loss, 1.0, grid), schedule, times, grid, record=[steps // 10, steps])
        steepness = (power * np.abs(grid.centres) ** (power - 1)) ** 2
        squares = (run.density * steepness).sum(axis=1) * grid.width
        ratio = np.sqrt(schedule.mobility(run.times) * squares / (2 * schedule.temperature(run.times)))
        return float(ratio[1] / ratio[0])

    return with_refinement_error(change, 2400, 2000)


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


def sgd_cooling(
    *, rate_exponent: float, batch_exponent: float, tau: float, duration: float, rate: float, replicas: int,
    rng: np.random.Generator,
) -> tuple[Estimate, float]:  # fmt: skip
    r"""Temperature of SGD at the end of a run over that at its start, from the spread of many replicas.

    One quadratic loss of curvature one, gradients with independent Gaussian noise of variance 1/B; update n has
    $\eta=\eta_0e^{-an/\tau}$ and $B=64\,e^{bn/\tau}$. The temperature is $\langle\theta^2\rangle$; replicas start at
    rest. Also returned: the share by which the spread trails behind the temperature, to first order.
    """
    updates, batch_size = round(duration), 64.0
    at_rest = np.sqrt(rate / (2 * batch_size) / (1 - rate / 2))
    theta = (at_rest * rng.standard_normal(replicas)).astype(np.float32)
    first = Estimate.from_samples(theta**2)
    for n in range(updates):
        eta = rate * np.exp(-rate_exponent * n / tau)
        noise = np.sqrt(1 / batch_size * np.exp(-batch_exponent * n / tau))
        theta -= np.float32(eta) * (theta + np.float32(noise) * rng.standard_normal(replicas, dtype=np.float32))
    slowest = rate * np.exp(-rate_exponent * updates / tau)
    return Estimate.from_samples(theta**2) / first, (rate_exponent + batch_exponent) / (2 * slowest * tau)
