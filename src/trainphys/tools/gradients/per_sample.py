"""Gradients of single samples: their lengths, and how they lie to their mean."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from trainphys.checks import at_least
from trainphys.tools.gradients.layerwise import model_pass
from trainphys.tools.models.batches import Batches, Data, rows
from trainphys.tools.models.model_loss import ALIKE, Loss, ModelLoss, check_same
from trainphys.tools.models.precision import full_precision
from trainphys.tools.stacks.linear_stack import StackLoss, stack_loss

CHECKED = 4  # samples of each piece whose gradients are made one by one, to see that a quicker way is right


@dataclass(frozen=True, slots=True)
class GradientSpread:
    r"""Gradients $g_n$ of single samples and their mean $\bar g$, as what covariance and noise scale need of them."""

    squared_distances: Tensor  # $\lvert g_n-\bar g\rvert^2$, shape (samples,), double precision
    along_mean: Tensor  # $g_n\cdot\bar g$, shape (samples,)
    squared_mean: float  # $\lvert\bar g\rvert^2$
    parameters: int  # number of trainable parameters


@full_precision
def gradient_spread(model: nn.Module, loss: Loss, data: Data, *, chunk: int = 256) -> GradientSpread:
    r"""Squared distances of all samples' gradients from their mean, and their products with it.

    For a stack of Linear layers no gradient of a sample is made: that of a weight matrix is an outer product, so
    $\lvert g_n\rvert^2=\sum_l\lvert\delta_{l,n}\rvert^2(1+\lvert a_{l-1,n}\rvert^2)$, with the slope $\delta$ in what
    the layer gives out and its input a. Other models of Linear, convolution, Embedding and normalisation layers are
    taken layer by layer, the rest sample by sample, at most ``chunk`` samples at once.

    Raises:
        ValueError: a loss that is not the mean of its samples' losses (a sum, class weights, targets left out, samples
            that depend on each other), no sample, not one target for each input, a random model, nothing to train,
            or gradients that are not finite.

    Source: Goodfellow (2015), "Efficient per-example gradient computations".

    >>> x, y = torch.tensor([[1.0], [2.0]]), torch.tensor([[1.0], [0.0]])
    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = model.weight.data.fill_(1.0)
    >>> spread = gradient_spread(model, nn.MSELoss(), (x, y))  # gradients 2 (x - y) x: 0 and 8
    >>> spread.squared_distances.tolist(), spread.along_mean.tolist(), spread.squared_mean
    ([16.0, 16.0], [0.0, 32.0], 16.0)
    """
    at_least(1, chunk=chunk)
    of = ModelLoss(model, loss)
    batches = Batches(data, like=of.at)
    known = stack_loss(model, loss, batches.single, second=False)
    found = None if known is None else _from_stack(known)
    if found is None or _is_rounding(found, of):
        found = _layer_by_layer(of, batches, chunk)
        if found is None or _is_rounding(found, of):
            mean = _mean_gradient(of, batches, chunk)
            found = _one_by_one(of, batches, mean, mean, chunk)
    if not math.isfinite(found.squared_mean + float(found.squared_distances.sum())):
        raise ValueError("expected finite gradients, got some that are not: look at the data and the parameters")
    return found


@full_precision
def gradients_along(model: nn.Module, loss: Loss, data: Data, direction: Tensor, *, chunk: int = 256) -> Tensor:
    r"""Products $g_n\cdot u$ of all samples' gradients with a flat vector, (samples,), in double precision.

    Arguments and errors as for ``gradient_spread``.

    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = model.weight.data.fill_(1.0)
    >>> gradients_along(model, nn.MSELoss(), (torch.ones(2, 1), torch.zeros(2, 1)), torch.ones(1)).tolist()
    [2.0, 2.0]
    """
    at_least(1, chunk=chunk)
    of = ModelLoss(model, loss)
    batches, direction = Batches(data, like=of.at), direction.to(of.at.device).double()
    found = _layer_by_layer(of, batches, chunk, direction.to(of.at))
    if found is None:
        found = _one_by_one(of, batches, direction, _mean_gradient(of, batches, chunk), chunk)
    return found.along_mean


def _check_same_samples(mean: Tensor, again: Tensor, mean_square: float, of: ModelLoss) -> None:
    r"""Refuse another mean gradient in the second pass: samples that come and go, or change.

    Against the length of single samples' gradients, not of their mean, which may be a thousand times shorter. Another
    order of summation moves the mean by some roundings; N samples drawn anew, by $1/\sqrt N$.
    """
    apart, size = float((again - mean).norm()), mean_square**0.5
    if apart > _rounding(of) / 10 * size:
        raise ValueError(
            f"expected the same samples in each pass, got mean gradients {apart / size:.2g} of a sample's gradient "
            f"apart: {ALIKE}"
        )


def _is_rounding(found: GradientSpread, of: ModelLoss) -> bool:
    """Whether what is left of nearly equal numbers in single precision is rounding."""
    single = of.at.dtype != torch.float64
    return single and float(found.squared_distances.mean()) < 1e-3 * found.squared_mean


def _mean_gradient(of: ModelLoss, batches: Batches, chunk: int) -> Tensor:
    total, samples = torch.zeros_like(of.at, dtype=torch.float64), 0
    for n, piece in batches.pieces(chunk):
        if not samples:
            of.check_not_random(rows(piece, 0, CHECKED))
        total += n * of.mean_gradient(n, piece).double()
        samples += n
    _check_over_pieces(of, batches, chunk)
    return total / samples


def _layer_by_layer(of: ModelLoss, batches: Batches, chunk: int, vector: Tensor | None = None) -> GradientSpread | None:
    """Distances of the samples' gradients from a vector, or their mean, and products with it, or None.

    None when a layer is not known, or when some gradients of single samples are not as said. More pieces than one are
    gone through again with the mean, when it is known.
    """
    of.check_apart()
    found, mean, samples = [], torch.zeros_like(of.at, dtype=torch.float64), 0
    for n, piece in batches.pieces(chunk):
        if not samples:
            of.check_not_random(rows(piece, 0, CHECKED))
        last = model_pass(of, n, piece)
        if last is None:
            return None
        of.check_mean(n, piece, last.outputs)
        found.append(last.measured(of.split(last.gradient if vector is None else vector)))
        if not _single_samples_agree(of, n, piece, found[-1][0]):
            return None
        mean.add_(last.gradient, alpha=n)
        samples += n
    _check_over_pieces(of, batches, chunk)
    mean = mean.div_(samples).to(of.at)
    if vector is None and len(found) > 1:  # both anew: a loader that shuffles has its samples in another order now
        found = _anew(of, batches, mean, chunk)
    every, products = torch.cat(found, dim=1)
    vector = mean if vector is None else vector
    squared = float(torch.linalg.vector_norm(vector, dtype=torch.float64)) ** 2
    if abs(float(products.mean()) - float(vector @ mean)) > _rounding(of) * (float(every.mean()) + squared):
        return None
    distances = (every - 2 * products + squared).clamp_(min=0)
    return GradientSpread(distances.cpu(), products.cpu(), squared, vector.numel())


def _anew(of: ModelLoss, batches: Batches, mean: Tensor, chunk: int) -> list[Tensor]:
    """Squares and products with the mean gradient in another pass, which has to have that mean too."""
    found, again, samples = [], torch.zeros_like(mean, dtype=torch.float64), 0
    for n, piece in batches.pieces(chunk):
        if (met := model_pass(of, n, piece)) is not None:
            found.append(met.measured(of.split(mean)))
            again.add_(met.gradient, alpha=n)
            samples += n
    mean_square = float(torch.cat(found, dim=1)[0].mean())
    _check_same_samples(mean, again / samples, mean_square, of)
    return found


def _check_over_pieces(of: ModelLoss, batches: Batches, chunk: int) -> None:
    if batches.single is None or chunk == 1:  # else each piece shows whether its loss is a mean
        of.check_mean_over_batches(batches)


def _rounding(of: ModelLoss) -> float:
    return float(3 * torch.finfo(of.at.dtype).eps ** 0.5)


def _single_samples_agree(of: ModelLoss, n: int, piece: Any, squares: Tensor) -> bool:
    for k in {i * (n - 1) // (CHECKED - 1) for i in range(CHECKED)}:
        alone = of.gradient(rows(piece, k, k + 1))
        square = float(alone @ alone)
        if not abs(float(squares[k]) - square) <= _rounding(of) * (square + 1e-3 * float(squares.mean())):
            return False
    return True


def _one_by_one(of: ModelLoss, batches: Batches, vector: Tensor, mean: Tensor, chunk: int) -> GradientSpread:
    """The same from one gradient after the other, whose mean has to be the gradient of the piece.

    Over all pieces that has to be the mean of an earlier pass.
    """
    squares, distances, along, again = [], [], [], torch.zeros_like(mean)
    for n, piece in batches.pieces(chunk):
        of_samples, size = torch.zeros_like(vector), 0.0
        for k in range(n):
            g = of.gradient(rows(piece, k, k + 1)).double()
            of_samples += g / n
            squares.append(g.square().sum())
            size += float(squares[-1].sqrt()) / n
            distances.append((g - vector).square().sum())
            along.append(g @ vector)
        of_batch = of.gradient(piece)
        check_same(of_batch, of_samples.to(of.at), size)
        again.add_(of_batch, alpha=n)
    _check_same_samples(mean, again / len(squares), float(torch.stack(squares).mean()), of)
    return GradientSpread(torch.stack(distances).cpu(), torch.stack(along).cpu(), float(vector @ vector), len(vector))


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
