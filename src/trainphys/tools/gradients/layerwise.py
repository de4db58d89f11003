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
LONG = 64  # rows of tokens, above which their pairs take longer than their sums
MOST_NUMBERS = 2**19  # of gradients, or inputs place by place, that are written out at once


@dataclass(frozen=True, slots=True)
class LayerPass:
    """A layer, the names of its trained parameters, its inputs and the slopes of the loss in what it gives out."""

    layer: nn.Module
    names: dict[str, str]  # of a parameter in the layer: in the model
    inputs: Tensor
    slopes: Tensor

    def measured(self, vector: dict[str, Tensor]) -> Tensor:
        r"""Squared lengths $\lvert g_n\rvert^2$ of the samples' gradients, and products $g_n\cdot v$ with a vector over
        the model's parameters, shape (2, samples).

        A weight's gradient is a sum of outer products over places, $\sum_t\delta_ta_t^{\mathsf T}$, of squared length
        $\sum_{ts}(a_t\cdot a_s)(\delta_t\cdot\delta_s)$: the cheaper of the two is made.

        Source: Goodfellow (2015); Li et al. (2022), "Large language models can be strong differentially private
        learners".
        """
        v = {name: vector[whole] for name, whole in self.names.items()}
        if isinstance(self.layer, nn.Embedding):
            ids = self.inputs.flatten(1) if self.inputs.ndim > 1 else self.inputs[:, None]
            slopes, (vectors,) = self.slopes.reshape(*ids.shape, -1), v.values()
            squares = _of_pairs(ids, slopes) if ids.shape[1] <= LONG else _of_tokens(ids, slopes, len(vectors))
            return torch.stack([squares, torch.linalg.vecdot(vectors[ids].flatten(1), slopes.flatten(1))])
        if not isinstance(self.layer, (nn.Linear, nn.Conv1d, nn.Conv2d)):
            normalises = isinstance(self.layer, (*BY_CHANNEL, *BY_PLACE))
            flat = torch.cat([v[name].flatten() for name in v])
            parts = (torch.cat(g, dim=1) for g in ([self._of_norm()] if normalises else self._gradients()))
            return torch.cat([_both(g, flat) for g in parts], dim=1)
        numbers = self.layer.weight[0].numel() * max(1, self.slopes[0].numel() // len(self.layer.weight))
        most = max(1, MOST_NUMBERS // numbers)  # of samples whose inputs are laid out place by place
        pairs = zip(torch.split(self.inputs, most), torch.split(self.slopes, most), strict=True)
        return torch.cat([self._of_matrix(*pair, v) for pair in pairs], dim=1)

    def _of_matrix(self, inputs: Tensor, slopes: Tensor, v: dict[str, Tensor]) -> Tensor:
        """Both where the weight is a matrix, or one for each group, that meets every place."""
        groups = getattr(self.layer, "groups", 1)
        d = (
            slopes.reshape(len(slopes), groups, -1, slopes[0, 0].numel()).mT
            if groups_first(self.layer)
            else _by_place(slopes)
        )
        found = slopes.new_zeros(2, len(slopes))
        if "bias" in v:
            found += _both(d.sum(dim=-2).flatten(1), v["bias"])
        if "weight" in v:
            a = self._patches(inputs, groups) if groups_first(self.layer) else _by_place(inputs)
            found += _of_outer_products(a, d, v["weight"].reshape(groups, d.shape[-1], -1))
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

    def _patches(self, inputs: Tensor, groups: int) -> Tensor:
        """What a convolution's weight meets at each place, (samples, groups, places, numbers)."""
        layer = self.layer
        assert isinstance(layer, (nn.Conv1d, nn.Conv2d))
        mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
        padded = functional.pad(inputs, layer._reversed_padding_repeated_twice, mode)
        sizes: list[Any] = [layer.kernel_size, layer.dilation, (0, 0), layer.stride]
        if isinstance(layer, nn.Conv1d):
            padded, sizes = padded[:, :, None], [(1, *sizes[0]), (1, *sizes[1]), (0, 0), (1, *sizes[3])]
        found = functional.unfold(padded, *sizes)
        return found.view(len(inputs), groups, -1, found.shape[2]).mT

    def _gradients(self) -> Iterator[list[Tensor]]:
        """Written out, some samples at a time."""
        trained = {name: p.detach() for name, p in self.layer.named_parameters() if name in self.names}

        def of_one(a: Tensor, slope: Tensor) -> Any:
            pull = vjp(lambda p: functional_call(self.layer, p, (a[None],)), trained)[1]
            return pull(slope[None])[0]

        most = max(1, MOST_NUMBERS // sum(p.numel() for p in trained.values()))
        for a, slopes in zip(torch.split(self.inputs, most), torch.split(self.slopes, most), strict=True):
            yield [g.flatten(1) for g in vmap(of_one)(a, slopes).values()]


def _of_pairs(ids: Tensor, slopes: Tensor) -> Tensor:
    """Squared lengths of an embedding's gradients: each pair of places with the same token counts."""
    return ((ids[:, :, None] == ids[:, None, :]) * (slopes @ slopes.mT)).sum(dim=(1, 2))


def _of_tokens(ids: Tensor, slopes: Tensor, tokens: int) -> Tensor:
    """The same where the pairs are many: slopes are summed up over the places of each token that a sample has."""
    keys = ids + tokens * torch.arange(len(ids), device=ids.device)[:, None]
    met, place = torch.unique(keys, return_inverse=True)
    rows = slopes.new_zeros(len(met), slopes.shape[-1]).index_add_(0, place.flatten(), slopes.flatten(0, 1))
    return slopes.new_zeros(len(ids)).index_add_(0, met // tokens, torch.linalg.vecdot(rows, rows))


def groups_first(layer: nn.Module) -> bool:
    """Whether channels come before places."""
    return not isinstance(layer, nn.Linear)


def _by_place(rows: Tensor) -> Tensor:
    """As (samples, 1, places, numbers), the numbers being last."""
    return rows.reshape(len(rows), 1, -1, rows.shape[-1])


def _both(gradients: Tensor, v: Tensor) -> Tensor:
    """Squared lengths of rows, and their products with a vector."""
    return torch.stack([torch.linalg.vector_norm(gradients, dim=1).square_(), gradients @ v])


def _of_outer_products(a: Tensor, d: Tensor, v: Tensor) -> Tensor:
    """Both for sums over places of outer products of inputs a and slopes d, each (samples, groups, places, numbers)."""
    places, numbers = a.shape[2], a.shape[3] * d.shape[3]
    if places * (a.shape[3] + d.shape[3]) > numbers:
        most = max(1, MOST_NUMBERS // (numbers * a.shape[1]))
        pairs = zip(torch.split(a, most), torch.split(d, most), strict=True)
        return torch.cat([_both((dd.mT @ aa).flatten(1), v.flatten()) for aa, dd in pairs], dim=1)
    along = torch.linalg.vecdot(torch.einsum("ngpa,gda->ngpd", a, v).flatten(1), d.flatten(1))
    if places == 1:
        squares = (torch.linalg.vecdot(a, a) * torch.linalg.vecdot(d, d)).sum(dim=(1, 2))
    else:
        squares = ((a @ a.mT) * (d @ d.mT)).sum(dim=(1, 2, 3))
    return torch.stack([squares, along])


@dataclass(frozen=True, slots=True)
class ModelPass:
    """A batch's pass through all trained layers, the gradient of its loss, flat, and what the model gave out."""

    samples: int
    layers: list[LayerPass]
    gradient: Tensor
    outputs: Any

    @torch.no_grad()
    def measured(self, vector: dict[str, Tensor]) -> Tensor:
        r"""Squared lengths $\lvert g_n\rvert^2$ of the samples' gradients and products $g_n\cdot v$ with a vector over
        the parameters, shape (2, samples), in double precision.
        """
        found = torch.stack([p.measured(vector).double() for p in self.layers]).sum(dim=0)
        return found * found.new_tensor([[self.samples**2], [self.samples]])


def model_pass(of: ModelLoss, n: int, batch: Any) -> ModelPass | None:
    """A batch's pass through all trained layers, its loss taken for a mean; None when one is not among ``LAYERS``.

    That each layer is met once, with as many rows as samples, is looked at here. That the rows are the samples, that no
    parameter is used outside its layer and that the loss is a mean is for the caller to compare with single samples.
    """
    layers = _trained_layers(of.model)
    if layers is None:
        return None
    met: list[tuple[nn.Module, Tensor, torch.Size]] = []
    slopes: dict[nn.Module, Tensor] = {}
    given: list[Any] = []

    def record(layer: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], output: Tensor) -> None:
        given_in = *inputs, *named.values()
        if len(given_in) == 1:  # with more, such as the size of what comes out, it is not the layer that is known
            met.append((layer, given_in[0].detach(), output.shape))
        if output.requires_grad:  # not so under no_grad inside
            output.register_hook(functools.partial(slopes.__setitem__, layer))  # type: ignore[no-untyped-call]  # also where the next works in place

    with ExitStack() as hooks, torch.enable_grad():
        for layer in layers:
            hooks.callback(layer.register_forward_hook(record, with_kwargs=True).remove)
        hooks.callback(of.model.register_forward_hook(lambda _m, _i, output: given.append(output)).remove)
        trained = {name: p.detach().requires_grad_(True) for name, p in of.trained.items()}
        loss = of(trained, batch)
        once = len(met) == len(layers) == len({id(layer) for layer, _, _ in met})
        if not (once and all(_rows_alike(layer, len(a), size, n) for layer, a, size in met)):
            return None
        gradient = of.slope(loss, trained, batch)
    passes = []
    for layer, a, size in met:
        slope = slopes.pop(layer) if layer in slopes else of.at.new_zeros(size)
        passes.append(LayerPass(layer, layers[layer], a, _counted(layer, a, slope)))
    return ModelPass(n, passes, gradient, given[0] if len(given) == 1 else None)


def _rows_alike(layer: nn.Module, rows: int, size: torch.Size, n: int) -> bool:
    return len(size) >= 2 - (type(layer) is nn.Embedding) and rows == size[0] == n


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
    if "forward" in vars(layer):  # exchanged by hand or by a library
        return True
    if isinstance(layer, nn.Embedding):
        return bool(layer.sparse or layer.scale_grad_by_freq or layer.max_norm is not None)
    return isinstance(layer, STATISTICS) and (layer.training or layer.running_mean is None)
