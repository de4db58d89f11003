"""A quench without its diffusion: how far the density carried by the bare drift is from the true one."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp

from trainphys.arrays import Array
from trainphys.chapters.cooling.b3_quenching_and_annealing.entropy_terms import slopes
from trainphys.estimate import Estimate
from trainphys.simulate.fokker_planck import evolve
from trainphys.systems.coolings import quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Potential


@dataclass(frozen=True, slots=True)
class DriftError:
    """Distance of the density without diffusion from the true one: total variation, and W2 over the start's size."""

    total_variation: Estimate
    transport: Estimate  # in units of the root-mean-square width of the start


def without_diffusion(
    potential: Potential,
    density: ArrayLike,
    temperature: float,
    duration: float,
    grid: Grid,
    steps: int = 2000,
) -> tuple[float, float]:
    r"""Total variation and $W_2$ between the density of a quench and its start carried by the drift alone.

    The drift carries the start along characteristics, $\dot x=-L'(x)$, cell by cell; on a line the
    optimal transport joins equal quantiles. Time is in units of one over the mobility, $W_2$ in the unit of x; the
    cells must resolve $\sqrt{T/k}$ and hold the start.
    """
    p0 = np.asarray(density, dtype=float)
    times = np.linspace(0, duration, steps + 1)
    p = evolve(potential, p0, quench(temperature), times, grid, scheme="implicit-euler").density[0]
    width, edges = grid.width, grid.left + grid.width * np.arange(grid.cells + 1)
    carried = drift_flow(potential, edges, duration)
    moved, stretch = (carried[1:] + carried[:-1]) / 2, np.diff(carried) / width
    # where the carried density is the larger one; mass outside its image is never that
    excess = p0 - np.interp(moved, grid.centres, p) * stretch
    mass = np.concatenate([[0.0], np.cumsum(p) * width])
    rising = np.concatenate([[True], np.diff(mass) > 0])
    quantile = np.interp(np.cumsum(p0) * width - p0 * width / 2, mass[rising] / mass[-1], edges[rising])
    transport = math.sqrt(float((p0 * (quantile - moved) ** 2).sum()) * width)
    return float(np.maximum(excess, 0).sum() * width), transport


def drift_error(
    potential: Potential, start: Potential, start_temperature: float, temperature: float, duration: float, grid: Grid
) -> DriftError:
    """Both distances of ``without_diffusion`` with the change on halving cells and steps as their error.

    The density starts as Boltzmann's of the loss ``start`` (the same loss shifted, say) at its own temperature.
    """
    found = []
    for k in (1, 2):
        cells = Grid(grid.left, grid.right, grid.cells // k)
        p0 = boltzmann(start, start_temperature, cells)
        variation, transport = without_diffusion(potential, p0, temperature, duration, cells, 1200 // k)
        centre = float((p0 * cells.centres).sum() * cells.width)
        size = math.sqrt(float((p0 * (cells.centres - centre) ** 2).sum() * cells.width))
        found.append((variation, transport / size))
    fine, coarse = found
    return DriftError(*(Estimate.from_solver(a, error=abs(a - b)) for a, b in zip(fine, coarse, strict=True)))


def drift_flow(potential: Potential, points: ArrayLike, duration: float) -> Array:
    r"""Where the drift $\dot x=-L'(x)$ carries points, in a time in units of one over the mobility."""
    found = solve_ivp(
        lambda _, at: -slopes(potential, at),
        (0.0, duration),
        np.asarray(points, dtype=float),
        "DOP853",
        [duration],
        rtol=1e-8,
        atol=1e-10,
    )
    return np.asarray(found.y[:, -1])
