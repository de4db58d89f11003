"""A stack of Linear layers with elementwise activations between them, its passes forward and back written out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from trainphys.tools.models.batches import Data
from trainphys.tools.models.model_loss import Loss, as_written, is_pair
from trainphys.tools.stacks.sample_losses import AnyLoss, SampleLoss, sample_loss

ELEMENTWISE = (nn.Tanh, nn.ReLU, nn.Sigmoid, nn.Identity, nn.GELU, nn.SiLU, nn.Softplus, nn.ELU, nn.LeakyReLU)


@dataclass(frozen=True, slots=True)
class LinearStack:
    """Weights (out, in), biases (out) or None, and the activation after each layer but the last."""

    weights: tuple[Tensor, ...]
    biases: tuple[Tensor | None, ...]
    activations: tuple[nn.Module, ...]
    flattens: bool = False  # a Flatten comes first

    @property
    def parameters(self) -> int:
        return sum(p.numel() for p in (*self.weights, *self.biases) if p is not None)

    def accepts(self, inputs: Tensor) -> bool:
        """Whether a row of the inputs is one sample: with more axes a Linear layer maps each of many places.

        What the model itself refuses is left to it, which says why.
        """
        one_row = inputs.ndim == 2 or (self.flattens and inputs.ndim > 2)
        dense = inputs.layout is torch.strided
        fits = one_row and dense and inputs[0].numel() == self.weights[0].shape[1]
        return fits and inputs.dtype == self.weights[0].dtype

    def split(self, flat: Tensor) -> list[tuple[Tensor, Tensor | None]]:
        """A flat vector in the order of ``Module.parameters()``, as weight and bias of each layer."""
        parts, at = [], 0
        for w, b in zip(self.weights, self.biases, strict=True):
            weight = flat[at : at + w.numel()].view(w.shape)
            at += w.numel()
            bias = None if b is None else flat[at : at + len(b)]
            at += 0 if b is None else len(b)
            parts.append((weight, bias))
        return parts

    def forward(self, inputs: Tensor, *, second: bool) -> Forward:
        """Outputs, with the input of each layer and the derivatives of each activation on the way."""
        below, slopes, bends = [inputs.detach().flatten(1)], [], []
        for w, b, activation in zip(self.weights, self.biases, self.activations, strict=False):
            value, slope, bend = derivatives(activation, nn.functional.linear(below[-1], w, b), second=second)
            below.append(value)
            slopes.append(slope)
            bends.append(bend)
        return Forward(below, slopes, bends, nn.functional.linear(below[-1], self.weights[-1], self.biases[-1]))

    def backward(self, at: Forward, output_slope: Tensor) -> list[Tensor]:
        """Slopes of each sample's loss in what each layer gives out: (samples, out) each."""
        layers = [output_slope]
        for w, slope in zip(reversed(self.weights), reversed(at.slopes), strict=False):
            layers.insert(0, (layers[0] @ w).mul_(slope))
        return layers

    def bent_slopes(self, at: Forward, layers: list[Tensor]) -> list[Tensor]:
        r"""$f''\odot\partial L/\partial a$ for each activation: what its bend adds to second derivatives."""
        below = zip(layers[1:], self.weights[1:], at.bends, strict=True)
        return [(slope @ w).mul_(bend) for slope, w, bend in below if bend is not None]


@dataclass(frozen=True, slots=True)
class Forward:
    """Input of each layer, first and second derivative of each activation (None where not asked for), outputs."""

    below: list[Tensor]
    slopes: list[Tensor]
    bends: list[Tensor | None]
    outputs: Tensor


@dataclass(frozen=True, slots=True)
class StackLoss:
    """A stack, its pass over some samples, and their losses at its outputs."""

    stack: LinearStack
    at: Forward
    losses: SampleLoss


