"""Small ReLU networks, one a data set and a split, trained side by side in PyTorch."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import torch

from trainphys.arrays import Array
from trainphys.chapters.distance.shared.regressors import standardised
from trainphys.checks import at_least

Problem = tuple[Array, Array, Array]  # table and target of the fit, table to predict

LEARNING_RATE = 1e-3  # PyTorch's default for Adam


def relu_networks(
    problems: Sequence[Problem], *, hidden: tuple[int, ...], batch: int, epochs: int, seed: int
) -> list[Array]:
    """Predictions of one network a problem, trained by Adam on minibatches of the squared error."""
    return relu_paths(problems, hidden=hidden, batch=batch, epochs=(epochs,), seed=seed)[epochs]


def relu_paths(
    problems: Sequence[Problem], *, hidden: tuple[int, ...], batch: int, epochs: Sequence[int], seed: int
) -> dict[int, list[Array]]:
    """The same after each of some numbers of epochs of one training.

    Tables are standardised on the rows of the fit. All problems share the positions that a minibatch takes, out of the
    rows that the smallest of them has in each epoch; each problem shuffles its own rows before training.
    Weights and biases start uniform in one over the root of the inputs, as in ``torch.nn.Linear``.
    """
    rows = min(len(target) for _, target, _ in problems)
    at_least(batch, rows=rows)  # else no minibatch is full, and nothing is trained
    rng = torch.Generator().manual_seed(seed)
    x, y, judge = _stacked(problems, rng)
    sizes = (x.shape[2], *hidden, 1)
    weights = [_uniform(len(x), i, i, o, rng) for i, o in itertools.pairwise(sizes)]
    biases = [_uniform(len(x), i, 1, o, rng) for i, o in itertools.pairwise(sizes)]
    for p in (*weights, *biases):
        p.grad = torch.empty_like(p)
    adam = torch.optim.Adam([*weights, *biases], LEARNING_RATE, fused=True)
    most, found = x.shape[1], {}
    with torch.no_grad():
        for epoch in range(1, max(epochs) + 1):
            order = torch.randperm(most, generator=rng)
            shuffled, wanted = x[:, order], y[:, order]
            for start in range(0, rows - batch + 1, batch):
                now = slice(start, start + batch)
                _fill_gradients(shuffled[:, now], wanted[:, now], weights, biases)
                adam.step()
            if epoch in epochs:
                found[epoch] = _predictions(judge, weights, biases)
    return found


def _predictions(judge: list[torch.Tensor], weights: list[torch.Tensor], biases: list[torch.Tensor]) -> list[Array]:
    return [
        np.asarray(_outputs(z[None], [w[i : i + 1] for w in weights], [b[i : i + 1] for b in biases])[0].double())
        for i, z in enumerate(judge)
    ]


def _fill_gradients(x: torch.Tensor, y: torch.Tensor, weights: list[torch.Tensor], biases: list[torch.Tensor]) -> None:
    """Slope of each problem's mean squared error, by hand: on networks so small automatic ones take as long again."""
    values = [x]
    for w, b in zip(weights, biases, strict=True):
        z = torch.baddbmm(b, values[-1], w)
        values.append(z.relu_() if len(values) < len(weights) else z)
    slope = (values.pop() - y[..., None]).mul_(2.0 / y.shape[1])
    for w, b, below in zip(reversed(weights), reversed(biases), reversed(values), strict=True):
        torch.bmm(below.mT, slope, out=w.grad)
        torch.sum(slope, dim=1, keepdim=True, out=b.grad)
        if below is not x:
            slope = torch.bmm(slope, w.mT)
            slope = torch.ops.aten.threshold_backward(slope, below, 0.0)


def _stacked(
    problems: Sequence[Problem], rng: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    """Problems of unequal length as one array: the shorter ones repeat some of their rows."""
    most = max(len(target) for _, target, _ in problems)
    xs, ys, judges = [], [], []
    for fit, target, table in problems:
        a, b = standardised(fit, table)
        order = torch.randperm(len(target), generator=rng).repeat(math.ceil(most / len(target)))[:most]
        xs.append(torch.tensor(a, dtype=torch.float32)[order])
        ys.append(torch.tensor(target, dtype=torch.float32)[order])
        judges.append(torch.tensor(b, dtype=torch.float32))
    return torch.stack(xs), torch.stack(ys), judges


def _uniform(count: int, inputs: int, rows: int, columns: int, rng: torch.Generator) -> torch.Tensor:
    bound = 1.0 / math.sqrt(inputs)
    return (2.0 * torch.rand(count, rows, columns, generator=rng) - 1.0) * bound


def _outputs(x: torch.Tensor, weights: list[torch.Tensor], biases: list[torch.Tensor]) -> torch.Tensor:
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        x = torch.baddbmm(b, x, w)  # problems, rows, units
        if layer + 1 < len(weights):
            x = torch.relu(x)
    return x[..., 0]
