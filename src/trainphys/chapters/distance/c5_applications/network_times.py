"""Times to reach a training loss: small networks on digits and on characters, from many starts side by side."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from trainphys.arrays import Array, Integers
from trainphys.checks import positive
from trainphys.ensemble.streams import stream
from trainphys.workloads.datasets import Split, characters_split, digits_split
from trainphys.workloads.replicas import Replicas

Task = Literal["digits", "characters"]


CHUNK = 250  # networks that are trained at a time: their weights and activations stay near the processor


WATCHED = 3  # starts are ranked by the loss over every third training sample


@dataclass(frozen=True, slots=True)
class Setup:
    """One network and how it is trained.

    Attributes:
        hidden: units of the hidden layer.
        batch: samples in a batch.
        rate: learning rate.
        every: updates between two looks.
        updates: in all.
        looked: a look takes the loss over every so-many-th training sample.
    """

    hidden: int
    batch: int
    rate: float
    every: int
    updates: int
    looked: int


SETUPS: dict[Task, Setup] = {
    "digits": Setup(hidden=16, batch=32, rate=0.2, every=6, updates=216, looked=3),
    "characters": Setup(hidden=16, batch=32, rate=0.5, every=8, updates=240, looked=6),
}


@dataclass(frozen=True, slots=True)
class NetworkRuns:
    """Training curves of networks from ranked starts and from random ones.

    Attributes:
        start_loss: loss of every start that was drawn, shape (starts,).
        kept: positions of the trained starts of lowest loss.
        random: positions of the trained starts drawn without a look; may overlap with ``kept``.
        kept_curves: loss at each look, shape (looks, kept); look 0 is the start.
        random_curves: the same for the random starts.
        norms: Euclidean norm of each layer's weights at the random starts, shape (layers, random).
        look: epochs between two looks.
    """

    start_loss: Array
    kept: Integers
    random: Integers
    kept_curves: Array
    random_curves: Array
    norms: Array
    look: float


def network_runs(
    task: Task, *, kept: int, random: int, seed: int, spread: float = 1.0, share: float = 0.1
) -> NetworkRuns:
    """Draw ``kept / share`` networks, take the loss of each, train the best share and as many random ones as asked.

    Tanh networks with one hidden layer, batches drawn with replacement, each network with batches of its own.

    Args:
        task: data set, and with it the set-up in ``SETUPS``.
        kept: networks of lowest loss to train, >= 2.
        random: networks to train that are drawn without a look at their loss, >= 2.
        seed: root seed, >= 0.
        spread: each network's first weights are multiplied by one number, log-uniform in 1/spread..spread, >= 1.
        share: share of the starts that is kept, in (0, 1).

    Raises:
        ValueError: an argument out of range.
    """
    if task not in SETUPS or min(kept, random) < 2 or not (spread >= 1 and 0 < share < 1):
        raise ValueError(
            f"expected task in {list(SETUPS)}, kept and random >= 2, spread >= 1 and share in (0, 1), "
            f"got {task!r}, {kept}, {random}, {spread}, {share}"
        )
    split, setup = digits_split() if task == "digits" else characters_split(), SETUPS[task]
    starts, rng = round(kept / share), stream(seed, f"starts: {task} {spread}")
    nets = Replicas((split.inputs.shape[1], setup.hidden, split.classes), rng, max(starts, random))
    gains = torch.tensor(np.exp(rng.uniform(-1, 1, max(starts, random)) * np.log(spread)), dtype=torch.float32)
    nets.weights = [w * gains[:, None, None] for w in nets.weights]
    inputs, labels = split.inputs[::WATCHED], split.labels[::WATCHED]
    start_loss = np.concatenate([_losses(_part(nets, i), inputs, labels) for i in _chunks(starts)])
    best = np.argsort(start_loss, kind="stable")[:kept]
    blind = np.sort(rng.permutation(max(starts, random))[:random])
    trained = _part(nets, torch.from_numpy(np.concatenate([best, blind])))
    norms = torch.stack([w[kept:].flatten(1).norm(dim=1) for w in trained.weights]).double().numpy()
    curves = np.hstack([_curves(_part(trained, i), split, setup, rng) for i in _chunks(kept + random)])
    look = setup.every * setup.batch / len(split.labels)
    return NetworkRuns(start_loss, best, blind, curves[:, :kept], curves[:, kept:], norms, look)


def _chunks(count: int) -> list[Tensor]:
    return [torch.arange(a, min(a + CHUNK, count)) for a in range(0, count, CHUNK)]


def _part(nets: Replicas, index: Tensor) -> Replicas:
    part = copy.copy(nets)
    part.select(index)
    return part


def _losses(nets: Replicas, inputs: Tensor, labels: Tensor) -> Array:
    return nets.losses(inputs, labels).double().numpy()


def _curves(nets: Replicas, split: Split, setup: Setup, rng: np.random.Generator) -> Array:
    """Loss of every network at every look, shape (looks, networks)."""
    inputs, labels = split.inputs[:: setup.looked], split.labels[:: setup.looked]
    count = len(nets.biases[0])
    rates = torch.full((count,), setup.rate)
    found = [_losses(nets, inputs, labels)]
    for update in range(1, setup.updates + 1):
        chosen = torch.from_numpy(rng.integers(len(split.labels), size=(count, setup.batch)))  # networks, batch
        nets.update(split.inputs[chosen], split.labels[chosen], rates)
        if update % setup.every == 0:
            found.append(_losses(nets, inputs, labels))
    return np.stack(found)


def crossing_times(curves: Array, target: float) -> Array:
    """Looks until a loss first lies below the target, between two looks by a straight line in the logarithm.

    Args:
        curves: losses > 0, finite, shape (looks, runs).
        target: > 0, finite.

    Returns:
        Shape (runs,); infinite for a run that does not get there, 0 for one that starts there.

    Raises:
        ValueError: curves that are not two-dimensional, or losses or a target that are not positive and finite.

    >>> crossing_times(np.array([[4.0], [2.0], [0.5]]), 1.0).tolist()
    [1.5]
    """
    y = np.asarray(curves, dtype=float)
    if y.ndim != 2 or not y.size:
        raise ValueError(f"expected losses of shape (looks, runs), got {y.shape}: one column a run")
    positive(curves=y, target=target)
    below = y < target
    first = below.argmax(axis=0)
    here, before = (y[np.maximum(first - back, 0), np.arange(y.shape[1])] for back in (0, 1))
    part = np.log(before / target) / np.where(first > 0, np.log(before / here), 1.0)
    return np.where(below.any(axis=0), np.where(first > 0, first - 1 + part, 0.0), np.inf)
