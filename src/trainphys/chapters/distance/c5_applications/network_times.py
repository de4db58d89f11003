"""Times to reach a training loss: small networks on digits and on characters, from many starts side by side."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from trainphys.arrays import Array, Integers
from trainphys.checks import positive
from trainphys.ensemble.streams import stream
from trainphys.workloads.datasets import characters_split, digits_split
from trainphys.workloads.replicas import Replicas

Task = Literal["digits", "characters"]


CHUNK = 250  # networks that are trained at a time: their weights and activations stay near the processor
WATCHED = 3  # starts are ranked by the loss over every third training sample


@dataclass(frozen=True, slots=True)
class Setup:
    """One network and how it is trained."""

    hidden: int  # units of the hidden layer
    batch: int  # samples in a batch
    rate: float  # learning rate
    every: int  # updates between two looks
    updates: int  # in all
    looked: int  # a look takes the loss over every so-many-th training sample


SETUPS: dict[Task, Setup] = {
    "digits": Setup(hidden=16, batch=32, rate=0.2, every=6, updates=216, looked=3),
    "characters": Setup(hidden=16, batch=32, rate=0.5, every=8, updates=240, looked=6),
}


@dataclass(frozen=True, slots=True)
class NetworkRuns:
    """Training curves of networks from ranked starts and from random ones."""

    start_loss: Array  # loss of every start that was drawn, shape (starts,)
    kept: Integers  # positions of the trained starts of lowest loss
    random: Integers  # positions of the trained starts drawn without a look; may overlap with ``kept``
    kept_curves: Array  # loss at each look, shape (looks, kept); look 0 is the start
    random_curves: Array  # the same for the random starts
    norms: Array  # Euclidean norm of each layer's weights at the random starts, shape (layers, random)
    look: float  # epochs between two looks


def network_runs(
    task: Task, *, kept: int, random: int, seed: int, spread: float = 1.0, share: float = 0.1
) -> NetworkRuns:
    """Draw ``kept / share`` networks, take the loss of each, train the best share and as many random ones as asked.

    Tanh networks with one hidden layer, batches drawn with replacement, each network with batches of its own. Each
    network's first weights are multiplied by one number, log-uniform in 1/spread..spread.
    """
    split, setup = digits_split() if task == "digits" else characters_split(), SETUPS[task]
    starts, rng = round(kept / share), stream(seed, f"starts: {task} {spread}")
    nets = Replicas((split.inputs.shape[1], setup.hidden, split.classes), rng, max(starts, random))
    gains = torch.tensor(np.exp(rng.uniform(-1, 1, max(starts, random)) * np.log(spread)), dtype=torch.float32)
    nets.weights = [w * gains[:, None, None] for w in nets.weights]
    inputs, labels = split.inputs[::WATCHED], split.labels[::WATCHED]
    start_loss = losses(nets, inputs, labels)[:starts]
    best = np.argsort(start_loss, kind="stable")[:kept]
    blind = np.sort(rng.permutation(max(starts, random))[:random])
    trained = _part(nets, torch.from_numpy(np.concatenate([best, blind])))
    norms = torch.stack([w[kept:].flatten(1).norm(dim=1) for w in trained.weights]).double().numpy()
    seen = split.inputs[:: setup.looked], split.labels[:: setup.looked]

    def trained_curves(index: Tensor) -> Array:
        return follow(
            _part(trained, index), split.inputs, split.labels, np.full(len(index), setup.rate),
            lambda nets: losses(nets, *seen),
            batch=setup.batch, every=setup.every, looks=setup.updates // setup.every, rng=rng,
        )  # fmt: skip

    curves = np.hstack([trained_curves(index) for index in _chunks(kept + random)])
    look = setup.every * setup.batch / len(split.labels)
    return NetworkRuns(start_loss, best, blind, curves[:, :kept], curves[:, kept:], norms, look)


def _chunks(count: int) -> list[Tensor]:
    return [torch.arange(a, min(a + CHUNK, count)) for a in range(0, count, CHUNK)]


def _part(nets: Replicas, index: Tensor) -> Replicas:
    part = copy.copy(nets)
    part.select(index)
    return part


def losses(nets: Replicas, inputs: Tensor, labels: Tensor) -> Array:
    """Mean cross-entropy of every network on these samples."""
    return nets.losses(inputs, labels).double().numpy()


def follow(
    nets: Replicas, inputs: Tensor, labels: Tensor, rates: Array, look: Callable[[Replicas], Array], *,
    batch: int, every: int, looks: int, rng: np.random.Generator,
) -> Array:  # fmt: skip
    """Train, each network with batches of its own, and look at the start and after every so many updates."""
    steps = torch.tensor(rates, dtype=torch.float32)
    found = [look(nets)]
    for _ in range(looks):
        for _ in range(every):
            chosen = torch.from_numpy(rng.integers(len(labels), size=(len(rates), batch)))  # networks, batch
            nets.update_drawn(inputs, labels, chosen, steps)
        found.append(look(nets))
    return np.stack(found)


def crossing_times(curves: Array, target: float) -> Array:
    """Looks until a loss first lies below the target, between two looks by a straight line in the logarithm.

    Losses have shape (looks, runs). The time of a run that does not get there is infinite, of one that starts there 0.

    >>> crossing_times(np.array([[4.0], [2.0], [0.5]]), 1.0).tolist()
    [1.5]
    """
    [y, _] = positive(curves=curves, target=target)
    below = y < target
    first = below.argmax(axis=0)
    here, before = (y[np.maximum(first - back, 0), np.arange(y.shape[1])] for back in (0, 1))
    part = np.log(before / target) / np.where(first > 0, np.log(before / here), 1.0)
    return np.where(below.any(axis=0), np.where(first > 0, first - 1 + part, 0.0), np.inf)
