"""A trained model with its loss and its data: what peers and ours are all asked about."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

Call = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """``loss`` is the mean of ``of_one``, the loss of each sample, shape (samples,)."""

    name: str
    title: str
    model: nn.Module
    loss: Callable[[Tensor, Tensor], Tensor]
    of_one: Callable[[Tensor, Tensor], Tensor]
    data: tuple[Tensor, Tensor]

    @property
    def samples(self) -> int:
        return len(self.data[1])

    @property
    def parameters(self) -> int:
        return sum(p.numel() for p in self.model.parameters() if p.requires_grad)

    def copy(self) -> nn.Module:
        return copy.deepcopy(self.model)

    def gradients(self, count: int = 1) -> Call:
        """Full-batch gradients, forward and backward: what other costs are counted in."""
        model, (inputs, targets) = self.copy(), self.data

        def call() -> None:
            for _ in range(count):
                model.zero_grad()
                self.loss(model(inputs), targets).backward()

        return call

    def kept(self, what: str, compute: Callable[[], dict[str, float]]) -> dict[str, float]:
        """Reference values, kept in the temporary folder under a digest of the parameters."""
        flat = torch.nn.utils.parameters_to_vector(self.model.parameters()).detach().double()
        path = Path(tempfile.gettempdir()) / f"trainphys-benchmark-{self.name}-{what}-{float(flat.norm()):.9f}.npz"
        if not path.exists():
            np.savez(path, **compute())  # type: ignore[arg-type]
        with np.load(path) as stored:
            return {key: float(stored[key]) for key in stored.files}


def relative_error(reference: Callable[[], float]) -> Callable[[Any], float]:
    return lambda result: abs(float(result) / reference() - 1)
