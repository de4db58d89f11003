r"""The document's floor under the diffusion, $D\ge c/|\nabla^2L|$: what it secures and what it does not."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import not_below, positive
from trainphys.estimate import Estimate
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.langevin import langevin
from trainphys.systems.coolings import quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, harmonic, wells


def floor_diffusion(efolds: ArrayLike, temperature: ArrayLike, curvature: ArrayLike, duration: ArrayLike) -> Array:
    r"""Diffusion that explores a quadratic well in a given time: $D_{\min}=\alpha T/kt_f$, so $\eta kt_f=\alpha$.

    >>> float(floor_diffusion(2.0, 0.5, 4.0, 10.0))
    0.025
    """
    alpha, T, k, t = positive(efolds=efolds, temperature=temperature, curvature=curvature, duration=duration)
    return np.asarray(alpha * T / (k * t))


def explored_share(efolds: ArrayLike) -> Array:
    r"""Variance of a run that started at the minimum of a quadratic well, over that of equilibrium: $1-e^{-2\alpha}$.

    >>> float(explored_share(0.0))
    0.0
    """
    [alpha] = not_below(0, efolds=efolds)
    return np.asarray(-np.expm1(-2 * alpha))


def measured_exploration(
    curvature: float, temperature: float, mobility: float, duration: float, particles: int, rng: np.random.Generator
) -> Estimate:
    """``explored_share`` of Langevin particles, in 400 Euler steps a relaxation time."""
    times = np.linspace(0, duration, round(mobility * curvature * duration * 400) + 1)
    schedule = quench(temperature, mobility)
    x = langevin(harmonic(curvature), np.zeros(particles), schedule, times, rng).states[0]
    return Estimate.from_samples(curvature * x**2 / temperature)


def measured_crossing(
    potential: Quartic, temperature: float, mobility: float, duration: float, cells: int = 600, steps: int = 1200
) -> Estimate:
    """``crossed_share`` by the Fokker-Planck equation, from a cold start at the bottom of the upper well."""
    shape = wells(potential)

    def progress(cells: int, steps: int) -> float:
        grid = Grid.around(potential, temperature, cells)
        inside = np.clip((shape.top - grid.centres) / grid.width + 0.5, 0, 1)  # share of a cell left of the top
        settled = float((boltzmann(potential, temperature, grid) * inside).sum() * grid.width)
        cold = boltzmann(potential, shape.barrier / 30, grid) * inside
        cold /= cold.sum() * grid.width
        times = np.linspace(0, duration, steps + 1)
        p = evolve(potential, cold, quench(temperature, mobility), times, grid).density[0]
        return (1 - float((p * inside).sum() * grid.width)) / (1 - settled)

    return with_refinement_error(progress, cells, steps)
