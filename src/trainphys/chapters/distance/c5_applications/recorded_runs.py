"""Training runs of small networks with the loss and the norm of its gradient at every look."""

import copy
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from trainphys.arrays import Array
from trainphys.chapters.distance.c5_applications.network_times import SETUPS, follow, losses
from trainphys.ensemble.streams import stream
from trainphys.workloads.datasets import characters_split, digits_split
from trainphys.workloads.replicas import Replicas

Recordable = Literal["digits", "characters", "digits, deeper"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Histories of runs side by side."""

    curves: Array  # loss at each look, shape (looks, runs); look 0 is the start
    norms: Array  # Euclidean norm of the gradient of that loss, same shape


@dataclass(frozen=True, slots=True)
class Plan:
    """How a set of networks is trained: sizes of the layers, batch, updates between looks, looks after the start."""

    layers: tuple[int, ...]
    batch: int
    every: int
    looks: int
    momentum: float = 0.0


def record(
    inputs: Tensor, labels: Tensor, plan: Plan, rates: Array, rng: np.random.Generator, *, looked: int = 1
) -> Recorded:
    """Train one tanh network for each rate, and look at loss and gradient over every so-many-th sample."""
    nets = Replicas(plan.layers, rng, len(rates), plan.momentum)
    seen = inputs[::looked], labels[::looked]

    def look(nets: Replicas) -> Array:
        return np.stack([losses(nets, *seen), gradient_norms(nets, *seen)])

    found = follow(nets, inputs, labels, rates, look, batch=plan.batch, every=plan.every, looks=plan.looks, rng=rng)
    return Recorded(found[:, 0], found[:, 1])


def recorded_task(
    task: Recordable, *, runs: int, seed: int, looks: int = 80, every: int = 6, looked: int = 1
) -> Recorded:
    """Runs of the digits or characters networks (``SETUPS``), or of a deeper one, with the norms of the gradient.

    The deeper one has two hidden layers and momentum 0.9. A look takes every so-many-th training sample; all of them
    give the loss that training descends.
    """
    split = characters_split() if task == "characters" else digits_split()
    if task == "digits, deeper":
        rate, plan = 0.02, Plan((split.inputs.shape[1], 24, 16, split.classes), 32, every, looks, momentum=0.9)
    else:
        setup = SETUPS[task]
        rate, plan = setup.rate, Plan((split.inputs.shape[1], setup.hidden, split.classes), setup.batch, every, looks)
    rng = stream(seed, f"recorded: {task}")
    return record(split.inputs, split.labels, plan, np.full(runs, rate), rng, looked=looked)


def gradient_norms(nets: Replicas, inputs: Tensor, labels: Tensor) -> Array:
    """Norm of the gradient of the mean loss on these samples, one a network: the length of an update at rate one."""
    count, probe = len(nets.biases[0]), copy.copy(nets)
    probe.momentum = 0.0
    probe.weights, probe.biases = [w.clone() for w in nets.weights], [b.clone() for b in nets.biases]
    probe.update(inputs[None].expand(count, -1, -1), labels[None].expand(count, -1), torch.ones(count))
    pairs = zip((*probe.weights, *probe.biases), (*nets.weights, *nets.biases), strict=True)
    square = torch.stack([((new - old) ** 2).flatten(1).sum(dim=1) for new, old in pairs]).sum(dim=0)
    return square.sqrt().double().numpy()
