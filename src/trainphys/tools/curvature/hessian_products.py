"""The Hessian of a loss times a vector: written out for stacks of Linear layers, by double backward for the rest."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from trainphys.tools.curvature.model_loss import check_model_and_data, flat_loss
from trainphys.tools.curvature.stack_hessian import StackHessian
from trainphys.tools.stacks.linear_stack import stack_loss
from trainphys.tools.stacks.sample_losses import Data, Loss

ScalarFunction = Callable[[Tensor], Tensor]


class GraphHessian:
    """Hessian of any loss of a flat tensor, as a function that multiplies a vector by it: double backward, one graph.

    >>> hessian = GraphHessian(lambda x: x[0] ** 2 * x[1], torch.tensor([3.0, 2.0]))
    >>> hessian.gradient.tolist(), hessian(torch.tensor([1.0, 0.0])).tolist()
    ([12.0, 9.0], [4.0, 6.0])
    """

    def __init__(self, loss: ScalarFunction, at: Tensor) -> None:
        self._place = at.detach().clone().requires_grad_(True)
        (self._gradient,) = torch.autograd.grad(loss(self._place), self._place, create_graph=True)

    @property
    def gradient(self) -> Tensor:
        return self._gradient.detach()

    def __call__(self, vector: Tensor) -> Tensor:
        if not self._gradient.requires_grad:  # a loss that is linear
            return torch.zeros_like(vector)
        settings = {"retain_graph": True, "allow_unused": True, "materialize_grads": True}
        (found,) = torch.autograd.grad(self._gradient, self._place, vector, **settings)
        return found.detach()


def model_hessian_product(model: nn.Module, loss: Loss, data: Data) -> StackHessian | GraphHessian:
    """Function that multiplies a model's Hessian by a flat vector over its trainable parameters.

    Written out for stacks of Linear layers, by double backward for other models. Arguments and errors as for
    ``sharpness``; the array returned may be used again by the next call.

    >>> data = torch.tensor([[2.0]]), torch.tensor([[0.0]])
    >>> model_hessian_product(nn.Linear(1, 1), nn.MSELoss(), data)(torch.tensor([1.0, 0.0])).tolist()
    [8.0, 4.0]
    """
    check_model_and_data(model, data)
    known = stack_loss(model, loss, data, second=True)
    return StackHessian(known) if known is not None else GraphHessian(*flat_loss(model, loss, data))
