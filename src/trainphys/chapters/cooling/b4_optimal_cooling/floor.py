r"""What the document's floor under the diffusion, $D\ge c/|\nabla^2L|$, secures, measured: exploration and crossing."""

import numpy as np

from trainphys.estimate import Estimate
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.langevin import langevin
from trainphys.systems.coolings import quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, harmonic, wells


def measured_exploration(
    curvature: float, temperature: float, mobility: float, duration: float, particles: int, rng: np.random.Generator
) -> Estimate:
    """Variance of Langevin particles that start at the minimum, over that of equilibrium, in 400 steps a relaxation."""
    times = np.linspace(0, duration, round(mobility * curvature * duration * 400) + 1)
    schedule = quench(temperature, mobility)
    x = langevin(harmonic(curvature), np.zeros(particles), schedule, times, rng).states[0]
    return Estimate.from_samples(curvature * x**2 / temperature)


def measured_crossing(
    potential: Quartic, temperature: float, mobility: float, duration: float, cells: int = 600, steps: int = 1200
) -> Estimate:
    """Share of its way to equilibrium that the upper well's population goes, from a cold start at its bottom.

    By the Fokker-Planck equation.
    """
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
