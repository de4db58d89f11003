"""The network that several benchmarks look at: 64-64-64-10, tanh, 8,970 parameters, trained a while on the digits."""

from __future__ import annotations

import functools
import itertools

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from benchmarks.problem import Problem

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


@functools.cache
def digits_problem() -> Problem:
    of_one = functools.partial(CROSS_ENTROPY, reduction="none")
    return Problem("digits", "a network of 8,970 parameters", trained_network(), CROSS_ENTROPY, of_one, digits_data())
