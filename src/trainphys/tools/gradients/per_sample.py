"""Gradients of single samples: their lengths, and how they lie to their mean."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from trainphys.checks import at_least
from trainphys.tools.curvature.model_loss import check_model_and_data
from trainphys.tools.stacks.linear_stack import StackLoss, stack_loss
from trainphys.tools.stacks.sample_losses import Data, Loss


@dataclass(frozen=True, slots=True)
class GradientSpread:
    r"""Gradients $g_n$ of single samples and their mean $\bar g$, as what covariance and noise scale need of them."""

    squared_distances: Tensor  # $\lvert g_n-\bar g\rvert^2$, shape (samples,), double precision
    along_mean: Tensor  # $g_n\cdot\bar g$, shape (samples,)
    squared_mean: float  # $\lvert\bar g\rvert^2$
    parameters: int  # number of trainable parameters


def gradient_spread(model: nn.Module, loss: Loss, data: Data, *, chunk: int = 256) -> GradientSpread:
    r"""Squared distances of all samples' gradients from their mean, and their products with it.

    For a stack of Linear layers no gradient of a sample is made: that of a weight matrix is an outer product, so
    $\lvert g_n\rvert^2=\sum_l\lvert\delta_{l,n}\rvert^2(1+\lvert a_{l-1,n}\rvert^2)$, with the slope $\delta$ in what
    the layer gives out and its input a. Other models are differentiated sample by sample.

    The model may not let samples depend on each other; ``loss`` is the mean of a batch, but evaluated sample by sample;
    ``chunk`` samples' gradients are held at once, for models that are not such a stack.

    Raises:
        ValueError: no sample, not one target for each input, nothing to train, batch normalisation in training mode, or
            gradients that are not finite.

    Source: Goodfellow (2015), "Efficient per-example gradient computations".

    >>> x, y = torch.tensor([[1.0], [2.0]]), torch.tensor([[1.0], [0.0]])
    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = model.weight.data.fill_(1.0)
    >>> spread = gradient_spread(model, nn.MSELoss(), (x, y))  # gradients 2 (x - y) x: 0 and 8
    >>> spread.squared_distances.tolist(), spread.along_mean.tolist(), spread.squared_mean
    ([16.0, 16.0], [0.0, 32.0], 16.0)
    """
    check_samples(model, data)
    at_least(1, chunk=chunk)
    found = _spread(model, loss, data, chunk)
    if not math.isfinite(found.squared_mean):
        raise ValueError("expected finite gradients, got some that are not: look at the data and the parameters")
    return found


def _spread(model: nn.Module, loss: Loss, data: Data, chunk: int) -> GradientSpread:
    known = stack_loss(model, loss, data, second=False)
    if known is None:
        return _from_gradients(model, loss, data, chunk)
    found = _from_stack(known)
    single = known.at.outputs.dtype != torch.float64
    if single and float(found.squared_distances.mean()) < 1e-3 * found.squared_mean:
        return _from_gradients(model, loss, data, chunk)  # what was left of nearly equal numbers is rounding
    return found


def per_sample_gradients(model: nn.Module, loss: Loss, data: Data, *, chunk: int = 256) -> Iterator[Tensor]:
    """Gradients of single samples, flat, chunk by chunk: (samples, parameters), in the precision of the model.

    Arguments as for ``gradient_spread``.

    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = model.weight.data.fill_(1.0)
    >>> next(per_sample_gradients(model, nn.MSELoss(), (torch.ones(2, 1), torch.zeros(2, 1)))).tolist()
    [[2.0], [2.0]]
    """
    trained = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}

    def of_one(parameters: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return loss(functional_call(model, parameters, (x[None],)), y[None])

    each = vmap(grad(of_one), in_dims=(None, 0, 0), randomness="different")
    for start in range(0, len(data[1]), chunk):
        found = each(trained, data[0][start : start + chunk], data[1][start : start + chunk])
        yield torch.cat([g.flatten(1) for g in found.values()], dim=1)


def check_samples(model: nn.Module, data: Data) -> None:
    """Raise ValueError when the gradients of single samples have no meaning, or there are none."""
    check_model_and_data(model, data)
    if any(isinstance(m, nn.modules.batchnorm._BatchNorm) and m.training for m in model.modules()):
        raise ValueError("expected no batch normalisation in training mode: call model.eval(), samples depend else")


@torch.no_grad()
def _from_stack(known: StackLoss) -> GradientSpread:
    at, delta = known.at, known.losses.slope()
    samples, widest = len(delta), max(below.shape[1] for below in at.below)
    room, ones = delta.new_empty(samples * widest), delta.new_ones(widest)
    squares, along, squared_mean = delta.new_zeros(samples), delta.new_zeros(samples), 0.0
    for layer in reversed(range(len(at.below))):
        below, bias = at.below[layer], known.stack.biases[layer]
        here = room[: below.numel()].view(below.shape)  # used again and again: fresh memory costs more than arithmetic
        reach = torch.linalg.vector_norm(below, dim=1).square_()
        mean = torch.mm(delta.T, below).div_(samples)
        if bias is not None:
            reach += 1
            mean_bias = delta.mean(dim=0)
            along.addmv_(delta, mean_bias)
            squared_mean += float(mean_bias.dot(mean_bias))
        squares.addcmul_(reach, torch.linalg.vector_norm(delta, dim=1).square_())
        along.addmv_(torch.mm(delta, mean, out=here).mul_(below), ones[: below.shape[1]])  # faster than a sum of rows
        squared_mean += float(mean.view(-1).dot(mean.view(-1)))
        if layer:  # the derivative of the activation is not needed again: its memory takes the slope
            delta = at.slopes[layer - 1].mul_(torch.mm(delta, known.stack.weights[layer], out=here))
    distances = (squares.double() - 2 * along.double() + squared_mean).clamp_(min=0)
    return GradientSpread(distances, along.double(), squared_mean, known.stack.parameters)


def _from_gradients(model: nn.Module, loss: Loss, data: Data, chunk: int) -> GradientSpread:
    sums = [g.double().sum(dim=0) for g in per_sample_gradients(model, loss, data, chunk=chunk)]
    mean = torch.stack(sums).sum(dim=0) / len(data[1])
    distances, along = [], []
    for g in per_sample_gradients(model, loss, data, chunk=chunk):  # again, rather than kept
        distances.append((g.double() - mean).square().sum(dim=1))
        along.append(g.double() @ mean)
    return GradientSpread(torch.cat(distances), torch.cat(along), float(mean @ mean), mean.numel())
