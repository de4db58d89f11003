"""Lengths of single samples' gradients layer by layer, from what goes into a layer and the slope of what comes out."""

import functools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vjp, vmap
from torch.nn import functional

from trainphys.tools.models.model_loss import ModelLoss

# Layers that are linear in their parameters and treat each sample alone (normalised batches: in evaluation mode).
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
STATISTICS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
BY_CHANNEL, BY_PLACE = (nn.GroupNorm, *STATISTICS), (nn.LayerNorm, nn.RMSNorm)
LAYERS = (nn.Linear, *CONVOLUTIONS, nn.Embedding, *BY_CHANNEL, *BY_PLACE)
MOST_NUMBERS = 2**23  # of gradients that are written out at once


@dataclass(frozen=True, slots=True)
class LayerPass:
    """A layer, the names and shapes of its trained parameters, its inputs and the slopes of each sample's loss."""

    layer: nn.Module
    names: dict[str, str]  # of a parameter in the layer: in the model
    inputs: Tensor
    slopes: Tensor

    def along(self, vector: dict[str, Tensor]) -> Tensor:
        r"""Products $g_n\cdot v$ of the samples' gradients with a vector: what the layer makes of its inputs with
        parameters v, times the slopes.
        """
        zeros = {name: torch.zeros_like(p) for name, p in self.layer.named_parameters()}
        given = {name: vector[whole] for name, whole in self.names.items()}
        found: Tensor = functional_call(self.layer, {**zeros, **given}, (self.inputs,))
        return (found * self.slopes).flatten(1).sum(dim=1)

    def squares(self) -> Tensor:
        r"""Squared lengths $\lvert g_n\rvert^2$ of the samples' gradients.

        A weight's gradient is a sum of outer products over places, $\sum_t\delta_ta_t^{\mathsf T}$, of squared length
        $\sum_{ts}(a_t\cdot a_s)(\delta_t\cdot\delta_s)$: the cheaper of the two is made.

        Source: Goodfellow (2015); Li et al. (2022), "Large language models can be strong differentially private
        learners".
        """
        if isinstance(self.layer, nn.Embedding):
            ids = self.inputs.flatten(1) if self.inputs.ndim > 1 else self.inputs[:, None]
            slopes = self.slopes.reshape(*ids.shape, -1)
            return ((ids[:, :, None] == ids[:, None, :]) * (slopes @ slopes.mT)).sum(dim=(1, 2))
        if isinstance(self.layer, (*BY_CHANNEL, *BY_PLACE)):
            return torch.cat(self._of_norm(), dim=1).square().sum(dim=1)
        places = self._places()
        if places is None:
            return torch.cat([torch.cat(g, dim=1).square().sum(dim=1) for g in self._gradients()])
        found, (a, slopes) = self.slopes.new_zeros(len(self.slopes)), places
        if "bias" in self.names:
            found += slopes.sum(dim=1).square().sum(dim=1)
        if "weight" in self.names:
            found += _outer_squares(a, slopes)
        return found

    def _of_norm(self) -> list[Tensor]:
        """Gradients of a normalisation's scale and shift: slopes, times its plain output for the scale, summed up."""
        bare = {name: torch.full_like(p, float(name == "weight")) for name, p in self.layer.named_parameters()}
        unit, n = functional_call(self.layer, bare, (self.inputs,)), len(self.slopes)
        found = []
        for name in self.names:
            g, numbers = self.slopes * unit if name == "weight" else self.slopes, bare[name].numel()
            by_channel = isinstance(self.layer, BY_CHANNEL)
            found.append(g.reshape(n, numbers, -1).sum(2) if by_channel else g.reshape(n, -1, numbers).sum(1))
        return found

    def _places(self) -> tuple[Tensor, Tensor] | None:
        """Inputs and slopes as (samples, places, numbers), where the weight is a matrix that meets every place."""
        layer, n = self.layer, len(self.slopes)
        if isinstance(layer, nn.Linear):
            return self.inputs.reshape(n, -1, layer.in_features), self.slopes.reshape(n, -1, layer.out_features)
        if not isinstance(layer, nn.Conv2d) or layer.groups != 1 or layer.padding_mode != "zeros":
            return None
        if isinstance(layer.padding, str):
            return None
        a = functional.unfold(self.inputs, layer.kernel_size, layer.dilation, layer.padding, layer.stride)
        return a.mT, self.slopes.flatten(2).mT

    def _gradients(self) -> Iterator[list[Tensor]]:
        """Written out, some samples at a time."""
        trained = {name: p.detach() for name, p in self.layer.named_parameters() if name in self.names}

        def of_one(a: Tensor, slope: Tensor) -> Any:
            pull = vjp(lambda p: functional_call(self.layer, p, (a[None],)), trained)[1]
            return pull(slope[None])[0]

        most = max(1, MOST_NUMBERS // sum(p.numel() for p in trained.values()))
        for a, slopes in zip(torch.split(self.inputs, most), torch.split(self.slopes, most), strict=True):
            yield [g.flatten(1) for g in vmap(of_one)(a, slopes).values()]


def _outer_squares(a: Tensor, slopes: Tensor) -> Tensor:
    places, numbers = a.shape[1], a.shape[2] * slopes.shape[2]
    if places**2 <= numbers:
        return ((a @ a.mT) * (slopes @ slopes.mT)).sum(dim=(1, 2))
    most = max(1, MOST_NUMBERS // numbers)
    pairs = zip(torch.split(a, most), torch.split(slopes, most), strict=True)
    return torch.cat([(d.mT @ part).flatten(1).square().sum(dim=1) for part, d in pairs])


def layer_passes(of: ModelLoss, n: int, batch: Any) -> list[LayerPass] | None:
    """A batch's pass through all trained layers, its loss taken for a mean; None when one is not among ``LAYERS``.

    That each layer is met once, with as many rows as samples, is looked at here. That the rows are the samples, that no
    parameter is used outside its layer and that the loss is a mean is for the caller to compare with single samples.
    """
    layers = _trained_layers(of.model)
    if layers is None:
        return None
    met: list[tuple[nn.Module, Tensor, Tensor]] = []

    def record(layer: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> Tensor:
        met.append((layer, inputs[0].detach(), output) if inputs else (layer, output, output))
        return output.clone()  # what comes next may work in place

    with ExitStack() as hooks, torch.enable_grad():
        for layer in layers:
            hooks.callback(layer.register_forward_hook(record).remove)
        loss = of({name: p.detach().requires_grad_(True) for name, p in of.trained.items()}, batch)
        once = len(met) == len(layers) == len({id(layer) for layer, _, _ in met})
        if not once or any(len(part) != n or part.ndim < 2 - (type(m) is nn.Embedding) for m, part, _ in met):
            return None
        slopes = torch.autograd.grad(loss, [output for *_, output in met], allow_unused=True, materialize_grads=True)
    return [LayerPass(m, layers[m], a, n * _counted(m, a, slope)) for (m, a, _), slope in zip(met, slopes, strict=True)]


@torch.no_grad()
def squares_and_products(passes: list[LayerPass], vector: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Of each sample's gradient: its squared length, and its product with a vector over the parameters."""
    add = functools.partial(functools.reduce, torch.add)
    return add([p.squares().double() for p in passes]), add([p.along(vector).double() for p in passes])


def _trained_layers(model: nn.Module) -> dict[nn.Module, dict[str, str]] | None:
    """Layers that hold all trained parameters, each one's names in layer and model, or None when others hold some."""
    found: dict[nn.Module, dict[str, str]] = {}
    names = {id(p): name for name, p in model.named_parameters() if p.requires_grad}
    seen: set[int] = set()
    for layer in model.modules():
        own = {name: p for name, p in layer.named_parameters(recurse=False) if p.requires_grad}
        if not own:
            continue
        if type(layer) not in LAYERS or _odd(layer) or any(id(p) in seen for p in own.values()):
            return None
        seen |= {id(p) for p in own.values()}
        found[layer] = {name: names[id(p)] for name, p in own.items()}
    return found if len(seen) == len(names) else None


def _counted(layer: nn.Module, inputs: Tensor, slopes: Tensor) -> Tensor:
    """Slopes without those of the token that an embedding pads with, which is not trained."""
    if not isinstance(layer, nn.Embedding) or layer.padding_idx is None:
        return slopes
    return slopes * (inputs != layer.padding_idx)[..., None]


def _odd(layer: nn.Module) -> bool:
    if isinstance(layer, nn.Embedding):
        return bool(layer.sparse or layer.scale_grad_by_freq or layer.max_norm is not None)
    return isinstance(layer, STATISTICS) and (layer.training or layer.running_mean is None)
