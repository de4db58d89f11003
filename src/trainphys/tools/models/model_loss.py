"""The loss of a module on a batch as a function of its trainable parameters."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel

from trainphys.tools.models.batches import FORMS, rows

# Mean loss of a batch: of outputs and targets for a pair of inputs and targets, of model and batch for any other form.
Loss = Callable[..., Tensor]

MEAN = (
    "give the mean over samples that count alike (no sum, no class weights, no targets left out: with reduction='none' "
    "weigh them yourself and take .mean()), and call model.eval() where batches are normalised"
)


class ModelLoss:
    """Loss of a batch at any parameters. Neither the module's parameters nor its buffers are changed.

    For a batch of two parts the loss is ``loss(model(inputs), targets)``, a tuple of inputs being the model's arguments
    and a dictionary of them its keywords. For any other batch it is ``loss(model, batch)``.

    Raises:
        ValueError: no module, nothing to train, or parameters that are not finite, not of one precision, single or
            double, or not on one device.

    >>> of = ModelLoss(nn.Linear(2, 1), nn.MSELoss())
    >>> of.at.shape, float(of.flat(torch.tensor([1.0, 2.0, 3.0]), (torch.ones(1, 2), torch.zeros(1, 1))))
    (torch.Size([3]), 36.0)
    """

    def __init__(self, model: nn.Module, loss: Loss) -> None:
        check_model(model, loss)
        self.model = plain(model)
        self._whole = _Whole(self.model, loss)
        self.trained = {name: p.detach() for name, p in self.model.named_parameters() if p.requires_grad}
        self.at = torch.cat([p.flatten() for p in self.trained.values()])
        # Once for each module: functional_call leaves one that is met twice with other parameters than it had.
        modules = [(f"model.{prefix}.".replace("..", "."), m) for prefix, m in self.model.named_modules()]
        names = {id(p): name for name, p in self.model.named_parameters() if p.requires_grad}
        found = [(at + name, p) for at, m in modules for name, p in m._parameters.items() if p is not None]
        self._homes = {home: names[id(p)] for home, p in found if id(p) in names}
        self._buffers = {at + name: b for at, m in modules for name, b in m._buffers.items() if b is not None}

    def __call__(self, trained: dict[str, Tensor], batch: Any) -> Tensor:
        now = {home: trained[name] for home, name in self._homes.items()}
        buffers = {home: b.clone() for home, b in self._buffers.items()}  # a pass may write into them
        try:
            found = functional_call(self._whole, {**now, **buffers}, (batch,), tie_weights=False)
        except TypeError as error:
            pair = "loss(model(inputs), targets)" if is_pair(batch) else "loss(model, batch)"
            raise ValueError(f"expected a model and a loss for {pair}, got {error}: {FORMS}") from error
        if not isinstance(found, Tensor) or found.numel() != 1 or not bool(torch.isfinite(found)):
            what = f"numbers of shape {tuple(found.shape)}" if isinstance(found, Tensor) and found.ndim else found
            raise ValueError(f"expected a loss that is one finite number, got {what}: average it over the batch")
        if not found.requires_grad and any(p.requires_grad for p in trained.values()):
            raise ValueError(
                "expected a loss that depends on the parameters, got none: no detach(), item() or no_grad()"
            )
        return found.reshape(())

    def split(self, flat: Tensor) -> dict[str, Tensor]:
        """A flat vector in the order of ``model.parameters()``, by names and shapes."""
        parts = torch.split(flat, [p.numel() for p in self.trained.values()])
        return {name: part.view(p.shape) for (name, p), part in zip(self.trained.items(), parts, strict=True)}

    def flat(self, at: Tensor, batch: Any) -> Tensor:
        """Loss at a flat vector of parameters, with second derivatives, which fused attention has not."""
        with sdpa_kernel(SDPBackend.MATH):
            return self(self.split(at), batch)

    def gradient(self, batch: Any, where: Tensor | None = None) -> Tensor:
        """Of the loss of a batch, flat, at a flat vector of parameters or those of the moment."""
        place = self.split(self.at if where is None else where)
        at = {name: p.detach().requires_grad_(True) for name, p in place.items()}
        found = torch.autograd.grad(self(at, batch), list(at.values()), allow_unused=True, materialize_grads=True)
        return torch.cat([(g.to_dense() if g.is_sparse else g).flatten() for g in found])

    def check_not_random(self, batch: Any) -> None:
        """Refuse a model that gives another loss at each call."""
        first, second = self(self.trained, batch), self(self.trained, batch)
        if not torch.allclose(first, second, rtol=100 * torch.finfo(first.dtype).eps):
            raise ValueError(f"expected the same loss twice, got {float(first)}, {float(second)}: call model.eval()")

    def mean_gradient(self, n: int, batch: Any, where: Tensor | None = None) -> Tensor:
        """The same, refused when it is not the mean of the gradients on the batch's first third and its rest."""
        normed = (m for m in self.model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm))
        if any(m.training for m in normed):
            raise ValueError("expected no batch normalisation in training mode, samples depend else: call model.eval()")
        whole = self.gradient(batch, where)
        if n < 2:
            return whole
        k = max(1, n // 3)
        first, rest = self.gradient(rows(batch, 0, k), where), self.gradient(rows(batch, k, n), where)
        check_same(whole, (k * first + (n - k) * rest) / n, max(first.norm(), rest.norm()))
        return whole


def check_same(of_batch: Tensor, of_samples: Tensor, size: Tensor | float) -> None:
    """Refuse a batch's gradient that is not the mean of its samples' gradients, to rounding of numbers of a size."""
    apart = float((of_batch - of_samples).norm())
    if apart > 3 * torch.finfo(of_batch.dtype).eps ** 0.5 * float(size):
        raise ValueError(
            f"expected a batch's gradient to be the mean of its samples' gradients, got {float(of_batch.norm()):.4g} "
            f"and {float(of_samples.norm()):.4g} in length, {apart:.2g} apart: {MEAN}"
        )


class _Whole(nn.Module):
    """Model and loss in one, so that the model's parameters can be exchanged wherever the loss calls it."""

    def __init__(self, model: nn.Module, loss: Loss) -> None:
        super().__init__()
        self.model, self._loss = model, (loss,)  # in a tuple: a loss that is a module keeps its own parameters

    def forward(self, batch: Any) -> Tensor:
        (loss,) = self._loss
        if not is_pair(batch):
            return loss(self.model, batch)
        inputs, targets = batch
        if isinstance(inputs, Mapping):
            return loss(self.model(**inputs), targets)
        return loss(self.model(*inputs) if isinstance(inputs, (tuple, list)) else self.model(inputs), targets)


def is_pair(batch: Any) -> bool:
    """Whether a batch has two parts, inputs and targets."""
    return isinstance(batch, (tuple, list)) and len(batch) == 2


def plain(model: nn.Module) -> nn.Module:
    """The model itself when ``torch.compile`` has wrapped it: compiled code has no second derivatives."""
    inner = getattr(model, "_orig_mod", model)
    assert isinstance(inner, nn.Module)
    return inner


def check_model(model: nn.Module, loss: Loss) -> None:
    """Refuse what is no model or no loss, and parameters that tell nothing."""
    if not isinstance(model, nn.Module) or not callable(loss):
        got = f"{type(model).__name__} and {type(loss).__name__}"
        raise ValueError(
            f"expected a torch.nn.Module and a loss function, got {got}: give model, loss, data in this order"
        )
    trained = [p for p in model.parameters() if p.requires_grad]
    if not trained:
        raise ValueError("expected trainable parameters, got none: set requires_grad")
    kinds = {(str(p.dtype), str(p.device)) for p in trained}
    if len(kinds) > 1 or trained[0].dtype not in (torch.float32, torch.float64):
        got = ", ".join(sorted(" on ".join(kind) for kind in kinds))
        raise ValueError(f"expected parameters in single or double precision on one device, got {got}: model.float()")
    if not all(bool(torch.isfinite(p).all()) for p in trained):
        raise ValueError("expected finite parameters, got some that are not: the training run has diverged")
