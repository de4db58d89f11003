"""Success."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from trainphys.estimate import Estimate
from trainphys.systems.grid import Grid
from trainphys.systems.losses import Quartic


def share_within(potential: Quartic | Sequence[Quartic], states: ArrayLike, tolerance: float) -> Estimate:
    """Share of particles whose loss (summed over the coordinates) is within the tolerance of its lowest value.

    Args:
        potential: the loss, or one for each coordinate.
        states: shape (particles,) or (particles, d).
        tolerance: $\\varepsilon>0$, loss units.

    Raises:
        ValueError: as many losses as there are coordinates are needed.

    >>> from trainphys.systems.losses import harmonic
    >>> share_within(harmonic(), [0.0, 1.0, 2.0, 3.0], 1.0).value
    0.5
    """
    x = np.asarray(states, dtype=float)
    losses = list(potential) if isinstance(potential, Sequence) else [potential]
    columns = x.reshape(len(x), -1).T
    if len(columns) != len(losses):
        raise ValueError(f"expected states of {len(losses)} coordinates, got shape {x.shape}")
    excess = np.zeros(len(x))
    for loss, column in zip(losses, columns, strict=True):
        excess += loss.value(column) - loss.minimum()
    return Estimate.from_count(int((excess < tolerance).sum()), len(x))


def mass_within(potential: Quartic, density: ArrayLike, tolerance: float, grid: Grid) -> float:
    """Probability, under a density on the grid, that the loss is within the tolerance of its lowest value.

    Cells that the boundary cuts count by the share of sub-cells inside; the density is linear within them.
    """
    fine = 64
    p = np.asarray(density, dtype=float)
    x = grid.left + grid.width * (np.arange(grid.cells * fine) + 0.5) / fine
    inside = potential.value(x) - potential.minimum() < tolerance
    return float((np.interp(x, grid.centres, p) * inside).sum() * grid.width / fine)
