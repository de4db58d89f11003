"""Cells on a line, densities on them, and the equilibrium density."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.checks import at_least, finite, positive
from trainphys.systems.losses import Potential


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of equal width between two walls.

    >>> Grid(-1.0, 1.0, 4).centres
    array([-0.75, -0.25,  0.25,  0.75])
    """

    left: float
    right: float
    cells: int

    def __post_init__(self) -> None:
        finite(left=self.left, right=self.right)
        at_least(2, cells=self.cells)
        if not self.left < self.right:
            raise ValueError(f"expected left < right, got {self.left} and {self.right}: exchange them")

    @classmethod
    def around(cls, potential: Potential, temperature: float, cells: int) -> Grid:
        """Cells that reach, on each side of zero, 30 temperatures above the lowest loss there: no wall is felt.

        The well on each side is whole, however far it lies above the other: a run may be trapped in it.

        Raises:
            ValueError: a temperature that is not positive, or a loss that does not rise so far within a thousand times
                the root of the temperature.

        >>> from trainphys.systems.losses import harmonic
        >>> abs(Grid.around(harmonic(), 1.0, 100).right - 60**0.5) < 0.1
        True
        """
        positive(temperature=temperature)
        x = np.geomspace(1e-3, 1e3, 4001) * np.sqrt(temperature)
        walls = []
        for side in (potential.value(-x), potential.value(x)):
            below = np.flatnonzero(side < side.min() + 30 * temperature)[-1]
            if below == len(x) - 1:
                raise ValueError(
                    f"expected a loss that rises by 30 temperatures within {x[-1]:.3g} of zero on both sides, "
                    "got one that does not: choose the walls yourself"
                )
            walls.append(float(x[below + 1]))
        return cls(-walls[0], walls[1], cells)

    @property
    def width(self) -> float:
        return (self.right - self.left) / self.cells

    @property
    def centres(self) -> Array:
        return np.asarray(self.left + self.width * (np.arange(self.cells) + 0.5))


@dataclass(frozen=True, slots=True)
class Densities:
    """Densities on the cells of a grid, ``density[r]`` at ``times[r]``."""

    times: Array
    density: Array  # record, cell


def boltzmann(potential: Potential, temperature: float, grid: Grid) -> Array:
    r"""Equilibrium density $e^{-L/T}/Z$ on the grid, of mass one.

    Raises:
        ValueError: a temperature that is not positive.

    >>> from trainphys.systems.losses import harmonic
    >>> grid = Grid(-8.0, 8.0, 200)
    >>> round(float((boltzmann(harmonic(), 1.0, grid) * grid.centres**2).sum() * grid.width), 9)
    1.0
    """
    positive(temperature=temperature)
    energy = potential.value(grid.centres) / temperature
    weight = np.exp(energy.min() - energy)
    return np.asarray(weight / (weight.sum() * grid.width))
