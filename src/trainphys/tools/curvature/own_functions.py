"""Functions whose backward pass users wrote themselves: whether their second derivatives are right."""

import copy
import functools
from typing import Any

import torch

from trainphys.tools.models.batches import mapped
from trainphys.tools.models.model_loss import ModelLoss

STEP = 1e-6  # over the length of the parameters, in double precision


def check_own_functions(of: ModelLoss, batch: Any, node: Any) -> None:
    """Refuse a graph with a ``torch.autograd.Function`` along which the Hessian is not the slope of the gradient.

    Such a backward pass may be a kernel that torch does not see into, or hold something back with ``detach``. Then what
    torch makes of it is another matrix, often symmetric too. The slope is a difference of two gradients in double
    precision, beside the parameters; a model that takes no doubles is not looked at.
    """
    if not _has_own(node):
        return
    try:
        loss = copy.deepcopy(of.loss).double() if isinstance(of.loss, torch.nn.Module) else of.loss
        doubles = ModelLoss(copy.deepcopy(of.model).double(), loss)
        batch = mapped(batch, lambda x: x.double() if isinstance(x, torch.Tensor) and x.is_floating_point() else x)
        place, wave = doubles.beside(), torch.arange(len(of.at)).sin().to(of.at.device).double()
        step = STEP * float(place.norm() / wave.norm()) * wave
        slope = (doubles.gradient(batch, place + step) - doubles.gradient(batch, place - step)) / 2
    except (ValueError, TypeError, RuntimeError):
        return
    product = torch.autograd.functional.vhp(functools.partial(doubles.flat, batch=batch), place, step)[1]
    apart, size = float((product - slope).norm()), float(slope.norm())
    if apart > 1e-2 * max(size, float(product.norm())):
        raise ValueError(
            f"expected second derivatives that are those of the loss, got others, {apart / (size or 1):.2g} of them "
            "apart: a torch.autograd.Function of your own has a backward that is not the derivative, or that cannot be "
            "differentiated: write it out in torch"
        )


def _has_own(node: Any) -> bool:
    """Whether a function that is written in Python is in the graph below a node."""
    left, seen = [node], set()
    while left:
        one = left.pop()
        if one is None or one in seen:
            continue
        if isinstance(one, torch.autograd.function.BackwardCFunction):
            return True
        seen.add(one)
        left += [below for below, _ in one.next_functions]
    return False
