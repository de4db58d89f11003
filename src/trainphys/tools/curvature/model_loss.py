"""The loss of a module as a function of one flat vector."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from trainphys.tools.stacks.sample_losses import Data, Loss


def flat_loss(model: nn.Module, loss: Loss, data: Data) -> tuple[Callable[[Tensor], Tensor], Tensor]:
    """Loss as a function of all trainable parameters in one flat tensor, and the parameters of the moment.

    Neither the module's parameters nor its buffers are changed.

    Raises:
        ValueError: the model is random (dropout in training mode), or the loss is not one finite number.

    >>> of, at = flat_loss(nn.Linear(2, 1), nn.MSELoss(), (torch.ones(1, 2), torch.zeros(1, 1)))
    >>> at.shape, float(of(torch.tensor([1.0, 2.0, 3.0])))
    (torch.Size([3]), 36.0)
    """
    trained = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
    sizes = [p.numel() for p in trained.values()]

    def of(flat: Tensor) -> Tensor:
        parts = zip(trained.items(), torch.split(flat, sizes), strict=True)
        now = {name: part.view(p.shape) for (name, p), part in parts}
        buffers = {name: b.clone() for name, b in model.named_buffers()}  # batch normalisation writes into them
        return loss(functional_call(model, {**now, **buffers}, (data[0],)), data[1])

    at = torch.cat([p.flatten() for p in trained.values()])
    with torch.no_grad():
        first, second = of(at), of(at)
    if first.numel() != 1 or not bool(torch.isfinite(first)):
        raise ValueError(f"expected a loss that is one finite number, got {first}: average it over the batch")
    if not torch.equal(first, second):
        raise ValueError(f"expected the same loss twice, got {float(first)}, {float(second)}: call model.eval()")
    return of, at


def check_model_and_data(model: nn.Module, data: Data) -> None:
    """Refuse a model with nothing to train or whose parameters are not finite, and data without pairs of samples."""
    trained = [p for p in model.parameters() if p.requires_grad]
    if not trained:
        raise ValueError("expected trainable parameters, got none: set requires_grad")
    if not all(bool(torch.isfinite(p).all()) for p in trained):
        raise ValueError("expected finite parameters, got some that are not: the training run has diverged")
    if len(data[0]) != len(data[1]) or len(data[0]) == 0:
        raise ValueError(f"expected as many inputs as targets, at least one, got {len(data[0])} and {len(data[1])}")
