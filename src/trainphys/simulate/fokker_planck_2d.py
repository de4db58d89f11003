"""The density of two parameters under any drift and a noise that differs by direction, with its probability current."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.linalg import splu

from trainphys.arrays import Array

Field = Callable[[Array, Array], Any]


@dataclass(frozen=True, slots=True)
class Box:
    """Equal cells of a rectangle with reflecting walls; arrays on it are indexed [x, y].

    >>> Box((-1.0, 1.0), (0.0, 3.0), (4, 3)).widths
    (0.5, 1.0)
    """

    x: tuple[float, float]
    y: tuple[float, float]
    cells: tuple[int, int]

    def __post_init__(self) -> None:
        if not (self.x[1] > self.x[0] and self.y[1] > self.y[0] and min(self.cells) >= 2):
            raise ValueError(f"expected increasing sides and at least 2 cells each way, got {self}")

    @property
    def widths(self) -> tuple[float, float]:
        return (self.x[1] - self.x[0]) / self.cells[0], (self.y[1] - self.y[0]) / self.cells[1]

    @property
    def area(self) -> float:
        """Area of a cell."""
        return self.widths[0] * self.widths[1]

    @property
    def centres(self) -> tuple[Array, Array]:
        """Coordinates of the centres along each side."""
        return tuple(
            low + h * (np.arange(n) + 0.5)
            for low, h, n in zip((self.x[0], self.y[0]), self.widths, self.cells, strict=True)
        )  # type: ignore[return-value]

    def mesh(self) -> tuple[Array, Array]:
        """Coordinates of all centres, two arrays of the shape of the box."""
        x, y = self.centres
        return tuple(np.meshgrid(x, y, indexing="ij"))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class FokkerPlanck2D:
    r"""$\partial_tp=-\nabla\cdot j$ with $j_a=b_ap-\partial_a(D_ap)$ for $a=x,y$: Itô's form, drift b, diffusion D.

    Exponentially fitted fluxes through the faces of finite volumes, second order in the cells' width. Each entry off
    the diagonal of the generator is a rate >= 0 and its columns sum to zero: mass is kept and densities stay >= 0. The
    drift need not be a gradient. A diffusion matrix must be diagonal on the grid: turn the axes to its eigenvectors.

    Args:
        box: the cells; wide enough that the walls are never felt.
        drift: ``drift(x, y)`` gives the pair $(b_x,b_y)$, parameter over time.
        diffusion: ``diffusion(x, y)`` gives the pair $(D_x,D_y)>0$, parameter squared over time.

    Raises:
        ValueError: a diffusion that is not positive, or a drift that is not finite.

    Source: Scharfetter and Gummel (1969) and Chang and Cooper (1970) for the fluxes.

    >>> box = Box((-6.0, 6.0), (-6.0, 6.0), (60, 60))
    >>> well = FokkerPlanck2D(box, lambda x, y: (-x, -y), lambda x, y: (0.5, 0.5))
    >>> p = well.stationary()
    >>> round(float((p * box.mesh()[0] ** 2).sum() * box.area), 3)
    0.5
    """

    box: Box
    drift: Field
    diffusion: Field

    def rates(self) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """Rates of jumping across each face, forward and back: first faces along x, then along y."""
        x, y = self.box.centres
        inner = (x[:-1] + x[1:]) / 2, (y[:-1] + y[1:]) / 2
        centre = [np.broadcast_to(np.asarray(d, dtype=float), self.box.cells) for d in self.diffusion(*self.box.mesh())]
        found = []
        for axis, faces in enumerate(((inner[0], y), (x, inner[1]))):
            mesh = np.meshgrid(*faces, indexing="ij")
            b = np.broadcast_to(np.asarray(self.drift(*mesh)[axis], dtype=float), mesh[0].shape)
            d = np.broadcast_to(np.asarray(self.diffusion(*mesh)[axis], dtype=float), mesh[0].shape)
            if not (min(d.min(), centre[axis].min()) > 0 and np.isfinite(b).all()):
                raise ValueError(
                    f"expected a finite drift and a diffusion > 0, got {d.min()} at least along axis {axis}"
                )
            h = self.box.widths[axis]
            before, after = _sides(centre[axis], axis)
            found.append((_bernoulli(-b * h / d) * before / h**2, _bernoulli(b * h / d) * after / h**2))
        return found[0], found[1]

    def generator(self) -> sparse.csc_matrix:
        """The matrix G of $\\dot p=Gp$ on the cells, in the order of ``density.ravel()``."""
        index = np.arange(self.box.cells[0] * self.box.cells[1]).reshape(self.box.cells)
        rows, columns, values = [], [], []
        for axis, (forward, back) in enumerate(self.rates()):
            a, b = (part.ravel() for part in _sides(index, axis))
            f, r = forward.ravel(), back.ravel()
            rows += [b, a, a, b]
            columns += [a, a, b, b]
            values += [f, -f, r, -r]
        joined = [np.concatenate(part) for part in (values, rows, columns)]
        return sparse.csc_matrix((joined[0], (joined[1], joined[2])), shape=(index.size, index.size))

    def stationary(self) -> Array:
        """The density that no longer changes, of mass one: the null vector of the generator, with one cell held."""
        g = self.generator()
        held = _busiest(g, self.box.cells)
        rest = np.delete(np.arange(g.shape[0]), held)
        source = np.asarray(g[rest, held].todense()).ravel()
        p = np.ones(g.shape[0])
        p[rest] = _factor(-g[rest][:, rest]).solve(source)
        return np.asarray((p / (p.sum() * self.box.area)).reshape(self.box.cells))

    def evolve(self, density: ArrayLike, duration: float, steps: int) -> Array:
        """Density after a time, by implicit Euler steps (first order, never negative).

        Args:
            density: on the cells, >= 0, of mass one.
            duration: > 0.
            steps: number of equal steps.

        Raises:
            ValueError: a density that is negative, of another shape or not of mass one; no time or no steps.
        """
        p = np.array(density, dtype=float)
        if p.shape != self.box.cells or p.min() < 0 or abs(p.sum() * self.box.area - 1) > 1e-8:
            raise ValueError(f"expected a density >= 0 of mass one on {self.box.cells} cells, got shape {p.shape}")
        if not duration > 0 or steps < 1:
            raise ValueError(f"expected duration > 0 and steps >= 1, got {duration} and {steps}")
        g = self.generator()
        solver = _factor((sparse.identity(g.shape[0], format="csc") - duration / steps * g).tocsc())
        flat = p.ravel()
        for _ in range(steps):
            flat = solver.solve(flat)
        return np.asarray(flat.reshape(self.box.cells))

    def current(self, density: ArrayLike) -> tuple[Array, Array]:
        """Probability current at the centres, the mean of the fluxes through the two faces of a cell (walls let
        nothing through)."""
        p = np.asarray(density, dtype=float)
        found = []
        for axis, (forward, back) in enumerate(self.rates()):
            before, after = _sides(p, axis)
            flux = (forward * before - back * after) * self.box.widths[axis]
            pad = [(1, 1) if a == axis else (0, 0) for a in (0, 1)]
            ends = _sides(np.pad(flux, pad), axis)
            found.append((ends[0] + ends[1]) / 2)
        return found[0], found[1]

    def turning(self, density: ArrayLike) -> float:
        r"""Mean turn per time, $\int(xj_y-yj_x)\,dx\,dy$: positive for currents that run against the clock."""
        x, y = self.box.mesh()
        jx, jy = self.current(density)
        return float((x * jy - y * jx).sum() * self.box.area)


def _sides(values: Any, axis: int) -> tuple[Any, Any]:
    """Values on the cells before and after each inner face."""
    return (values[:-1], values[1:]) if axis == 0 else (values[:, :-1], values[:, 1:])


def _bernoulli(w: Array) -> Array:
    """w / (exp(w) - 1), with its series near zero."""
    small = np.abs(w) < 1e-4
    safe = np.where(small, 1.0, w)
    with np.errstate(over="ignore"):
        return np.asarray(np.where(small, 1 - w / 2 + w * w / 12, safe / np.expm1(safe)))


def _busiest(g: sparse.csc_matrix, cells: tuple[int, int]) -> int:
    """A cell where probability gathers: where a few large steps from an even start have brought most."""
    solver = _factor((sparse.identity(g.shape[0], format="csc") - (1e3 / abs(g.diagonal()).max()) * g).tocsc())
    p = np.ones(g.shape[0])
    for _ in range(5):
        p = solver.solve(p)
    return int(p.argmax())


def _factor(matrix: sparse.csc_matrix) -> Any:
    """Elimination without exchange of rows: with these signs the solves subtract nothing, so none turns negative."""
    return splu(matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
