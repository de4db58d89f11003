"""Data in the forms in which people hold them, as batches that can be gone through again and again."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence
from torch.utils.data import DataLoader, Dataset, RandomSampler, WeightedRandomSampler

from trainphys.tools.models.precision import no_inference

# Inputs and targets; or one batch of any other form; or a DataLoader or a Dataset of either. A row is a sample.
Data = Any
FORMS = "give (inputs, targets), a dictionary of tensors, a Dataset or a DataLoader"
ROWS = 256  # of a Dataset, read at once
SEVERAL = 32  # batches of a pass of each of which a sample is kept; later ones more and more rarely


class Batches:
    """Batches of tensors where the model is, each pass from the data anew.

    A single batch may be a tuple, a list or a dictionary of tensors and arrays, of whatever depth. Numbers with a
    fraction that come from NumPy, which knows no other default than doubles, take the precision of ``like``.

    Raises:
        ValueError: anything else, data that can be gone through once only or are drawn anew with replacement, or parts
            of a batch of unequal length.

    >>> batches = Batches(({"a": np.zeros((3, 2))}, np.arange(3)), like=torch.zeros(1))
    >>> [(n, batch[0]["a"].dtype) for n, batch in batches]
    [(3, torch.float32)]
    """

    def __init__(self, data: Data, *, like: Tensor) -> None:
        self._like = like
        self.single: Any = None  # the batch, when there is but one
        self._kept: list[Any] = []
        if isinstance(data, Dataset):
            data = DataLoader(data, batch_size=ROWS)
        if isinstance(data, (Tensor, np.ndarray, Mapping, tuple, list)):
            self.single = self._tensors(data)
            length(self.single)
            self._source: Iterable[Any] = [data]
        elif isinstance(data, Iterable) and not isinstance(data, (Iterator, str, bytes)):
            self._source = data
            if isinstance(data, DataLoader):
                _check_drawn_alike(data)
                self._source = _own(data)
        else:
            raise ValueError(f"expected data to go through more than once, got {type(data).__name__}: {FORMS}")

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        """Number of samples and batch, one after the other."""
        if self.single is not None:
            yield length(self.single), self.single
            return
        count, self._kept = 0, []
        for batch in self._source:
            tensors = self._tensors(batch)
            n, count, one = length(tensors), count + 1, _one(tensors)
            if count <= SEVERAL or count.bit_count() == 1:  # all at first, then ever fewer
                self._kept.append(one)
            yield n, tensors
        if count and self._kept[-1] is not one:
            self._kept.append(one)
        if not count:
            raise ValueError(f"expected a batch or more in each pass, got none: {FORMS} that is not empty")

    def pieces(self, most: int) -> Iterator[tuple[int, Any]]:
        """The same, no batch longer than ``most`` samples."""
        for n, batch in self:
            for start in range(0, n, most):
                yield min(most, n - start), rows(batch, start, start + most)

    def several(self) -> tuple[int, Any] | None:
        """A sample each of many batches of the last pass, its first and its last among them, as one batch.

        Of a single batch its first samples. None where those kept do not fit together.
        """
        if self.single is not None:
            return min(length(self.single), SEVERAL), rows(self.single, 0, SEVERAL)
        try:
            return len(self._kept), joined(self._kept)
        except (RuntimeError, ValueError, IndexError):  # none, or such as sequences of several lengths
            return None

    def _tensors(self, batch: Any) -> Any:
        if isinstance(batch, list) and batch and not any(isinstance(part, (Tensor, np.ndarray)) for part in batch):
            raise ValueError(f"expected one batch or a loader of batches, got a list of {len(batch)}: {FORMS}")
        return mapped(batch, lambda leaf: self._tensor(leaf, batch))

    def _tensor(self, leaf: Any, batch: Any) -> Tensor | None:
        if isinstance(leaf, np.ndarray) and not isinstance(leaf, np.ma.MaskedArray) and leaf.dtype.kind in "fiub":
            # a copy where torch takes no view: backwards, read-only, bytes in another order
            found = torch.as_tensor(np.require(leaf, leaf.dtype.newbyteorder("="), ["C", "W", "A"]))
            return found.to(self._like) if found.is_floating_point() else found.to(self._like.device)
        if isinstance(leaf, Tensor) and not (leaf.is_nested or leaf.is_meta):
            return no_inference(leaf.detach()).to(self._like.device)
        if leaf is None:
            return None
        of = f" of {leaf.dtype}" if isinstance(leaf, np.ndarray) else ""
        got = "a nested or meta tensor" if isinstance(leaf, Tensor) else f"{type(leaf).__name__}{of}"
        cure = FORMS if leaf is batch else "leave it out, or give it as a tensor of numbers"
        raise ValueError(f"expected tensors or arrays of numbers, got {got} at {place(batch, leaf) or 'batch'}: {cure}")


def _own(loader: DataLoader[Any]) -> DataLoader[Any]:
    """A loader whose passes end none of another's: workers that persist go through one pass at a time."""
    if not loader.persistent_workers:
        return loader
    found = copy.copy(loader)
    found._iterator = None
    return found


