"""Functions whose backward pass users wrote themselves: whether their second derivatives are right."""

import copy
import functools
from typing import Any

import torch
from torch import Tensor, nn

from trainphys.tools.curvature.lanczos import Product
from trainphys.tools.models.batches import mapped, rows
from trainphys.tools.models.model_loss import ModelLoss

STEP = 1e-8  # over the length of the parameters, in double precision: hardly a ReLU turns on the way
FEW = 4  # samples, for the same reason


def check_own_functions(of: ModelLoss, batch: Any, node: Any, hessian: type[Any]) -> None:
    """Refuse a graph with a ``torch.autograd.Function`` along which the Hessian is not the slope of the gradient.

    Such a backward pass may be a kernel that torch does not see into, or hold something back with ``detach``. Then what
    torch makes of it is another matrix, often symmetric too. The slope is a difference of two gradients in double
    precision, beside the parameters. Models that take no doubles, or no few samples, are not looked at.
    """
    if not _has_own(node):
        return
    try:
        loss = copy.deepcopy(of.loss).double() if isinstance(of.loss, nn.Module) else of.loss
        doubles = ModelLoss(copy.deepcopy(of.model).double(), loss)
        few = mapped(rows(batch, 0, FEW), _doubled)
        place, wave = doubles.beside(), torch.arange(len(of.at)).sin().to(of.at.device).double()
        step = STEP * float(place.norm() / wave.norm()) * wave
        ahead, behind = (doubles.gradient(few, place + way) for way in (step, -step))
        product: Product = hessian(functools.partial(doubles.flat, batch=few), place)
        bent, slope = product(step), (ahead - behind) / 2
    except Exception:  # whatever a copy, a kernel or a loss of few samples raises
        return
    apart, size = float((bent - slope).norm()), max(float(slope.norm()), float(bent.norm()))
    if apart > 1e-2 * size + 1e-12 * float(ahead.norm()):  # what a difference of doubles tells
        raise ValueError(
            f"expected second derivatives that are those of the loss, got others, {apart / size:.2g} of them apart: a "
            "torch.autograd.Function of your own has a backward that is not the derivative, or that cannot be "
            "differentiated: write it out in torch"
        )


def _doubled(x: Tensor | None) -> Tensor | None:
    return x.double() if x is not None and x.is_floating_point() else x


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
