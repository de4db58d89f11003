"""Largest algebraic eigenvalue of a Hessian that is never built: Lanczos on products of it with vectors."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from tqdm import tqdm

from trainphys.checks import at_least, positive
from trainphys.ensemble.streams import stream
from trainphys.errors import NotConverged
from trainphys.tools.curvature.first_guess import AFTER_GUESS, first_guess
from trainphys.tools.curvature.hessian_products import GraphHessian, ScalarFunction, Watched, model_hessian_product
from trainphys.tools.curvature.lanczos import LEAST_PRODUCTS, Eigenpair, largest_ritz_pair
from trainphys.tools.models.batches import Batches, Data
from trainphys.tools.models.model_loss import Loss, ModelLoss
from trainphys.tools.models.precision import flat_doubles, full_precision
from trainphys.tools.models.tool import tool


@full_precision
def largest_eigenpair(
    loss: ScalarFunction,
    at: Tensor,
    *,
    start: ArrayLike | Tensor | None = None,
    tolerance: float = 1e-5,
    most_products: int = 1000,
) -> Eigenpair:
    """Largest *algebraic* eigenvalue of the Hessian of a loss of one flat tensor; otherwise as ``sharpness``.

    >>> scales = torch.tensor([1.0, 3.0, -9.0], dtype=torch.float64)
    >>> found = largest_eigenpair(lambda x: 0.5 * (scales * x * x).sum(), torch.ones(3, dtype=torch.float64))
    >>> round(found.value, 9), found.converged
    (3.0, True)
    """
    if at.ndim != 1 or at.numel() < 1 or not at.is_floating_point():
        raise ValueError(f"expected a flat floating-point tensor of 1 or more, got {tuple(at.shape)}: flatten it")
    if not bool(torch.isfinite(at).all()):
        raise ValueError("expected finite parameters, got some that are not: the training run has diverged")
    return largest_of_operator(GraphHessian(loss, at), start, tolerance, most_products)


@tool
def sharpness(
    model: nn.Module,
    loss: Loss,
    data: Data,
    *,
    start: ArrayLike | Tensor | None = None,
    tolerance: float = 1e-3,
    most_products: int = 1000,
    progress: bool = False,
) -> Eigenpair:
    """Largest algebraic eigenvalue of the Hessian of a model's loss on some data, over its trainable parameters.

    It limits the learning rate, not the one of largest modulus.

    Args:
        model: any deterministic module (no dropout in training mode). It is not changed.
        loss: loss of a batch, ``loss(model(inputs), targets)``, such as ``torch.nn.functional.cross_entropy``. Several
            inputs go to the model one by one from a tuple, by name from a dictionary.
        data: inputs and targets, one row a sample, of tensors or NumPy arrays; or one batch of another form, such as a
            dictionary, for a loss of your own, ``loss(model, batch)``; or a ``Dataset`` or ``DataLoader`` of either,
            which each product goes through batch by batch. Then the loss has to be the mean over the samples, and each
            pass has to have the same ones, without random augmentation or a sampler that draws with replacement.
        start: first vector of the Lanczos iteration, flat, in the order of ``model.parameters()``. It is mixed with as
            much of a random one, lest it be orthogonal to the eigenvector sought. The eigenvector of a nearby point
            saves products. By default it is the gradient, most of which lies along the top eigenvectors once a network
            has been trained a little; for one batch of 128 samples or more, unless the model is a stack of Linear
            layers, the iteration first goes through every eighth sample, and starts on all from what it found there.
        tolerance: residual over eigenvalue asked for, > 0; the error of the value is about its square over the gap.
            1e-3 suits single precision.
        most_products: of the Hessian with a vector.
        progress: whether to show a bar that counts them.

    Raises:
        ValueError: nothing to train, no samples, parameters that are not finite or in less than single precision, a
            random model, parameters that loss or model keep in a list, a loss without second derivatives, or with
            others than its own (where ``detach`` holds something fixed), or an argument out of range.
        NotConverged: ``most_products`` were not enough; ``estimate`` is the pair at the end.

    Source: Pearlmutter (1994) for the products, Lanczos (1950) for the iteration; Gur-Ari et al. (2018): the gradient.

    >>> data = torch.tensor([[2.0]]), torch.tensor([[0.0]])  # loss (2 w + b)^2, Hessian 2 (2, 1) (2, 1)^T
    >>> found = sharpness(nn.Linear(1, 1), nn.MSELoss(), data)
    >>> round(found.value, 5), found.converged
    (10.0, True)
    """
    hessian = model_hessian_product(model, loss, data)
    guess = None
    if start is None and isinstance(hessian, GraphHessian):
        of = ModelLoss(model, loss)
        guess = first_guess(of, Batches(data, like=of.at), _start(hessian.gradient, None))
    with tqdm(unit="product", leave=False, disable=not progress) as bar:
        return largest_of_operator(Watched(hessian, bar.update), start, tolerance, most_products, guess=guess)


class Operator(Protocol):
    """A symmetric matrix as its products with flat vectors, and a vector to start from."""

    @property
    def gradient(self) -> Tensor: ...

    def __call__(self, vector: Tensor, /) -> Tensor: ...


def largest_of_operator(
    hessian: Operator,
    start: ArrayLike | Tensor | None,
    tolerance: float,
    most_products: int,
    *,
    guess: Tensor | None = None,
) -> Eigenpair:
    """Largest eigenpair of an operator, the iteration started from its gradient unless a start or a guess is given."""
    positive(tolerance=tolerance)
    at_least(1, most_products=most_products)
    found = largest_ritz_pair(
        hessian,
        _start(hessian.gradient, start) if guess is None else guess,
        tolerance=tolerance,
        most_products=most_products,
        least_products=LEAST_PRODUCTS if guess is None else AFTER_GUESS,
    )
    if not found.converged:
        raise NotConverged(
            f"expected a residual below {tolerance:g} of the eigenvalue, got {found.residual:.2g} for "
            f"{found.value:.4g} after {found.products} products: raise most_products or tolerance, or use doubles",
            found,
        )
    return found


def _start(gradient: Tensor, given: ArrayLike | Tensor | None) -> Tensor:
    """Half given, half random, always the same, so that the result does not vary; the gradient if none is given."""
    n = gradient.numel()
    way = flat_doubles(start=gradient if given is None else given)
    if given is not None and (way.size != n or not np.isfinite(way).all() or not way.any()):
        raise ValueError(f"expected a finite start of {n} numbers, not all zero, got {way.size}: leave it out")
    random = stream(0, "Lanczos start").standard_normal(n)
    length = np.linalg.norm(way)
    towards = 1.0 if way @ random >= 0 else -1.0  # the two may not cancel
    mixed = random / np.linalg.norm(random) + (towards * way / length if length > 0 else 0.0)
    return torch.as_tensor(mixed).to(gradient)