def _check_drawn_alike(loader: DataLoader[Any]) -> None:
    """Refuse a loader that draws with replacement: no two of its passes have the same samples."""
    for sampler in (loader.sampler, getattr(loader.batch_sampler, "sampler", None)):
        if isinstance(sampler, (RandomSampler, WeightedRandomSampler)) and sampler.replacement:
            raise ValueError(
                f"expected the same samples in each pass, got a {type(sampler).__name__} that draws with replacement: "
                "give the dataset itself or, where weights count, one pass that is kept, DataLoader(list(loader), "
                "batch_size=None)"
            )


def mapped(batch: Any, function: Callable[[Any], Any]) -> Any:
    """A batch of the same form, of what a function makes of its tensors."""
    if isinstance(batch, Mapping):
        found = {name: mapped(part, function) for name, part in batch.items()}
        return found if type(batch) is dict else _of_its_kind(type(batch), found)
    if isinstance(batch, PackedSequence):  # a tuple without a row a sample
        raise ValueError(
            "expected tensors, got PackedSequence: give padded ones and lengths, and let the model pack them"
        )
    if isinstance(batch, (tuple, list)):
        parts = [mapped(part, function) for part in batch]
        return type(batch)(*parts) if hasattr(batch, "_fields") else type(batch)(parts)
    return function(batch)


def place(batch: Any, leaf: Any, name: str = "batch") -> str | None:
    """Where a part stands in a batch, as one would write it.

    >>> text = "a title"
    >>> place({"pixels": torch.zeros(1), "more": (None, [text])}, text)
    "batch['more'][1][0]"
    """
    if batch is leaf:
        return name
    parts = (
        batch.items() if isinstance(batch, Mapping) else enumerate(batch) if isinstance(batch, (tuple, list)) else ()
    )
    return next((found for key, part in parts if (found := place(part, leaf, f"{name}[{key!r}]"))), None)


def _of_its_kind(kind: Any, parts: dict[Any, Any]) -> Any:
    """A mapping of a class of its own, whose parts may have other ways to reach them; else a dictionary."""
    try:
        found = kind(parts)
    except (TypeError, ValueError, RuntimeError, LookupError, AttributeError):  # made in another way
        return parts
    return found if isinstance(found, Mapping) and found.keys() == parts.keys() else parts


def rows(batch: Any, start: int, stop: int) -> Any:
    """Samples ``start`` to ``stop`` of a batch, without a copy.

    >>> rows({"x": torch.arange(4), "mask": None}, 1, 3)
    {'x': tensor([1, 2]), 'mask': None}
    """
    return mapped(batch, lambda tensor: None if tensor is None else _rows(tensor, start, stop))


def _one(batch: Any) -> Any:
    """A copy of the first sample: a view would keep the whole batch in memory."""
    return mapped(rows(batch, 0, 1), lambda tensor: None if tensor is None else tensor.clone())


def _rows(tensor: Tensor, start: int, stop: int) -> Tensor:
    if tensor.layout is not torch.strided:
        raise ValueError(f"expected tensors of which rows can be taken, got {tensor.layout}: give it as x.to_dense()")
    return tensor[start:stop]


def joined(batches: list[Any]) -> Any:
    """Batches of one form as one.

    >>> joined([{"x": torch.arange(2)}, {"x": torch.arange(1)}])
    {'x': tensor([0, 1, 0])}
    """
    leaves: list[list[Tensor | None]] = [[] for _ in batches]
    for batch, found in zip(batches, leaves, strict=True):
        mapped(batch, found.append)
    alike = iter(list(zip(*leaves, strict=True)))

    def whole(_: Tensor | None) -> Tensor | None:
        parts = [part for part in next(alike) if part is not None]
        return torch.cat(parts) if parts else None

    return mapped(batches[0], whole)


def length(batch: Any) -> int:
    """Number of samples in a batch of tensors.

    Raises:
        ValueError: none, or not as many in one part as in another.

    >>> length((torch.zeros(3, 2), torch.zeros(3)))
    3
    """
    found: list[int] = []

    def look(tensor: Tensor | None) -> None:
        if tensor is not None:
            found.append(len(tensor) if tensor.ndim else 0)

    mapped(batch, look)
    if len(set(found)) != 1 or found[0] == 0:
        got = " and ".join(map(str, found)) or "no tensor"
        raise ValueError(
            f"expected as many inputs as targets, at least one, got {got}: make a row of every tensor one sample"
        )
    return found[0]
