"""Functions with a backward pass of their own, and what is held fixed: whether second derivatives are right."""

import copy
import functools
import warnings
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils import vector_to_parameters

from trainphys.tools.models.batches import mapped, rows
from trainphys.tools.models.graph import has_own_function
from trainphys.tools.models.model_loss import ModelLoss

STEPS = 1e-8, 3e-10  # over the length of the parameters, in double precision: hardly a ReLU turns on the way
FEW = 4  # samples, for the same reason


def check_own_functions(of: ModelLoss, batch: Any, node: Any, hessian: type[Any]) -> None:
    """Refuse a loss along whose ``torch.autograd.Function`` or ``detach`` the Hessian is not the slope of the gradient.

    Such a backward pass may be a kernel that torch does not see into, and what is held fixed moves with the parameters.
    Then what torch makes of it is another matrix, often symmetric too. The slope is a difference of two gradients in
    double precision, beside the parameters. Models that take no doubles, or no few samples, are not looked at.
    """
    scripted = any(isinstance(module, torch.jit.ScriptModule) for module in of.model.modules())  # torch looks on alone
    if not (of.holds or scripted or has_own_function(node)):
        return
    try:
        with warnings.catch_warnings():  # of copies, which are no concern of the caller
            warnings.simplefilter("ignore")
            bent, slopes, least = _bent_and_slopes(of, rows(batch, 0, FEW), hessian)
    except Exception:  # whatever a copy, a kernel or a loss of few samples raises
        return
    apart = [float((bent - slope).norm()) for slope in slopes]
    sizes = [max(float(slope.norm()), float(bent.norm())) for slope in slopes]
    # Where all is right they are 1e-8 of their size apart. A rectifier that turns on the way does so on one alone.
    if all(a > 1e-3 * size + least for a, size in zip(apart, sizes, strict=True)):
        raise ValueError(
            f"expected second derivatives that are those of the loss, got others, {apart[0] / sizes[0]:.2g} of them "
            "apart: something is held fixed that moves with the parameters, as by detach(), item(), no_grad() or "
            "spectral_norm in training mode, or a hook or torch.autograd.Function has a backward that is not the "
            "derivative, or that cannot be differentiated: call model.eval(), or write it out in torch"
        )


def _bent_and_slopes(of: ModelLoss, few: Any, hessian: type[Any]) -> tuple[Tensor, list[Tensor], float]:
    """Hessian times a direction, the slope of the gradient along it by two steps, and what is rounding."""
    loss = copy.deepcopy(of.loss).double() if isinstance(of.loss, nn.Module) else of.loss
    doubles = ModelLoss(_copied(of.model).double(), loss)
    few, trained = mapped(few, _doubled), [p for p in doubles.model.parameters() if p.requires_grad]

    def gradient(at: Tensor) -> Tensor:
        vector_to_parameters(at, trained)  # a checkpoint computes again with what the model itself holds
        return doubles.gradient(few, at)

    place, wave = doubles.beside(), torch.arange(len(of.at)).sin().to(of.at.device).double()
    middle = gradient(place)
    way = place.norm() * (normalize(wave, dim=0) + normalize(middle, dim=0, eps=1e-100))
    bent: Tensor = hessian(functools.partial(doubles.flat, batch=few), place)(way)
    slopes = [(gradient(place + step * way) - gradient(place - step * way)) / (2 * step) for step in STEPS]
    return bent, slopes, 1e-12 * float(middle.norm()) / max(STEPS)


def _copied(model: nn.Module) -> nn.Module:
    """A copy, also where a hook leaves the weights that it computes, as that of the older spectral_norm does."""
    left = [x for module in model.modules() for x in vars(module).values() if isinstance(x, Tensor) and not x.is_leaf]
    return copy.deepcopy(model, {id(x): x.detach() for x in left})


def _doubled(x: Tensor | None) -> Tensor | None:
    return x.double() if x is not None and x.is_floating_point() else x
