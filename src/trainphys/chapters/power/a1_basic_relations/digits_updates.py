"""Single updates and first steps of a softmax regression on digits."""

import functools
from dataclasses import dataclass

import numpy as np
import torch

from trainphys.arrays import Array
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.workloads.datasets import digits
from trainphys.workloads.replicas import Replicas

LAYERS = (64, 10)
MOST = 2**19  # samples at a time


@dataclass(frozen=True, slots=True)
class Descent:
    """Losses before and after each update with the exact gradient, and the squared gradient at the start."""

    losses: Array
    squared_gradient: float


def digits_descent(*, learning_rate: float, updates: int) -> Descent:
    """Gradient descent of a softmax regression on all digits, from zero weights.

    >>> round(float(digits_descent(learning_rate=0.1, updates=1).losses[0]), 4)  # ln 10
    2.3026
    """
    nets, data = _network(), digits()
    losses, first = [_double_loss(nets)], 0.0
    for update in range(updates):
        nets.update(data.inputs[None], data.labels[None], torch.tensor([learning_rate]))
        losses.append(_double_loss(nets))
        if update == 0:  # from zero weights the first step is the gradient
            moved = sum(float((p.double() ** 2).sum()) for p in (*nets.weights, *nets.biases))
            first = moved / learning_rate**2
    return Descent(np.array(losses), first)


def digits_best_decrease(
    *, batch_sizes: tuple[int, ...], warm_up: int, replicas: int, seed: int, rates: int = 13
) -> list[Estimate]:
    """Largest mean decrease of the loss in one update over the exact gradient's, by batch size, after a warm-up.

    Every batch, drawn with replacement, is tried at ``rates`` learning rates, a fourth root of two apart; the loss on
    all data is evaluated after each. ``warm_up`` exact updates at learning rate 1 come before, ``replicas`` batches are
    drawn for each size, fewer where they would hold more than ``MOST`` samples.
    """
    data, nets = digits(), _network()
    for _ in range(warm_up):
        nets.update(data.inputs[None], data.labels[None], torch.tensor([1.0]))
    before = _double_loss(nets)
    exact, centre = 0.0, 1.0
    for rate in np.geomspace(0.25, 128, 37):
        decrease = before - _double_loss(_moved(nets, data.inputs[None], data.labels[None], float(rate)))
        if decrease > exact:
            exact, centre = decrease, float(rate)
    found, scale = [], 100.0
    for index, batch in enumerate(batch_sizes):
        rng = stream(seed, "digits-update", index)
        drawn = torch.from_numpy(rng.integers(len(data), size=(min(replicas, MOST // batch), batch)))
        grid = centre * batch / (batch + scale) * 2 ** (np.arange(-(rates // 2), rates // 2 + 1) / 4)
        gains = [before - _losses(nets, data.inputs[drawn], data.labels[drawn], float(r)) for r in grid]
        best = max(gains, key=lambda gain: float(gain.mean()))
        found.append(Estimate.from_samples(best) / exact)
    return found


def _network() -> Replicas:
    return Replicas(LAYERS, np.random.default_rng(0), 1)  # starts at zero: nothing is drawn


def _moved(nets: Replicas, inputs: torch.Tensor, labels: torch.Tensor, rate: float) -> Replicas:
    """A copy of the one network for each batch, one update further."""
    copies = _network()
    copies.weights, copies.biases = list(nets.weights), list(nets.biases)
    copies.select(torch.zeros(len(labels), dtype=torch.long))
    copies.update(inputs, labels, torch.full((len(labels),), rate))
    return copies


def _losses(nets: Replicas, inputs: torch.Tensor, labels: torch.Tensor, rate: float) -> Array:
    data = digits()
    return np.asarray(_moved(nets, inputs, labels, rate).losses(data.inputs, data.labels).double().numpy())


@functools.cache
def _double() -> tuple[torch.Tensor, torch.Tensor]:
    data = digits()
    return data.inputs.double(), data.labels


def _double_loss(nets: Replicas) -> float:
    """Loss of one network in double precision: small gaps are differences of large losses."""
    pixels, labels = _double()
    logits = pixels @ nets.weights[0][0].double() + nets.biases[0][0].double()
    return float(torch.nn.functional.cross_entropy(logits, labels))
