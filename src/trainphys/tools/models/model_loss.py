"""The loss of a module on a batch as a function of its trainable parameters."""

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel

from trainphys.tools.models.batches import Batches, mapped, rows
from trainphys.tools.models.graph import nodes
from trainphys.tools.models.precision import Precision, no_inference

# Mean loss of a batch: of outputs and targets for a pair of inputs and targets, of model and batch for any other form.
Loss = Callable[..., Tensor]

# How model and loss are called, and what to give where they cannot be called so.
PAIRS = (
    "loss(model(inputs), targets)",
    "for data in pairs give a loss of outputs and targets, several inputs as a tuple or a dictionary; for a loss of "
    "model and batch give the data as dictionaries",
)
OTHERS = (
    "loss(model, batch)",
    "for batches that are no pairs give a loss of model and batch; for a loss of outputs and targets give the data in "
    "pairs, (inputs, targets)",
)
WAVE = 1009  # numbers until the way beside some parameters comes again; a prime, so that no layer's width divides it
MEAN = (
    "give the mean over samples that count alike (no sum, no class weights, no targets left out: with reduction='none' "
    "weigh them yourself and take .mean(), here and in training), and call model.eval() where batches are normalised"
)

ALIKE = "no random augmentation, no sampler that draws anew in each pass, and drop_last=False"


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
        self.model, self.loss = plain(model), loss
        self._whole = _Whole(self.model, loss)
        self._precision = Precision()
        self._reached, self._writes = False, True  # into its batch, for all that is known
        trained = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        self._shapes = {name: p.shape for name, p in trained.items()}
        self.at = torch.cat([no_inference(p.detach()).flatten() for p in trained.values()])  # a copy of the model's own
        self.trained = self.split(self.at)
        # Once for each module: functional_call leaves one that is met twice with other parameters than it had.
        modules = [(f"model.{prefix}.".replace("..", "."), m) for prefix, m in self.model.named_modules()]
        names = {id(p): name for name, p in trained.items()}
        found = [(at + name, p) for at, m in modules for name, p in m._parameters.items() if p is not None]
        self._homes = {home: names[id(p)] for home, p in found if id(p) in names}
        self._buffers = {at + name: b for at, m in modules for name, b in m._buffers.items() if b is not None}
        self._empty = [(m, name) for _, m in modules for name, b in m._buffers.items() if b is None]

    def __call__(self, trained: dict[str, Tensor], batch: Any) -> Tensor:
        derived = any(p.requires_grad for p in trained.values())
        # Followed as in training also for a value alone: a model may ask for it, or go another way without.
        followed = trained if derived else {name: p.detach().requires_grad_(True) for name, p in trained.items()}
        with torch.enable_grad():
            found = self._precision(lambda: self._pass(followed, batch))
        if not isinstance(found, Tensor) or found.numel() != 1:
            what = found if isinstance(found, (int, float)) else type(found).__name__
            what = f"numbers of shape {tuple(found.shape)}" if isinstance(found, Tensor) else what
            raise ValueError(
                f"expected a loss that is one finite number, got {what}: average it over the batch, and return that "
                "alone"
            )
        if not bool(torch.isfinite(found)):
            raise ValueError(
                f"expected a loss that is one finite number, got {found.item()}: look at the data and the parameters"
            )
        if not found.requires_grad:
            raise ValueError(
                "expected a loss that depends on the parameters, got none: no detach(), item() or no_grad(), and "
                "checkpoints with use_reentrant=False"
            )
        if not self._reached:
            self._check_reached(found.grad_fn)
            self._reached = True
        return found.reshape(()) if derived else found.detach().reshape(())

    @property
    def holds(self) -> bool:
        """Whether something that depends on the parameters was held fixed in the first pass."""
        return self._precision.holds

    def _check_reached(self, node: Any) -> None:
        """Refuse parameters that enter the loss from elsewhere than their modules, where others cannot be put."""
        kept = {id(getattr(one, "variable", None)) for one in nodes(node)}
        if any(id(p) in kept for p in self.model.parameters() if p.requires_grad):
            raise ValueError(
                "expected parameters that model and loss take from the modules at each call, got some that were kept "
                "before, as in a list: write model.parameters(), or the module's attribute, where they are used"
            )

    def _pass(self, trained: dict[str, Tensor], batch: Any) -> Any:
        now = {home: trained[name] for home, name in self._homes.items()}
        buffers = {home: b.clone() for home, b in self._buffers.items()}  # a pass may write into them
        written = [p._version for p in trained.values()]
        if self._writes:
            batch = _copied(batch)
        with self.understood(batch):
            found = functional_call(self._whole, {**now, **buffers}, (batch,), tie_weights=False)
        if filled := [name for module, name in self._empty if module._buffers.get(name) is not None]:
            raise ValueError(
                f"expected buffers that have their values, got {' and '.join(filled)} empty until the model is called: "
                "call it once first, model(inputs), on what is to fill them"
            )
        if written != [p._version for p in trained.values()]:
            raise ValueError(
                "expected a model that leaves its parameters as they are, got one that writes into them when it is "
                "called: take that out for this measurement, such as an Embedding's max_norm"
            )
        if self._writes:  # into its batch, which is a copy until it is known that nothing is written there
            versions: list[int] = []
            mapped(batch, lambda x: None if x is None else versions.append(x._version))
            self._writes = any(versions)
        return found

    @contextmanager
    def understood(self, batch: Any) -> Iterator[None]:
        """Says what model, loss or a backward pass cannot do with a batch, and what may help."""
        try:
            yield
        except (torch.OutOfMemoryError, MemoryError):
            raise
        except TypeError as error:
            form, cure = PAIRS if is_pair(batch) else OTHERS
            raise ValueError(f"expected a model and a loss for {form}, got {error}: {cure}") from error
        except Exception as error:  # what users write may raise anything
            got = in_words(error)
            raise ValueError(f"expected a batch for this model and loss, got {got}: {self._cure(batch)}") from error

    def _cure(self, batch: Any) -> str:
        """What a batch may need that does not go through the model."""
        kinds: set[torch.dtype] = set()
        mapped(batch, lambda x: None if x is None else kinds.add(x.dtype))
        odd = sorted(str(kind) for kind in kinds if kind not in (self.at.dtype, torch.int64, torch.bool))
        if odd:
            return f"give inputs as {self.at.dtype}, labels as torch.int64, not {' and '.join(odd)}"
        return "try them on one batch and on some of its rows, and look at shapes, devices and labels"

    def split(self, flat: Tensor) -> dict[str, Tensor]:
        """A flat vector in the order of ``model.parameters()``, by names and shapes."""
        # unsafe: torch lets a model write into such parts, so that it is seen, and refused in words of our own
        parts = torch.unsafe_split_with_sizes(flat, [shape.numel() for shape in self._shapes.values()])
        found = {name: part.view(shape) for (name, shape), part in zip(self._shapes.items(), parts, strict=True)}
        # view_as_complex takes no pairs that begin at an odd place; a product and its slopes have memory of their own
        return {name: 1 * p if p.shape[-1:] == (2,) and p.storage_offset() % 2 else p for name, p in found.items()}

    def beside(self) -> Tensor:
        """Parameters near those of the moment, flat, where no symmetry of theirs hides a difference."""
        wave = torch.arange(WAVE, dtype=self.at.dtype, device=self.at.device).cos_()
        wave = wave.repeat(len(self.at) // WAVE + 1)[: len(self.at)]  # a cosine of each costs as much as a pass
        size = float(self.at.norm()) / len(self.at) ** 0.5
        return self.at + 0.1 * (size or 0.1) * wave

    def flat(self, at: Tensor, batch: Any) -> Tensor:
        """Loss at a flat vector of parameters, with second derivatives, which fused attention has not."""
        with sdpa_kernel(SDPBackend.MATH):
            return self(self.split(at), batch)

    def gradient(self, batch: Any, where: Tensor | None = None) -> Tensor:
        """Of the loss of a batch, flat, at a flat vector of parameters or those of the moment."""
        place = self.split(self.at if where is None else where)
        at = {name: p.detach().requires_grad_(True) for name, p in place.items()}
        return self.slope(self(at, batch), at, batch)

    def slope(self, loss: Tensor, at: dict[str, Tensor], batch: Any) -> Tensor:
        """Gradient of the loss of a batch that was computed at some parameters, flat."""
        with self.understood(batch):
            found = torch.autograd.grad(loss, list(at.values()), allow_unused=True, materialize_grads=True)
        return torch.cat([(g.to_dense() if g.is_sparse else g).flatten() for g in found])

    def check_not_random(self, batch: Any) -> None:
        """Refuse a model that gives another loss at each call.

        It is asked beside the parameters of the moment: behind a head that starts at zero nothing random shows.
        """
        try:
            place = self.split(self.beside())
            first, second = self(place, batch), self(place, batch)
        except ValueError:  # parameters at which there is no loss
            first, second = self(self.trained, batch), self(self.trained, batch)
        if not torch.allclose(first, second, rtol=100 * torch.finfo(first.dtype).eps):
            raise ValueError(
                f"expected the same loss twice, got {float(first)}, {float(second)}: call model.eval(), and take out "
                "what is random or counts its calls all the same"
            )

    def check_same_pass(self, batches: Batches, summed_loss: float) -> None:
        """Refuse data whose losses, summed over the samples in another pass, are not what they were."""
        again, samples = 0.0, 0
        for n, batch in batches:
            again += n * float(self(self.trained, batch))
            samples += n
        if not math.isclose(summed_loss, again, rel_tol=100 * torch.finfo(self.at.dtype).eps):
            raise ValueError(
                f"expected the same loss in each pass, got {summed_loss / samples:g} and {again / samples:g}: {ALIKE}"
            )

    def check_mean_over_batches(self, batches: Batches) -> None:
        """Refuse a loss that is no mean over samples where each batch alone would not show it.

        To be asked after a pass: of batches of one sample, or of one class where classes have weights.
        """
        if several := batches.several():
            self.mean_gradient(*several, self.beside())

    def check_apart(self) -> None:
        """Refuse a model that normalises over the samples of a batch."""
        layers = [m for m in self.model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
        if any(m.running_mean is None for m in layers):
            raise ValueError(
                "expected samples that do not depend on each other, got batch normalisation without running "
                "statistics, which model.eval() does not change: train with track_running_stats=True, or with "
                "GroupNorm instead"
            )
        if any(m.training for m in layers):
            raise ValueError(
                "expected no batch normalisation in training mode, got some, so that samples depend on each other: "
                "call model.eval()"
            )

    def mean_gradient(self, n: int, batch: Any, where: Tensor | None = None) -> Tensor:
        """The same, refused when it is not the mean of the gradients on the batch's first third and its rest."""
        self.check_apart()
        whole = self.gradient(batch, where)
        if n < 2:
            return whole
        k = max(1, n // 3)
        first, rest = self.gradient(rows(batch, 0, k), where), self.gradient(rows(batch, k, n), where)
        check_same(whole, (k * first + (n - k) * rest) / n, max(first.norm(), rest.norm()))
        return whole

    def check_mean(self, n: int, batch: Any, outputs: Any) -> None:
        """The same refusal, from the losses of what the model gave out where these can be asked alone."""
        apart = self._apart_beside(n, batch, outputs)
        if apart is None or apart > 1e-4:
            self.mean_gradient(n, batch)
        if apart is not None and apart > 1e-4:
            raise ValueError(
                "expected a batch's gradient to be the mean of its samples' gradients, got losses of the batch and its "
                f"samples {apart:.2g} apart: {MEAN}"
            )

    @torch.no_grad()
    def _apart_beside(self, n: int, batch: Any, outputs: Any) -> float | None:
        """How far the batch's loss is from the mean of those of its first third and the rest, relative to these.

        Beside the outputs: no symmetry of theirs, such as a head that starts at zero, hides a difference. None where it
        cannot be said.
        """
        if not (is_pair(batch) and isinstance(outputs, Tensor) and outputs.ndim and len(outputs) == n > 1):
            return None
        wave, k = torch.arange(outputs.numel(), dtype=outputs.dtype, device=outputs.device).cos_(), max(1, n // 3)
        at, (loss,) = wave.mul_(0.1).view_as(outputs).add_(outputs), self._whole._loss
        parts = [(at[i:j].clone(), _copied(rows(batch[1], i, j))) for i, j in ((0, n), (0, k), (k, n))]
        try:
            whole, first, rest = (float(loss(*part)) for part in parts)
        except (
            ValueError,
            RuntimeError,
            TypeError,
            IndexError,
        ):  # outputs that a loss refuses, such as no probabilities
            return None
        apart = abs(whole - (k * first + (n - k) * rest) / n) / max(abs(first), abs(rest), 1e-30)
        return apart if math.isfinite(apart) else None


def _copied(batch: Any) -> Any:
    return mapped(batch, lambda x: None if x is None else x.clone())


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


def in_words(error: Exception) -> str:
    """What an error says, with its name where that is part of it.

    >>> in_words(ValueError("no batch")), in_words(KeyError("labels"))
    ('no batch', "KeyError 'labels'")
    """
    alone = isinstance(error, (RuntimeError, ValueError, IndexError))
    return str(error) if alone else f"{type(error).__name__} {error}".rstrip()


def is_pair(batch: Any) -> bool:
    """Whether a batch has two parts, inputs and targets."""
    return isinstance(batch, (tuple, list)) and len(batch) == 2


def plain(model: nn.Module) -> nn.Module:
    """The model itself when ``torch.compile`` has wrapped it, and no hook changes what the wrapper gives out."""
    compiler = sys.modules.get("torch._dynamo.eval_frame")  # slow to import, and there where anything was compiled
    if compiler is None or not isinstance(model, compiler.OptimizedModule) or _hooked(model):
        return model
    inner = model._orig_mod
    assert isinstance(inner, nn.Module)
    return inner


def _hooked(module: nn.Module) -> bool:
    hooks = module._forward_hooks, module._forward_pre_hooks, module._backward_hooks, module._backward_pre_hooks
    return any(hooks)


def as_written(module: nn.Module) -> bool:
    """Whether a module computes what its class says: no hooks, and no forward exchanged by hand or by a library.

    >>> as_written(nn.MSELoss())
    True
    """
    anywhere = nn.modules.module._has_any_global_hook()  # type: ignore[no-untyped-call]
    return not ("forward" in vars(module) or _hooked(module) or anywhere)


def _check_not_counted(model: nn.Module) -> None:
    """Refuse gradients that a layer divides by what else is in the batch: they are those of no loss."""
    kinds = nn.Embedding, nn.EmbeddingBag
    counted = [m for m in model.modules() if isinstance(m, kinds) and m.scale_grad_by_freq and m.weight.requires_grad]
    if counted:
        raise ValueError(
            f"expected gradients that are those of the loss, got {type(counted[0]).__name__}(scale_grad_by_freq=True), "
            "which divides them by the counts in a batch: set scale_grad_by_freq=False, here and in training"
        )


def check_model(model: nn.Module, loss: Loss) -> None:
    """Refuse what is no model or no loss, and parameters that tell nothing."""
    if isinstance(loss, type):
        name = loss.__name__
        raise ValueError(f"expected a loss function, got the class {name}: make one of it, {name}()")
    if not isinstance(model, nn.Module) or not callable(loss):
        got = f"{type(model).__name__} and {type(loss).__name__}"
        raise ValueError(
            f"expected a torch.nn.Module and a loss function, got {got}: give model, loss, data in this order"
        )
    if any(map(nn.parameter.is_lazy, chain(model.parameters(), model.buffers()))):
        raise ValueError("expected parameters, got a lazy module that has none yet: call it once, model(inputs)")
    trained = [p for p in model.parameters() if p.requires_grad]
    if not any(p.numel() for p in trained):
        swapped = isinstance(loss, nn.Module) and any(p.requires_grad for p in loss.parameters())
        cure = "give model, loss, data in this order" if swapped else "set requires_grad"
        raise ValueError(f"expected trainable parameters, got none: {cure}")
    if any(p.is_meta for p in trained):
        raise ValueError("expected parameters with values, got some on the meta device: load the weights")
    starts = [p.data_ptr() for p in trained if p.data_ptr()]
    if len(set(starts)) < len(starts):
        raise ValueError(
            "expected parameters in memory of their own, got two in the same, which move together: tie them as one, "
            "such as head.weight = embedding.weight"
        )
    kinds = {(str(p.dtype), str(p.device)) for p in trained}
    if len(kinds) > 1 or trained[0].dtype not in (torch.float32, torch.float64):
        got = ", ".join(sorted(" on ".join(kind) for kind in kinds))
        cure = "keep complex ones as torch.view_as_real(p)" if any(map(torch.is_complex, trained)) else "model.float()"
        raise ValueError(f"expected parameters in single or double precision on one device, got {got}: {cure}")
    if not all(bool(torch.isfinite(p.detach()).all()) for p in trained):
        raise ValueError("expected finite parameters, got some that are not: the training run has diverged")
    _check_not_counted(model)
