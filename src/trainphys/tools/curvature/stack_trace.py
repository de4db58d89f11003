"""Exact trace of the Hessian of a stack of Linear layers: second derivatives of its layers' outputs, carried back."""

from typing import Any

import torch
from torch import Tensor, nn

from trainphys.tools.models.batches import Batches, Data, rows
from trainphys.tools.models.model_loss import Loss, ModelLoss
from trainphys.tools.stacks.linear_stack import StackLoss, linear_stack, stack_loss

CHUNK = 256  # samples at once, fewer where matrices of width x width are carried back for each of them
MOST_NUMBERS = 2**24  # of such matrices


def stack_hessian_trace(model: nn.Module, loss: Loss, data: Data) -> float | None:
    r"""Trace of the Hessian of the mean loss, or None when the model is not a stack or the loss not a mean.

    With $J_l$ the derivative of the network's outputs in those of layer l, S the loss's second derivatives there and
    $q_l=f''\odot\partial L/\partial a_l$, the second derivatives in layer l's outputs are $J_l^{\mathsf T}SJ_l$ plus
    what the bends of the activations add: $\operatorname{diag}q_l$ here, and those of the layers above carried back.

    Raises:
        ValueError: no model, no samples, or a loader whose samples change from pass to pass.

    >>> data = torch.tensor([[2.0]], dtype=torch.float64), torch.tensor([[0.0]], dtype=torch.float64)
    >>> stack_hessian_trace(nn.Linear(1, 1, bias=False, dtype=torch.float64), nn.MSELoss(), data)
    8.0
    """
    if linear_stack(model) is None:
        return None  # before any data are read
    of = ModelLoss(model, loss)
    batches = Batches(data, like=of.at)
    total, summed_loss, samples = 0.0, 0.0, 0
    for n, batch in batches:
        found = _sum_over_batch(model, loss, n, batch)
        if found is None:
            return None
        total += found
        samples += n
        if batches.single is None:
            summed_loss += n * float(of(of.trained, batch))
    if batches.single is None:
        of.check_mean_over_batches(batches)
        of.check_same_pass(batches, summed_loss)
    return total / samples


def _sum_over_batch(model: nn.Module, loss: Loss, n: int, batch: Any) -> float | None:
    """Sum of the traces of a batch's samples, some of them at a time."""
    whole = stack_loss(model, loss, batch, second=True)
    if whole is None:
        return None
    inner = [len(w) for w in whole.stack.weights[1:-1]]
    chunk = max(1, min(CHUNK, MOST_NUMBERS // max(inner, default=1) ** 2))
    if n <= chunk:
        return _sum_over_samples(whole)
    total = 0.0
    for start in range(0, n, chunk):
        part = stack_loss(model, loss, rows(batch, start, start + chunk), second=True)
        assert part is not None  # as the whole
        total += _sum_over_samples(part)
    return total


@torch.no_grad()
def _sum_over_samples(known: StackLoss) -> float:
    weights, at = known.stack.weights, known.at
    bends = known.stack.bent_slopes(at, known.stack.backward(at, known.losses.slope()))
    samples, outputs = at.outputs.shape
    jacobian = torch.eye(outputs, dtype=at.outputs.dtype, device=at.outputs.device).expand(
        samples, -1, -1
    )  # samples, outputs, layer
    bent: Tensor | None = None  # samples, layer, layer: the bends of the activations above
    diagonal = at.outputs.new_zeros(samples, outputs)  # the bends of the activation right here
    total = 0.0
    for layer in reversed(range(len(weights))):
        w, slope = weights[layer], at.slopes[layer - 1] if layer else None
        trace = (jacobian * known.losses.bent(jacobian)).sum(dim=(1, 2)) + diagonal.sum(dim=1)
        if bent is not None:
            trace += bent.diagonal(dim1=1, dim2=2).sum(dim=1)
        reach = at.below[layer].square().sum(dim=1) + (0 if known.stack.biases[layer] is None else 1)
        total += float(trace.double() @ reach.double())
        if slope is not None:
            jacobian = (jacobian @ w) * slope[:, None, :]
            if layer > 1:
                bent = _carried_back(bent, diagonal, w, slope)
                diagonal = bends[layer - 1]
            else:  # of the first layer the diagonal is all that is asked for
                diagonal = bends[0] + _carried_back_diagonal(bent, diagonal, w, slope)
                bent = None
    return total


def _carried_back(bent: Tensor | None, diagonal: Tensor, w: Tensor, slope: Tensor) -> Tensor | None:
    """Second derivatives in one layer's outputs as second derivatives in those of the layer below."""
    if bent is None and not bool(diagonal.any()):
        return None
    whole = torch.diag_embed(diagonal) if bent is None else bent + torch.diag_embed(diagonal)
    return (w.T @ whole @ w) * slope[:, :, None] * slope[:, None, :]


def _carried_back_diagonal(bent: Tensor | None, diagonal: Tensor, w: Tensor, slope: Tensor) -> Tensor:
    """The diagonal of the same, without the matrix."""
    found = diagonal @ w.square()
    if bent is not None:
        found += ((bent @ w) * w).sum(dim=1)
    return found * slope.square()
