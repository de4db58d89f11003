"""The Hessian of a loss times a vector: written out for stacks of Linear layers, by double backward for the rest."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from trainphys.tools.curvature.own_functions import check_own_functions
from trainphys.tools.curvature.stack_hessian import StackHessian
from trainphys.tools.models.batches import Batches, Data
from trainphys.tools.models.model_loss import Loss, ModelLoss, in_words
from trainphys.tools.models.precision import full_precision
from trainphys.tools.stacks.linear_stack import stack_loss

ScalarFunction = Callable[[Tensor], Tensor]


class GraphHessian:
    """Hessian of any loss of a flat tensor, as a function that multiplies a vector by it: double backward, one graph.

    >>> hessian = GraphHessian(lambda x: x[0] ** 2 * x[1], torch.tensor([3.0, 2.0]))
    >>> hessian.gradient.tolist(), hessian(torch.tensor([1.0, 0.0])).tolist()
    ([12.0, 9.0], [4.0, 6.0])
    """

    def __init__(self, loss: ScalarFunction, at: Tensor) -> None:
        self._place = at.detach().clone().requires_grad_(True)
        value = loss(self._place)
        self.node = value.grad_fn  # where the graph of the loss begins
        with _differentiated():
            (self._gradient,) = torch.autograd.grad(value, self._place, create_graph=True)

    @property
    def gradient(self) -> Tensor:
        return self._gradient.detach()

    def __call__(self, vector: Tensor) -> Tensor:
        if not self._gradient.requires_grad:  # a loss that is linear
            return torch.zeros_like(vector)
        settings = {"retain_graph": True, "allow_unused": True, "materialize_grads": True}
        with _differentiated():
            (found,) = torch.autograd.grad(self._gradient, self._place, vector, **settings)
        return found.detach()


@contextmanager
def _differentiated() -> Iterator[None]:
    """Says what torch cannot differentiate twice, and what to do."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError):
        raise
    except Exception as error:  # a backward that users write may raise anything
        raise ValueError(
            f"expected a loss that can be differentiated twice, got {in_words(error)}: use a plain form of that "
            "operation (for recurrent layers on a GPU torch.backends.cudnn.flags(enabled=False), for embeddings "
            "sparse=False)"
        ) from error


class BatchesHessian:
    """Hessian of the mean loss over many batches, one graph at a time; each product goes through the data anew.

    Raises:
        ValueError: the loss of a batch is not the mean over its samples, or the data change from pass to pass.
    """

    def __init__(self, of: ModelLoss, batches: Batches) -> None:
        self._of, self._batches = of, batches
        self._samples, total, self.gradient = 0, 0.0, torch.zeros_like(of.at)
        beside = of.beside()
        for n, batch in batches:
            of.mean_gradient(n, batch, beside)
            self.gradient += n * of.gradient(batch)
            total += n * float(of(of.trained, batch))
            self._samples += n
        of.check_mean_over_batches(batches)
        self.gradient /= self._samples
        of.check_same_pass(batches, total)

    def __call__(self, vector: Tensor) -> Tensor:
        found = torch.zeros_like(vector)
        for share, hessian in self._terms():
            found += share * hessian(vector)
        return found

    def _terms(self) -> Iterator[tuple[float, GraphHessian]]:
        for n, batch in self._batches:
            yield n / self._samples, GraphHessian(functools.partial(self._of.flat, batch=batch), self._of.at)


HessianProduct = GraphHessian | BatchesHessian | StackHessian


@dataclass(frozen=True, slots=True)
class Watched:
    """A Hessian whose products move a bar."""

    hessian: HessianProduct
    passed: Callable[[], Any]

    @property
    def gradient(self) -> Tensor:
        return self.hessian.gradient

    def __call__(self, vector: Tensor) -> Tensor:
        found = self.hessian(vector)
        self.passed()
        return found


@full_precision
def model_hessian_product(model: nn.Module, loss: Loss, data: Data) -> HessianProduct:
    """Function that multiplies a model's Hessian by a flat vector over its trainable parameters.

    Written out for stacks of Linear layers, by double backward for other models. Arguments and errors as for
    ``sharpness``; the array returned may be used again by the next call.

    >>> data = torch.tensor([[2.0]]), torch.tensor([[0.0]])
    >>> model_hessian_product(nn.Linear(1, 1), nn.MSELoss(), data)(torch.tensor([1.0, 0.0])).tolist()
    [8.0, 4.0]
    """
    of = ModelLoss(model, loss)
    batches = Batches(data, like=of.at)
    known = stack_loss(model, loss, batches.single, second=True)
    return StackHessian(known) if known is not None else graph_hessian(of, batches)


def graph_hessian(of: ModelLoss, batches: Batches) -> GraphHessian | BatchesHessian:
    """The same by double backward: one graph that is kept for a single batch, else a new one for each batch."""
    _, first = next(iter(batches))
    of.check_not_random(first)
    found = GraphHessian(functools.partial(of.flat, batch=first), of.at)
    check_own_functions(of, first, found.node, GraphHessian)
    return found if batches.single is not None else BatchesHessian(of, batches)
