"""How often a run ends within a tolerance of the lowest loss: counted on particles, or summed from a density."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from trainphys.checks import within
from trainphys.estimate import Estimate
from trainphys.simulate.fokker_planck import evolve
from trainphys.systems.coolings import Schedule
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Potential, Quartic


def share_within(potential: Quartic | Sequence[Quartic], states: ArrayLike, tolerance: float) -> Estimate:
    r"""Share of particles whose loss is within the tolerance $\varepsilon$ of its lowest value.

    The states have the shape (particles,), or (particles, d) with one loss for each coordinate; losses are summed.

    >>> from trainphys.systems.losses import harmonic
    >>> share_within(harmonic(), [0.0, 1.0, 2.0, 3.0], 1.0).value
    0.5
    """
    within(0, np.inf, tolerance=tolerance)
    x = np.asarray(states, dtype=float)
    losses = list(potential) if isinstance(potential, Sequence) else [potential]
    if not (x.size and x.ndim and len(columns := x.reshape(len(x), -1).T) == len(losses)):
        raise ValueError(f"expected states of {len(losses)} coordinates, got shape {x.shape}")
    excess = np.zeros(len(x))
    for loss, column in zip(losses, columns, strict=True):
        excess += loss.value(column) - loss.minimum()
    return Estimate.from_count(int((excess < tolerance).sum()), len(x))


def mass_within(potential: Potential, density: ArrayLike, tolerance: float, grid: Grid) -> float:
    """Probability, under a density on the grid, that the loss is within the tolerance of its lowest value there.

    Cells that the boundary cuts count by the share of sub-cells inside; the density is linear within them.
    """
    fine = 64
    within(0, np.inf, tolerance=tolerance)
    p = np.asarray(density, dtype=float)
    if p.shape != (grid.cells,):
        raise ValueError(f"expected a density on {grid.cells} cells, got shape {p.shape}: take that of this grid")
    x = grid.left + grid.width * (np.arange(grid.cells * fine) + 0.5) / fine
    loss = potential.value(x)
    return float((np.interp(x, grid.centres, p) * (loss - loss.min() < tolerance)).sum() * grid.width / fine)


def failure(
    potential: Potential, schedule: Schedule, duration: float, tolerance: float, start: float, cells: int, steps: int
) -> float:
    r"""$P(L-L_{\min}\ge\varepsilon)$ at the end of a schedule, by the Fokker-Planck equation.

    The density starts as Boltzmann's at the temperature ``start``; the grid holds the hotter of that and the
    schedule's own first temperature.

    >>> import math
    >>> from trainphys.systems.coolings import quench
    >>> from trainphys.systems.losses import harmonic
    >>> found = failure(harmonic(), quench(0.1), 1.0, 0.3, 0.1, 400, 10)  # at rest all the time
    >>> bool(abs(found - math.erfc(3**0.5)) < 1e-4)
    True
    """
    grid = Grid.around(potential, max(start, float(schedule.temperature(0.0))), cells)
    times = np.linspace(0, duration, steps + 1)
    end = evolve(potential, boltzmann(potential, start, grid), schedule, times, grid).density[0]
    return 1.0 - mass_within(potential, end, tolerance, grid)
