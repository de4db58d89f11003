"""The network that several benchmarks look at: 64-64-64-10, tanh, 8,970 parameters, trained a while on the digits."""

from __future__ import annotations

import functools
import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

LAYERS = (64, 64, 64, 10)
CROSS_ENTROPY = nn.functional.cross_entropy


@functools.cache
def digits_data() -> tuple[Tensor, Tensor]:
    """All 1,797 digits: pixels in 0..1 and labels."""
    pixels, labels = load_digits(return_X_y=True)
    return torch.tensor(pixels / 16.0, dtype=torch.float32), torch.tensor(labels)


def perceptron(layers: tuple[int, ...] = LAYERS) -> nn.Sequential:
    modules: list[nn.Module] = []
    for fan_in, fan_out in itertools.pairwise(layers):
        modules += [nn.Linear(fan_in, fan_out), nn.Tanh()]
    return nn.Sequential(*modules[:-1])


@functools.cache
def trained_network() -> nn.Sequential:
    """Twenty passes of SGD; the loss is then some 0.08."""
    inputs, labels = digits_data()
    torch.manual_seed(0)
    model = perceptron()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(20):
        for batch in torch.randperm(len(inputs)).split(32):
            optimiser.zero_grad()
            CROSS_ENTROPY(model(inputs[batch]), labels[batch]).backward()
            optimiser.step()
    model.zero_grad()
    return model


def plain_gradients(count: int) -> Callable[[], None]:
    """Full-batch gradients, forward and backward: what other costs are counted in."""
    model, (inputs, labels) = trained_network(), digits_data()

    def call() -> None:
        for _ in range(count):
            model.zero_grad()
            CROSS_ENTROPY(model(inputs), labels).backward()

    return call


def kept(name: str, compute: Callable[[], dict[str, float]]) -> dict[str, float]:
    """Reference values of the trained network, kept in the temporary folder under a digest of its parameters."""
    flat = torch.nn.utils.parameters_to_vector(trained_network().parameters()).detach().double()
    path = Path(tempfile.gettempdir()) / f"trainphys-benchmark-{name}-{float(flat.norm()):.9f}.npz"
    if not path.exists():
        np.savez(path, **compute())  # type: ignore[arg-type]
    with np.load(path) as stored:
        return {key: float(stored[key]) for key in stored.files}


def relative_error(of: Callable[[Any], float], reference: Callable[[], float]) -> Callable[[Any], float]:
    return lambda result: abs(of(result) / reference() - 1)
