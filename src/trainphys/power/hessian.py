"""Largest algebraic eigenvalue of a Hessian that is never built: Lanczos on products of it with vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Eigenpair:
    r"""An eigenvalue, its unit vector, and the residual $\lVert Hu-\lambda u\rVert$, which bounds the value's error."""

    value: float
    vector: Floats
    residual: float
    products: int

    @property
    def converged(self) -> bool:
        """Whether the error bound is below a thousandth of the eigenvalue."""
        return self.residual <= 1e-3 * abs(self.value)


def hessian_product(loss: Callable[[Tensor], Tensor], at: Tensor) -> Callable[[Floats], Floats]:
    """Function that multiplies the Hessian of ``loss`` at ``at`` by a vector; the gradient's graph is built once."""
    place = at.detach().clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(loss(place), place, create_graph=True)

    def product(vector: Floats) -> Floats:
        along = torch.as_tensor(np.asarray(vector).ravel(), dtype=place.dtype)
        (found,) = torch.autograd.grad(gradient, place, grad_outputs=along, retain_graph=True)
        return np.asarray(found.detach().numpy(), dtype=float)

    return product


def largest_eigenpair(
    loss: Callable[[Tensor], Tensor], at: Tensor, *, start: Floats | None = None, tolerance: float = 1e-5
) -> Eigenpair:
    r"""Largest *algebraic* eigenvalue of the Hessian: the one that limits the learning rate, not the one of largest modulus.

    Args:
        loss: twice differentiable function of a flat tensor, deterministic.
        at: where, shape (n,), n > 1, double precision for a small residual.
        start: first vector of the Lanczos iteration; the eigenvector of a nearby point saves products.
        tolerance: relative accuracy asked of Lanczos.

    Raises:
        ValueError: ``at`` is not a flat tensor of finite floating-point numbers.
        scipy.sparse.linalg.ArpackNoConvergence: Lanczos gave up.

    Source: implicitly restarted Lanczos of ARPACK, through scipy.sparse.linalg.eigsh.

    >>> scales = torch.tensor([1.0, 3.0, -9.0], dtype=torch.float64)
    >>> found = largest_eigenpair(lambda x: 0.5 * (scales * x * x).sum(), torch.ones(3, dtype=torch.float64))
    >>> round(found.value, 9), found.converged
    (3.0, True)
    """  # noqa: E501
    if at.ndim != 1 or at.numel() < 2 or not at.is_floating_point():
        raise ValueError(f"expected a flat floating-point tensor of 2 or more, got {tuple(at.shape)}: flatten it")
    if not bool(torch.isfinite(at).all()):
        raise ValueError("expected finite parameters, got some that are not: the training run has diverged")
    product = hessian_product(loss, at)
    count = 0

    def counted(vector: Floats) -> Floats:
        nonlocal count
        count += 1
        return product(vector)

    n = at.numel()
    first = np.cos(np.arange(n) + 0.5) if start is None else start  # fixed, so that the result does not vary
    operator = LinearOperator((n, n), matvec=counted, dtype=np.float64)
    values, vectors = eigsh(operator, k=1, which="LA", v0=first, tol=tolerance, ncv=min(n, 20))
    value, vector = float(values[0]), vectors[:, 0]
    residual = float(np.linalg.norm(product(vector) - value * vector))
    return Eigenpair(value, vector, residual, count)
