"""Largest algebraic eigenvalue of a Hessian that is never built: Lanczos on products of it with vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from trainphys.arrays import Array
from trainphys.ensemble import stream
from trainphys.tools.curvature.hessian_products import GraphHessian, ScalarFunction, model_hessian_product
from trainphys.tools.curvature.lanczos import largest_ritz_pair
from trainphys.tools.curvature.stack_hessian import StackHessian


@dataclass(frozen=True, slots=True)
class Eigenpair:
    r"""An eigenvalue $\lambda$ and its unit vector u, with what is known of their error.

    Attributes:
        value: $u^{\mathsf T}Hu$, loss per squared parameter.
        vector: in the order of the parameters.
        residual: $\lVert Hu-\lambda u\rVert$; some eigenvalue lies this close, whatever the spectrum.
        isolated_error: bound of the value's error if the eigenvalue is alone in its surroundings,
            $\min(r,r^2/\text{gap})$ with the residual r and the gap to the next one that was seen.
        products: of the Hessian with a vector.
        converged: whether the residual is as small as was asked for, or rounding.
    """

    value: float
    vector: Array
    residual: float
    isolated_error: float
    products: int
    converged: bool


class NotConverged(RuntimeError):
    """The largest number of products was used up; ``estimate`` is the pair at the end, with its residual."""

    def __init__(self, estimate: Eigenpair, tolerance: float) -> None:
        super().__init__(
            f"expected a residual below {tolerance:g} of the eigenvalue, got {estimate.residual:.2g} for "
            f"{estimate.value:.4g} after {estimate.products} products: raise most_products or tolerance, or use doubles"
        )
        self.estimate = estimate


def largest_eigenpair(
    loss: ScalarFunction,
    at: Tensor,
    *,
    start: ArrayLike | None = None,
    tolerance: float = 1e-5,
    most_products: int = 1000,
) -> Eigenpair:
    r"""Largest *algebraic* eigenvalue of the Hessian: it limits the learning rate, not the one of largest modulus.

    Args:
        loss: twice differentiable function of a flat tensor, deterministic.
        at: where, shape (n,), n > 1, double precision for a small residual.
        start: first vector of the Lanczos iteration, mixed with as much of a random one, lest it be orthogonal to the
            eigenvector sought. The eigenvector of a nearby point saves products. By default it is the gradient, most of
            which lies along the top eigenvectors once a network has been trained a little.
        tolerance: residual over eigenvalue asked for, > 0; the error of the value is about its square over the gap.
        most_products: of the Hessian with a vector.

    Raises:
        ValueError: ``at`` is not a flat tensor of finite floating-point numbers, ``start`` has another length or is
            zero, or a limit is not positive.
        NotConverged: ``most_products`` were not enough.

    Source: Lanczos (1950), see ``largest_ritz_pair``; Gur-Ari et al. (2018) for the gradient.

    >>> scales = torch.tensor([1.0, 3.0, -9.0], dtype=torch.float64)
    >>> found = largest_eigenpair(lambda x: 0.5 * (scales * x * x).sum(), torch.ones(3, dtype=torch.float64))
    >>> round(found.value, 9), found.converged
    (3.0, True)
    """
    if at.ndim != 1 or at.numel() < 2 or not at.is_floating_point():
        raise ValueError(f"expected a flat floating-point tensor of 2 or more, got {tuple(at.shape)}: flatten it")
    if not bool(torch.isfinite(at).all()):
        raise ValueError("expected finite parameters, got some that are not: the training run has diverged")
    return _largest(GraphHessian(loss, at), start, tolerance, most_products)


def sharpness(
    model: nn.Module,
    loss: Callable[[Tensor, Tensor], Tensor],
    data: tuple[Tensor, Tensor],
    *,
    start: ArrayLike | None = None,
    tolerance: float = 1e-3,
    most_products: int = 1000,
) -> Eigenpair:
    r"""Largest algebraic eigenvalue of the Hessian of a model's loss on some data, over its trainable parameters.

    Args:
        model: any deterministic module (no dropout in training mode). It is not changed.
        loss: loss of a batch, ``loss(model(inputs), targets)``, such as ``torch.nn.functional.cross_entropy``.
        data: inputs and targets, one row a sample.
        start: flat, as for ``largest_eigenpair``, in the order of ``model.parameters()``.
        tolerance: residual over eigenvalue asked for; 1e-3 suits single precision.
        most_products: of the Hessian with a vector.

    Raises:
        ValueError: nothing to train, no samples, or an argument out of range.
        NotConverged: ``most_products`` were not enough.

    Source: Pearlmutter (1994) for the products, Lanczos (1950) for the iteration.

    >>> data = torch.tensor([[2.0]]), torch.tensor([[0.0]])  # loss (2 w + b)^2, Hessian 2 (2, 1) (2, 1)^T
    >>> found = sharpness(nn.Linear(1, 1), nn.MSELoss(), data)
    >>> round(found.value, 5), found.converged
    (10.0, True)
    """
    return _largest(model_hessian_product(model, loss, data), start, tolerance, most_products)


def _largest(
    hessian: GraphHessian | StackHessian, start: ArrayLike | None, tolerance: float, most_products: int
) -> Eigenpair:
    if not (tolerance > 0 and most_products >= 1):
        raise ValueError(f"expected tolerance > 0 and most_products >= 1, got {tolerance}, {most_products}")
    gradient = hessian.gradient
    first = torch.as_tensor(_first_vector(gradient, start), dtype=gradient.dtype)
    pair = largest_ritz_pair(hessian, first, tolerance=tolerance, most_products=most_products)
    vector = np.asarray(pair.vector.double().numpy())
    found = Eigenpair(pair.value, vector, pair.residual, pair.isolated_error, pair.products, pair.converged)
    if not found.converged:
        raise NotConverged(found, tolerance)
    return found


def _first_vector(gradient: Tensor, start: ArrayLike | None) -> Array:
    """Half given, half random, always the same, so that the result does not vary."""
    n = gradient.numel()
    given = np.asarray(gradient.double().numpy() if start is None else start, dtype=float).ravel()
    if start is not None and (given.size != n or not np.isfinite(given).all() or not given.any()):
        raise ValueError(f"expected a finite start of {n} numbers, not all zero, got {given.size}: leave it out")
    random = stream(0, "Lanczos start").standard_normal(n)
    length = np.linalg.norm(given)
    return np.asarray(random / np.linalg.norm(random) + (given / length if length > 0 else 0.0))
