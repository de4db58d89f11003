"""Whole runs of quenches: by density and by particles, to their end, and counted in other units."""

from dataclasses import dataclass

import numpy as np

from trainphys.chapters.cooling.b3_quenching_and_annealing.entropy_terms import Averages, density_terms
from trainphys.chapters.cooling.b3_quenching_and_annealing.fluctuation import integral_fluctuation, path_entropy
from trainphys.chapters.cooling.b3_quenching_and_annealing.moment_rates import grid_of
from trainphys.chapters.cooling.b3_quenching_and_annealing.spacings import produced_by_particles
from trainphys.chapters.cooling.shared.units import CURVATURE, LOSS, MOBILITY, PARAMETER, TIME, UnitChange
from trainphys.estimate import Estimate
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.langevin import langevin
from trainphys.simulate.ornstein_uhlenbeck import sample_ou
from trainphys.systems.coolings import Schedule
from trainphys.systems.grid import Densities, Grid, boltzmann
from trainphys.systems.losses import Quartic


def terms_over(potential: Quartic, run: Densities, schedule: Schedule, grid: Grid) -> Averages:
    """Terms of a Fokker-Planck run integrated over its recorded times by the trapezoidal rule, in nats.

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
    return Averages(*(float(v) for v in np.trapezoid(parts, run.times, axis=0)))


@dataclass(frozen=True, slots=True)
class PairedRun:
    """One run measured twice: terms and rates from its density, entropy produced from its particles (all in nats)."""

    terms: Averages  # averages over the density, integrated over time
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
    """Density and particles (at least 10,000) of one run, from equilibrium at another temperature."""
    grid = _grid_from(potential, schedule, start_temperature, cells)
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
    r"""Quench number $Q=\langle L'^2\rangle/T\langle L''\rangle$ at the end of a run from equilibrium at another
    temperature.

    From the Fokker-Planck equation, with the change on halving cells and steps (both even) as its error.
    """
    temperature, mobility = float(schedule.temperature(duration)), float(schedule.mobility(duration))

    def number(cells: int, steps: int) -> float:
        grid = _grid_from(potential, schedule, start_temperature, cells)
        density = boltzmann(potential, start_temperature, grid)
        times = np.linspace(0, duration, steps + 1)
        run = evolve(potential, density, schedule, times, grid, scheme="implicit-euler")
        terms = density_terms(potential, run.density[0], temperature, mobility, grid)
        return float(terms.drift / terms.curvature)

    return with_refinement_error(number, cells, steps)


def conditions_in_units(
    units: UnitChange,
    lag: float,
    clock: float,
    particles: int,
    rng: np.random.Generator,
    rate: float = 1.0,
    groups: int = 40,
) -> tuple[Estimate, Estimate]:
    r"""One quench in a quadratic well, run with all its numbers in other units: $\eta|\nabla L|/\sqrt{2D}$ and Q.

    In the base units $k=T=1$ and $\eta$ is the ``rate``. The particles (a multiple of ``groups``, whose scatter gives
    the error) start with the variance ``lag``, move for ``clock`` relaxation times, and their slopes are averaged.

    >>> ratio, number = conditions_in_units(UnitChange(time=100.0), 9.0, 1e-6, 40_000, np.random.default_rng(0))
    >>> round(ratio.value, 1), round(number.value)  # 3 / sqrt(2) in the base unit of time
    (0.2, 9)
    """
    curvature, temperature, mobility = units.factor(CURVATURE), units.factor(LOSS), rate * units.factor(MOBILITY)
    start = rng.standard_normal((particles, 1)) * np.sqrt(lag) * units.factor(PARAMETER)
    duration = clock / rate * units.factor(TIME)
    x = sample_ou(mobility * curvature, mobility * temperature, start, [0.0, duration], rng)[-1]
    square = ((curvature * x.reshape(-1, groups)) ** 2).mean(axis=0)
    ratio = Estimate.from_samples(np.sqrt(mobility * square / (2 * temperature)))
    return ratio, Estimate.from_samples(square / (curvature * temperature))


def _grid_from(potential: Quartic, schedule: Schedule, start_temperature: float, cells: int) -> Grid:
    return grid_of(potential, max(start_temperature, float(schedule.temperature(0.0))), cells)
