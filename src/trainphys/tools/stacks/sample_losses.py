"""What a loss does at a network's outputs, sample by sample: its slope and its curvature there."""

import functools
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.func import grad, grad_and_value, jacrev, vmap
from torch.nn import functional

from trainphys.tools.models.graph import has_own_function
from trainphys.tools.models.model_loss import Loss, as_written
from trainphys.tools.models.precision import Lowered


class SampleLoss(Protocol):
    """Loss of single samples as a function of their outputs z, all of shape (samples, outputs)."""

    def slope(self) -> Tensor:
        """Derivative of each sample's loss in its outputs."""
        ...

    def bent(self, direction: Tensor) -> Tensor:
        """Second derivatives times ``direction``, of shape (samples, outputs) or (samples, outputs, vectors)."""
        ...


@dataclass(frozen=True, slots=True)
class CrossEntropy:
    r"""$-\ln p_y$ with $p=\mathrm{softmax}(z)$: slope $p-e_y$, curvature $\operatorname{diag}p-pp^{\mathsf T}$."""

    probabilities: Tensor
    labels: Tensor

    def slope(self) -> Tensor:
        found = self.probabilities.clone()
        found[torch.arange(len(found)), self.labels] -= 1
        return found

    def bent(self, direction: Tensor) -> Tensor:
        p = self.probabilities
        if direction.ndim == 3:
            weighted = p[..., None] * direction
            return weighted - p[..., None] * weighted.sum(dim=1, keepdim=True)
        weighted = p * direction  # a product with ones sums short rows faster than a sum does
        return weighted.addcmul_(p, weighted @ p.new_ones(p.shape[1], p.shape[1]), value=-1)


@dataclass(frozen=True, slots=True)
class SquaredError:
    r"""$\lvert z-t\rvert^2/C$, C outputs: slope $2(z-t)/C$, curvature $2/C$."""

    difference: Tensor

    def slope(self) -> Tensor:
        return self.difference * (2 / self.difference.shape[1])

    def bent(self, direction: Tensor) -> Tensor:
        return direction * (2 / self.difference.shape[1])


class AnyLoss:
    """A loss that torch differentiates sample by sample; the second derivatives are kept."""

    def __init__(self, loss: Loss, outputs: Tensor, targets: Tensor) -> None:
        self.loss, self.outputs, self.targets = loss, outputs, targets

    def slope(self) -> Tensor:
        found: Tensor = vmap(grad(self._of_one))(self.outputs, self.targets)
        return found

    def bent(self, direction: Tensor) -> Tensor:
        columns = direction if direction.ndim == 3 else direction[..., None]
        return torch.bmm(self._curvature, columns).reshape(direction.shape)

    def is_known(self, *, second: bool) -> bool:
        """Whether this is all of the loss: a mean of the outputs alone, with the second derivatives if asked."""
        if self._has_more() or not self.is_mean():
            return False
        with torch.enable_grad(), Lowered() as seen:
            found = self.loss(self.outputs.detach().requires_grad_(True), self.targets)
        if seen.kind is not None or (second and (seen.holds or has_own_function(found.grad_fn))):
            return False
        try:
            return not second or self._curvature is not None
        except RuntimeError:  # torch has none of this loss
            return False

    def _has_more(self) -> bool:
        """Whether it depends on more than outputs and targets, or writes into these; it is asked on copies."""
        outputs, targets = self.outputs.clone(), self.targets.clone()
        try:
            with torch.enable_grad():  # a penalty on the model's weights, say, is trained as well
                more = self.loss(outputs, targets).requires_grad
        except Exception:  # the plain way says why
            return True
        return bool(more or outputs._version or targets._version)

    def is_mean(self) -> bool:
        """Whether the loss of the batch is the mean of its samples' losses, in value and slope to rounding.

        It is asked beside the outputs, where no symmetry of theirs, such as a head that starts at zero, hides it.
        """
        beside = torch.arange(self.outputs.numel(), device=self.outputs.device).cos().view_as(self.outputs)
        at = self.outputs + 0.1 * beside.to(self.outputs)
        try:
            slope, value = grad_and_value(self.loss)(at, self.targets)
            slopes, values = vmap(grad_and_value(self._of_one))(at, self.targets)
        except (
            Exception
        ):  # where torch.func cannot go through a loss, whatever that then raises, the plain way is taken
            return False
        same = torch.isclose(value, values.mean(), rtol=1e-4)
        return bool(same & ((len(at) * slope - slopes).norm() <= 1e-4 * slopes.norm()))

    @functools.cached_property
    def _curvature(self) -> Tensor:
        found: Tensor = vmap(jacrev(grad(self._of_one)))(self.outputs, self.targets)
        return found

    def _of_one(self, outputs: Tensor, target: Tensor) -> Tensor:
        return self.loss(outputs[None], target[None])


def sample_loss(loss: Loss, outputs: Tensor, targets: Tensor) -> SampleLoss:
    """The loss at detached outputs (samples, outputs): written out for cross-entropy and squared error, by torch else.

    >>> z = torch.zeros(1, 2, dtype=torch.float64)
    >>> sample_loss(functional.cross_entropy, z, torch.tensor([1])).slope().tolist()
    [[0.5, -0.5]]
    """
    if _is_plain_cross_entropy(loss, targets, outputs.shape[1]):
        # few classes are normalised some twenty times faster when they are not innermost
        return CrossEntropy(torch.softmax(outputs.T.contiguous(), dim=0).T.contiguous(), targets)
    plain_square = type(loss) is nn.MSELoss and loss.reduction == "mean" and as_written(loss)
    alike = targets.shape == outputs.shape and targets.dtype == outputs.dtype
    if (plain_square or loss is functional.mse_loss) and alike:
        return SquaredError(outputs - targets)
    return AnyLoss(loss, outputs, targets)


def _is_plain_cross_entropy(loss: Loss, targets: Tensor, classes: int) -> bool:
    """Of labels alone, every class and every sample counting alike."""
    plain, ignored = loss is functional.cross_entropy, -100
    if type(loss) is nn.CrossEntropyLoss and as_written(loss):
        plain = loss.weight is None and loss.label_smoothing == 0 and loss.reduction == "mean"
        ignored = loss.ignore_index
    if not plain or targets.ndim != 1 or targets.dtype != torch.int64:
        return False
    return bool(((targets >= 0) & (targets < classes) & (targets != ignored)).all())