def stack_loss(model: nn.Module, loss: Loss, data: Data, *, second: bool) -> StackLoss | None:
    """Model and mean loss as a stack with a loss for each sample, or None when they are something else.

    The loss has to be the mean over the samples. With ``second``, second derivatives will be asked for.

    >>> data = torch.ones(4, 3), torch.zeros(4, 1)
    >>> stack_loss(nn.Linear(3, 1), nn.MSELoss(), data, second=True) is None
    False
    >>> stack_loss(nn.Linear(3, 1), nn.MSELoss(reduction="sum"), data, second=True) is None
    True
    """
    stack = linear_stack(model)
    if not (is_pair(data) and all(isinstance(part, Tensor) for part in data)):
        return None
    if stack is None or not stack.accepts(data[0]):
        return None
    with torch.no_grad():
        at = stack.forward(data[0], second=second)
        losses = sample_loss(loss, at.outputs, data[1])
        if isinstance(losses, AnyLoss) and not losses.is_known(second=second):
            return None
    return StackLoss(stack, at, losses)


def linear_stack(model: nn.Module) -> LinearStack | None:
    """The model as a stack of Linear layers, or None when it is something else.

    It is one when it is a Linear layer, or a Sequential of Linear layers, with at most one elementwise activation
    between two of them, nothing after the last, no weight shared, frozen or kept as a buffer, no other parameters, no
    hooks, and no forward exchanged in a module. A Flatten may come first, and Dropout in evaluation mode anywhere.

    >>> stack = linear_stack(nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1)))
    >>> stack.parameters, len(stack.activations)
    (11, 1)
    >>> linear_stack(nn.Sequential(nn.Conv1d(1, 1, 1))) is None
    True
    """
    layers: list[nn.Linear] = []
    activations: list[nn.Module] = []
    modules = [m for m in _flattened(model) if not (type(m) is nn.Dropout and not m.training and as_written(m))]
    flattens = bool(modules) and _makes_rows(modules[0])
    for module in modules[flattens:]:
        if type(module) is nn.Linear and as_written(module):
            if layers and len(activations) < len(layers):
                activations.append(nn.Identity())
            layers.append(module)
        elif type(module) in ELEMENTWISE and as_written(module) and len(activations) == len(layers) - 1:
            activations.append(module)
        else:
            return None
    parameters = [p for layer in layers for p in (layer.weight, layer.bias) if p is not None]
    whole = list(map(id, parameters)) == list(map(id, model.parameters()))  # each once, and no others
    if not layers or len(activations) >= len(layers) or not (whole and all(p.requires_grad for p in parameters)):
        return None
    biases = tuple(None if layer.bias is None else layer.bias.detach() for layer in layers)
    return LinearStack(tuple(layer.weight.detach() for layer in layers), biases, tuple(activations), flattens)


def derivatives(activation: nn.Module, at: Tensor, *, second: bool) -> tuple[Tensor, Tensor, Tensor | None]:
    """Value, first and (if asked for) second derivative of an elementwise activation; ``at`` may be overwritten.

    >>> [float(d) for d in derivatives(nn.Softplus(), torch.zeros((), dtype=torch.float64), second=True)[1:]]
    [0.5, 0.25]
    """
    if type(activation) is nn.Tanh:
        value = at.tanh_()
        slope = torch.addcmul(value.new_ones(()), value, value, value=-1)
        return value, slope, (-2 * value).mul_(slope) if second else None
    if type(activation) is nn.ReLU:
        value = at.relu_()
        return value, (value > 0).to(value.dtype), torch.zeros_like(value) if second else None
    with torch.enable_grad():
        place = at.detach().clone().requires_grad_(True)
        value = activation(place.clone())  # an activation may work in place
        (slope,) = torch.autograd.grad(value, place, torch.ones_like(value), create_graph=second)
        bend = torch.zeros_like(at)
        if second and slope.requires_grad:  # not where it is constant, as for Identity
            (bend,) = torch.autograd.grad(slope.sum(), place)
    return value.detach(), slope.detach(), bend if second else None


def _flattened(module: nn.Module) -> Iterable[nn.Module]:
    if type(module) is nn.Sequential and as_written(module):
        for child in module:
            yield from _flattened(child)
    else:
        yield module


def _makes_rows(module: nn.Module) -> bool:
    return type(module) is nn.Flatten and (module.start_dim, module.end_dim) == (1, -1) and as_written(module)
