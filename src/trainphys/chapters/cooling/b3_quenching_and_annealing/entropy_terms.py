"""The three averages that entropy production is made of, of any density on a line."""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import not_below
from trainphys.systems.grid import Grid
from trainphys.systems.losses import Potential


class Averages(NamedTuple):
    r"""Averages over a density, in nats per unit of time; integrated over time, in nats."""

    drift: float  # eta <|grad L|^2> / T
    spread: float  # D <|grad ln p|^2>
    curvature: float  # eta <laplacian of L>


def density_terms(
    potential: Potential, density: ArrayLike, temperature: float, mobility: float, grid: Grid
) -> Averages:
    r"""Terms of any density on a line, by quadrature: $\langle L'^2\rangle$, $4\int(\partial_x\sqrt p)^2dx$ and
    $\langle L''\rangle$.

    The square root keeps the Fisher information finite where the density vanishes. Second order in the cell width; the
    density is smooth on the scale of a cell.
    """
    [p] = not_below(0, density=density)
    x, h = grid.centres, grid.width
    slope = slopes(potential, x)
    bend = (slopes(potential, x + h / 2) - slopes(potential, x - h / 2)) / h
    spread = 4 * float((np.diff(np.sqrt(p)) ** 2).sum()) / h
    return Averages(
        mobility / temperature * float((p * slope**2).sum()) * h,
        mobility * temperature * spread,
        mobility * float((p * bend).sum()) * h,
    )


def slopes(potential: Potential, points: ArrayLike) -> Array:
    """Slopes of a loss at many points, shape (points,)."""
    out = np.asarray(points, dtype=float).copy()
    _apply(potential.slope, out, np.asarray(potential.parameters, dtype=float))
    return out


@nb.njit(error_model="numpy")
def _apply(slope, x, parameters):  # type: ignore[no-untyped-def]
    """x := slope(x), one by one."""
    for i in range(x.size):
        x[i] = slope(x[i], parameters)
