"""Measurements for quenches: entropy rates of a density at one moment, and the slopes that particles feel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.cooling.b3_quenching_and_annealing.entropy_terms import density_terms
from trainphys.chapters.cooling.b3_quenching_and_annealing.fluctuation import integral_fluctuation, path_entropy
from trainphys.chapters.cooling.b3_quenching_and_annealing.spacings import produced_by_particles
from trainphys.estimate import Estimate
from trainphys.laws.entropy_rate import EntropyTerms
from trainphys.laws.quench import drift_to_noise, quench_number
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.entropy import production
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.langevin import langevin
from trainphys.simulate.ornstein_uhlenbeck import sample_ou
from trainphys.systems.coolings import Schedule
from trainphys.systems.grid import Densities, Grid, boltzmann
from trainphys.systems.losses import Quartic

ROUNDING = 1e-9  # of the largest term: what the sum over cells may lose where the rates cancel


def shifted_well(curvature: float, centre: float) -> Quartic:
    r"""A quadratic well round another point, $\tfrac12k(x-c)^2$.

    >>> shifted_well(2.0, 1.0).value(1.0)
    array(0.)
    """
    if not curvature > 0:
        raise ValueError(f"expected curvature > 0, got {curvature}")
    return Quartic((curvature * centre**2 / 2, -curvature * centre, curvature / 2, 0.0, 0.0))


def grid_of(start: Quartic, temperature: float, cells: int) -> Grid:
    """Cells that hold the Boltzmann density of a loss up to 30 temperatures above its minimum.

    Args:
        start: the loss whose Boltzmann density is held.
        temperature: T > 0.
        cells: how many.

    Raises:
        ValueError: a temperature that is not positive.

    >>> grid = grid_of(shifted_well(1.0, 5.0), 0.02, 100)
    >>> 3.8 < grid.left < 4.0 < 6.0 < grid.right < 6.2
    True
    """
    if not temperature > 0:
        raise ValueError(f"expected temperature > 0, got {temperature}")
    points, limit = start.stationary_points(), start.minimum() + 30 * temperature
    step = 1e-3 * min(1.0, float(np.sqrt(temperature)))
    ends = []
    for end, sign in ((points[0], -1), (points[-1], 1)):
        reach = step
        while float(start.value(end + sign * reach)) < limit:
            reach *= 1.02
        ends.append(end + sign * reach)
    return Grid(ends[0], ends[1], cells)


@dataclass(frozen=True, slots=True)
class MomentRates:
    """Entropy rates of one density, from its net flows, and the averages that formulas are made of."""

    total: Estimate
    medium: Estimate
    system: Estimate
    terms: EntropyTerms

    def share_missed(self) -> Estimate:
        """By what share of the drift term the total differs from it."""
        error = self.total.stderr / float(self.terms.drift)
        return Estimate(abs(float(self.terms.drift) - self.total.value) / float(self.terms.drift), error, 1)


def moment_rates(
    potential: Quartic, start: Quartic, start_temperature: float, temperature: float, cells: int, mobility: float = 1.0
) -> MomentRates:
    """Rates at the first moment of a quench, measured on cells and on half as many for their error.

    Args:
        potential: the loss.
        start: the density is the Boltzmann density of this loss (the same one, or shifted, or another)
        start_temperature: at this temperature.
        temperature: T > 0, of the bath.
        cells: cells of the finer grid, an even number.
        mobility: $\\eta>0$.

    Raises:
        ValueError: as ``production``.

    >>> from trainphys.systems.losses import harmonic
    >>> hot = moment_rates(harmonic(), harmonic(), 4.0, 1.0, 800)  # y = 4
    >>> abs(hot.total.value - 2.25) < hot.total.tolerance(), round(hot.share_missed().value, 3)
    (True, 0.438)
    """
    found = []
    for k in (1, 2):
        grid = grid_of(start, start_temperature, cells // k)
        density = boltzmann(start, start_temperature, grid)
        found.append(production(potential, density, temperature, mobility, grid))
        if k == 1:
            terms = density_terms(potential, density, temperature, mobility, grid)
    fine, coarse = found
    floor = ROUNDING * max(abs(terms.drift), abs(terms.spread), abs(terms.curvature))
    total, medium, system = (
        Estimate.from_solver(getattr(fine, name), abs(getattr(fine, name) - getattr(coarse, name)) + floor)
        for name in ("total", "medium", "system")
    )
    return MomentRates(total, medium, system, terms)


def terms_over(potential: Quartic, run: Densities, schedule: Schedule, grid: Grid) -> EntropyTerms:
    """Terms of a Fokker-Planck run integrated over its recorded times by the trapezoidal rule, in nats.

    Args:
        potential: the loss.
        run: densities, recorded often.
        schedule: temperature and mobility.
        grid: the cells.

    Raises:
        ValueError: as ``density_terms``.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import quench
    >>> grid = Grid(-6.0, 6.0, 300)
    >>> still = Densities(np.array([0.0, 2.0]), np.array([boltzmann(harmonic(), 1.0, grid)] * 2))
    >>> round(float(terms_over(harmonic(), still, quench(1.0), grid).drift), 3)
    2.0
    """
    temperature, mobility = schedule.temperature(run.times), schedule.mobility(run.times)
    found = [
        density_terms(potential, p, float(T), float(eta), grid)
        for p, T, eta in zip(run.density, temperature, mobility, strict=True)
    ]
    parts = np.array([(f.drift, f.spread, f.curvature) for f in found])
    return EntropyTerms(*(float(v) for v in np.trapezoid(parts, run.times, axis=0)))


@dataclass(frozen=True, slots=True)
class Units:
    """Factors by which the numbers for time, parameters and loss grow when they are counted in smaller units."""

    time: float = 1.0
    parameter: float = 1.0
    loss: float = 1.0


def conditions_in_units(
    units: Units,
    lag: float,
    clock: float,
    particles: int,
    rng: np.random.Generator,
    rate: float = 1.0,
    groups: int = 40,
) -> tuple[Estimate, Estimate]:
    r"""One quench in a quadratic well, run with all its numbers in other units: $\eta|\nabla L|/\sqrt{2D}$ and Q.

    In the base units $k=T=1$; the particles start with variance ``lag``, move, and their slopes are averaged.

    Args:
        units: the units to count in.
        lag: variance at the start over that at equilibrium, > 0.
        clock: how long the quench lasts, in relaxation times, > 0.
        particles: how many, a multiple of ``groups``.
        rng: generator of this task.
        rate: $\eta k$ in the base unit of time, > 0.
        groups: groups of particles whose scatter gives the error.

    Returns:
        The document's ratio with the root-mean-square slope, and the quench number.

    Raises:
        ValueError: an argument that is not positive.

    >>> ratio, number = conditions_in_units(Units(time=100.0), 9.0, 1e-6, 40_000, np.random.default_rng(0))
    >>> round(ratio.value, 1), round(number.value)  # 3 / sqrt(2) in the base unit of time
    (0.2, 9)
    """
    if min(units.time, units.parameter, units.loss, lag, clock, rate) <= 0:
        raise ValueError(f"expected positive arguments, got {units}, {lag}, {clock}, {rate}")
    curvature = units.loss / units.parameter**2
    mobility = rate * units.parameter**2 / (units.loss * units.time)
    temperature = units.loss
    start = rng.standard_normal((particles, 1)) * np.sqrt(lag) * units.parameter
    duration = clock / (mobility * curvature)
    x = sample_ou(mobility * curvature, mobility * temperature, start, [0.0, duration], rng)[-1]
    square = ((curvature * x.reshape(-1, groups)) ** 2).mean(axis=0)
    ratio = Estimate.from_samples(drift_to_noise(square, temperature, mobility))
    return ratio, Estimate.from_samples(quench_number(square, curvature, temperature))


def gradient_quench(dimension: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """A random quadratic loss of several parameters: its Hessian, of curvatures 0.3 to 3, and a displaced mean.

    >>> hessian, mean = gradient_quench(3, np.random.default_rng(0))
    >>> bool(np.linalg.eigvalsh(hessian).min() > 0.29), mean.shape
    (True, (3,))
    """
    axes = np.linalg.qr(rng.standard_normal((dimension, dimension)))[0]
    curvatures = np.geomspace(0.3, 3.0, dimension) if dimension > 1 else np.ones(1)
    return np.asarray(axes * curvatures @ axes.T), rng.standard_normal(dimension)


@dataclass(frozen=True, slots=True)
class PairedRun:
    """One run measured twice: terms and rates from its density, entropy produced from its particles (all in nats)."""

    terms: EntropyTerms  # averages over the density, integrated over time
    total: Estimate  # heat and spacings of the particles
    fluctuation: Estimate  # mean of exp(-total entropy) over the trajectories


def paired_run(
    potential: Quartic,
    schedule: Schedule,
    start_temperature: float,
    duration: float,
    particles: int,
    rng: np.random.Generator,
    steps: int = 400,
    cells: int = 1200,
) -> PairedRun:
    """Density and particles of one run, from equilibrium at another temperature.

    Args:
        potential: the loss.
        schedule: temperature and mobility.
        start_temperature: temperature of the equilibrium that both start from.
        duration: t > 0.
        particles: at least 10,000.
        rng: generator of this task.
        steps: time steps of both.
        cells: cells of the density.

    Raises:
        ValueError: as ``evolve``, ``langevin`` and ``produced_by_particles``.

    >>> from trainphys.systems.coolings import quench
    >>> run = paired_run(shifted_well(1.0, 0.0), quench(1.0), 1.0, 0.1, 10_000, np.random.default_rng(0), 10, 600)
    >>> abs(run.terms.total) < 1e-3, abs(run.total.value) < run.total.tolerance()
    (True, True)
    """
    hottest = max(start_temperature, float(schedule.temperature(0.0)))
    grid = grid_of(potential, hottest, cells)
    density = boltzmann(potential, start_temperature, grid)
    times, every = np.linspace(0, duration, steps + 1), np.arange(steps + 1)
    run = evolve(potential, density, schedule, times, grid, scheme="implicit-euler", record=every)
    shares = np.concatenate([[0.0], np.cumsum(density) * grid.width])
    edges = grid.left + grid.width * np.arange(cells + 1)
    x = np.interp(rng.uniform(size=particles), shares / shares[-1], edges)
    stride = max(1, steps // 40)
    cloud = langevin(potential, x, schedule, times, rng, record=every[::stride])
    entropy = path_entropy(cloud, potential, schedule, run.density[0], run.density[-1], grid)
    terms = terms_over(potential, run, schedule, grid)
    return PairedRun(terms, produced_by_particles(cloud, potential, schedule)[0], integral_fluctuation(entropy))


def number_at_end(
    potential: Quartic,
    schedule: Schedule,
    start_temperature: float,
    duration: float,
    cells: int = 800,
    steps: int = 2000,
) -> Estimate:
    """Quench number Q at the end of a Fokker-Planck run, with the change on halving cells and steps as its error.

    Args:
        potential: the loss.
        schedule: temperature and mobility.
        start_temperature: temperature of the equilibrium to start from.
        duration: t > 0.
        cells: cells of the finer grid, an even number.
        steps: time steps of the finer run, an even number.

    Raises:
        ValueError: as ``evolve``.

    >>> from trainphys.systems.coolings import quench
    >>> found = number_at_end(shifted_well(1.0, 0.0), quench(1.0), 4.0, 10.0, 400, 400)  # equilibrium again
    >>> abs(found.value - 1) < 1e-3
    True
    """
    hottest = max(start_temperature, float(schedule.temperature(0.0)))
    temperature, mobility = float(schedule.temperature(duration)), float(schedule.mobility(duration))

    def number(cells: int, steps: int) -> float:
        grid = grid_of(potential, hottest, cells)
        density = boltzmann(potential, start_temperature, grid)
        times = np.linspace(0, duration, steps + 1)
        run = evolve(potential, density, schedule, times, grid, scheme="implicit-euler")
        return float(density_terms(potential, run.density[0], temperature, mobility, grid).quench_number)

    return with_refinement_error(number, cells, steps)
