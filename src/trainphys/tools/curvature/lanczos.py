"""The largest eigenvalue of a symmetric operator from products with vectors: Lanczos with an error bound."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from trainphys.arrays import Array

Product = Callable[[Tensor], Tensor]

# A start close to another eigenvector holds little of the top one. Chebyshev's polynomial of degree 7, which this many
# products reach, makes 40 times more of it when the two lie a tenth of the spectrum apart, 5,000 times at half of it.
LEAST_PRODUCTS = 8
COLUMNS = 2**16  # of the basis that a restart turns at once


@dataclass(frozen=True, slots=True)
class Eigenpair:
    r"""An eigenvalue $\lambda$ and its unit vector u, with what is known of their error.

    Attributes:
        value: $u^{\mathsf T}Hu$, loss per squared parameter.
        vector: in the order of the parameters.
        residual: $\lVert Hu-\lambda u\rVert$; some eigenvalue lies this close, whatever the spectrum.
        isolated_error: bound of the value's error if the eigenvalue is alone in its surroundings,
            $\min(r,r^2/\text{gap})$ with the residual r and the gap to the next one that was seen.
        products: of the Hessian with a vector, over all of the data.
        converged: whether the residual is as small as was asked for, or rounding.
    """

    value: float
    vector: Array = field(repr=False)  # as long as the model is large
    residual: float
    isolated_error: float
    products: int
    converged: bool

    def __str__(self) -> str:
        until = "" if self.converged else ", not converged"
        return f"{self.value:.4g} +- {self.isolated_error:.2g} ({self.products} products{until})"

    def __float__(self) -> float:
        return self.value


def largest_ritz_pair(
    product: Product,
    start: Tensor,
    *,
    tolerance: float,
    most_products: int,
    least_products: int = LEAST_PRODUCTS,
    basis_size: int = 48,
) -> Eigenpair:
    r"""Largest *algebraic* eigenvalue of a symmetric operator H, to a relative tolerance.

    The basis is orthogonalised in full and the operator projected onto it (Rayleigh and Ritz), so rounding makes no
    ghosts; when the basis is full, its best half is kept (thick restart). The iteration stops when the residual r is at
    most tolerance$\,\cdot\lvert\theta\rvert$, or rounding. An isolated eigenvalue's error is then much smaller, at
    most $\min(r,\,r^2/\text{gap})$, gap the distance to the second Ritz value less that one's residual. To stop at that
    bound instead is too early: a mixture of two close eigenvectors looks like one until r has resolved them.

    ``product`` may return the same array every time. An eigenvalue whose vector is orthogonal to ``start`` is not
    found. After ``most_products`` the pair is returned as it stands; a residual is trusted from ``least_products`` on.
    ``basis_size`` vectors are kept, 4 or more, and no products: all that these add to the span of the basis is one
    vector R, $HQ=QT+Re_k^{\mathsf T}$, so a pair's residual is R times the last of its coordinates.

    Raises:
        ValueError: the operator is not symmetric.

    Source: Parlett (1998), The Symmetric Eigenvalue Problem, 11.7 for the bound; Wu and Simon (2000) for the restart.

    >>> scales = torch.tensor([1.0, 3.0, -9.0], dtype=torch.float64)
    >>> found = largest_ritz_pair(lambda v: scales * v, torch.ones_like(scales), tolerance=1e-6, most_products=9)
    >>> round(found.value, 9), found.converged
    (3.0, True)
    """
    space = _Space(start, min(basis_size, start.numel()))
    rounding = 4 * torch.finfo(start.dtype).eps * math.sqrt(start.numel())
    for products in range(1, most_products + 1):
        values, vectors = space.extend(product)
        sizes = (space.left * np.abs(vectors[-1, -2:])).tolist()
        floor = rounding * float(np.abs(values).max())
        small = products >= least_products and sizes[-1] <= tolerance * abs(values[-1])
        done = small or sizes[-1] <= floor or space.complete
        if done or products == most_products:
            break
        space.make_room(values, vectors)
    space.check_symmetry()
    vector, error = space.combination(vectors[:, -1]), _isolated_error(values, sizes)
    unit = np.asarray((vector / vector.norm()).cpu().double().numpy())
    return Eigenpair(float(values[-1]), unit, sizes[-1], error, products, bool(done))


def _isolated_error(values: Array, residuals: list[float]) -> float:
    if len(values) < 2:
        return residuals[-1]
    gap = float(values[-1] - values[-2]) - residuals[-2]
    return min(residuals[-1], residuals[-1] ** 2 / gap) if gap > 0 else residuals[-1]


def check_symmetry(vectors: Tensor, products: Tensor) -> None:
    """Refuse products that are not those of a symmetric matrix, rows as the vectors.

    >>> check_symmetry(torch.eye(2), torch.tensor([[1.0, 2.0], [2.0, 5.0]]))
    """
    found = vectors @ products.mT
    _refuse_apart(float((found - found.mT).abs().max()), float(found.abs().max()), vectors.dtype)


def _refuse_apart(apart: float, size: float, dtype: torch.dtype) -> None:
    if apart > math.sqrt(torch.finfo(dtype).eps) * size:
        raise ValueError(
            f"expected a symmetric operator, got u.Hv and v.Hu {apart:.2g} apart: an operation is random, or its "
            "second derivative is wrong, as that of torch's weight_norm: write it out"
        )


class _Space:
    """An orthonormal basis, the operator projected onto it, and what its last product has beside the basis."""

    def __init__(self, start: Tensor, capacity: int) -> None:
        self._basis = start.new_empty(capacity, start.numel())
        self._projected = np.zeros((capacity, capacity))
        self._size, self._apart = 0, 0.0
        self._next = start / start.norm()
        self._foreseen = np.zeros(0)  # the next product's coordinates, known from those before if H is symmetric
        self.left = 0.0  # length of the part of the last product that lies outside

    @property
    def complete(self) -> bool:
        return self._size == self._basis.shape[1]

    def extend(self, product: Product) -> tuple[Array, Array]:
        """Take in the next direction; the Ritz values, ascending, and their coordinates."""
        k = self._size
        self._basis[k] = self._next
        known = self._basis[: k + 1]
        image = product(known[k])
        inside = known @ image
        outside = torch.addmv(image, known.T, inside, alpha=-1)
        outside.addmv_(known.T, known @ outside, alpha=-1)  # once is not enough in floating point
        column, self._size = inside.cpu().double().numpy(), k + 1
        if not np.isfinite(column).all():
            raise ValueError("expected finite second derivatives, got some that are not: look at data and parameters")
        self._apart = max([self._apart, *np.abs(column[:k] - self._foreseen)])
        self._projected[: k + 1, k] = self._projected[k, : k + 1] = column
        values, vectors = np.linalg.eigh(self._projected[: k + 1, : k + 1])
        self.left = float(torch.linalg.vector_norm(outside, dtype=torch.float64))
        self._next = outside.div_(self.left or 1.0)
        self._foreseen = np.append(np.zeros(k), self.left)
        return values, vectors

    def combination(self, coordinates: Array) -> Tensor:
        return torch.as_tensor(coordinates).to(self._basis) @ self._basis[: self._size]

    def check_symmetry(self) -> None:
        size = float(np.abs(self._projected[: self._size, : self._size]).max())
        _refuse_apart(self._apart, size, self._basis.dtype)

    def make_room(self, values: Array, vectors: Array) -> None:
        """When the basis is full, keep the best half of the pairs."""
        if self._size < len(self._basis):
            return
        keep = self._size // 2
        turn = torch.as_tensor(vectors[:, -keep:].T.copy()).to(self._basis)
        for part in torch.split(self._basis, COLUMNS, dim=1):  # a copy of some columns, not of half the basis
            part[:keep] = turn @ part
        self._projected[:keep, :keep] = np.diag(values[-keep:])
        self._foreseen = self.left * vectors[-1, -keep:]
        self._size = keep
