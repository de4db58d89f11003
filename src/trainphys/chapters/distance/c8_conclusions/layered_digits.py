"""Deeper networks on handwritten digits, many at once: how far each layer is from where its run ends."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainphys.arrays import Array, Integers
from trainphys.ensemble.streams import stream
from trainphys.workloads.datasets import digits_split

Activation = Literal["tanh", "relu", "two-sided"]

RATES: dict[Activation, float] = {"tanh": 0.5, "relu": 0.3, "two-sided": 0.2}  # well below where descent swings
GAINS: dict[Activation, float] = {"tanh": 1.0, "relu": 2.0**0.5, "two-sided": 1.0}  # keep the size of the signal
CHUNK = 24  # networks that advance side by side


@dataclass(frozen=True, slots=True)
class LayeredRuns:
    """Full-batch runs up to a target loss; one row a state, the last of each run left out."""

    run: Integers  # index of the run of each row
    layers: Array  # distance of each layer's parameters to those at the end of the run, shape (rows, layers)
    remaining: Integers  # epochs until the run ended, >= 1
    loss: Array  # training loss of the state, nats
    slowdown: Array  # first step of each run over its last step, shape (runs,)

    @property
    def distance(self) -> Array:
        return np.asarray(np.sqrt((self.layers**2).sum(axis=1)))

    def first(self) -> Integers:
        """Row of the start of each run."""
        return np.flatnonzero(np.append(True, self.run[1:] != self.run[:-1]))


class Networks:
    """Fully connected networks side by side, with normal starting weights of standard deviation gain / sqrt(fan-in).

    Apart from ``workloads.replicas``, whose tanh networks take batches. Single-precision descent to a loss of one
    hundredth multiplies rounding a thousandfold and more, so the order of these products is part of the result.
    """

    def __init__(self, sizes: Sequence[int], activation: Activation, gain: float, samples: int,
                 count: int, rng: np.random.Generator) -> None:  # fmt: skip
        split = digits_split()
        self.inputs, self.activation = split.inputs[:samples], activation
        self.targets = torch.nn.functional.one_hot(split.labels[:samples], split.classes).float()
        self.weights, self.biases = [], []
        for a, b in itertools.pairwise(sizes):
            drawn = rng.standard_normal((count, a, b), dtype=np.float32) * np.float32(GAINS[activation] * gain / a**0.5)
            self.weights.append(torch.from_numpy(drawn))
            self.biases.append(torch.zeros(count, 1, b))

    def _bend(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Activation and its slope; two-sided is relu(z) + relu(-z) = |z|."""
        if self.activation == "tanh":
            value = torch.tanh(z)
            return value, 1 - value * value
        value = torch.relu(z) if self.activation == "relu" else z.abs()
        return value, torch.sign(value if self.activation == "relu" else z)

    def _log_share(self, signals: Tensor) -> Tensor:
        """Logarithm of the share of each class, the last axis."""
        return torch.log_softmax(signals, dim=2)

    def losses_then_step(self, rate: float) -> Array:
        """Losses of the networks (cross-entropy, nats); then one step of full-batch descent."""
        count = len(self.biases[0])
        values, slopes = [self.inputs.expand(count, -1, -1)], []
        for w, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            value, slope = self._bend(torch.baddbmm(b, values[-1], w))
            values.append(value)
            slopes.append(slope)
        log_share = self._log_share(torch.baddbmm(self.biases[-1], values[-1], self.weights[-1]))
        losses = -(log_share * self.targets).sum(dim=2).mean(dim=1)
        delta = (log_share.exp() - self.targets) / len(self.inputs)
        for layer in reversed(range(len(self.weights))):
            below = torch.bmm(delta, self.weights[layer].mT) * slopes[layer - 1] if layer else delta
            self.weights[layer].baddbmm_(values[layer].mT, delta, alpha=-rate)
            self.biases[layer] -= rate * delta.sum(dim=1, keepdim=True)
            delta = below
        return losses.double().numpy()

    def parameters(self) -> list[NDArray[np.float32]]:
        """Those of each layer, shape (networks, parameters)."""
        pairs = zip(self.weights, self.biases, strict=True)
        return [torch.cat([w.flatten(1), b.flatten(1)], dim=1).numpy() for w, b in pairs]


class WatchedNetworks(Networks):
    """Networks of which only losses are asked: the softmax runs over samples that lie side by side.

    That takes a tenth of the time of the softmax of ten numbers in a row, half of an epoch of a small network. Its last
    bit differs, which ``Networks`` must keep.
    """

    def _log_share(self, signals: Tensor) -> Tensor:
        return torch.log_softmax(signals.mT.contiguous(), dim=1).mT


def train_layered(
    *, activation: Activation, targets: tuple[float, ...], runs: int, seed: int, depth: int = 2, gain: float = 1.0,
    width: int = 24, samples: int = 200, max_epochs: int = 600,
) -> dict[float, LayeredRuns]:  # fmt: skip
    """Full-batch descent of networks 64-width-...-10 on digits, cut off at each of several training losses (nats).

    ``depth`` counts hidden layers; ``gain`` is the size of the starting weights over that which keeps the size of the
    signal. Runs that take longer than ``max_epochs`` are left out.
    """
    pieces: dict[float, list[LayeredRuns]] = {t: [] for t in targets}
    for first in range(0, runs, CHUNK):
        rng = stream(seed, f"layered: {activation}, {depth}, {gain}", first)
        count = min(CHUNK, runs - first)
        nets = Networks((64, *[width] * depth, 10), activation, gain, samples, count, rng)
        paths: list[list[NDArray[np.float32]]] = []
        losses: list[Array] = []
        while len(losses) <= max_epochs and not (losses and (np.min(losses, axis=0) < min(targets)).all()):
            paths.append(nets.parameters())
            losses.append(nets.losses_then_step(RATES[activation]))
        stacked = [np.stack(layer) for layer in zip(*paths, strict=True)]
        for t in targets:
            pieces[t].append(_cut(stacked, np.stack(losses), t, first))
    return {t: _joined(found) for t, found in pieces.items()}


def start_losses_and_epochs(
    *, activation: Activation, target: float, runs: int, seed: int, width: int = 16, samples: int = 120,
    max_epochs: int = 400,
) -> tuple[Array, Integers]:  # fmt: skip
    """Loss at the start and epochs to the target, networks 64-width-10; runs that take too long count as the most."""
    starts, epochs = [], []
    for first in range(0, runs, 100):
        nets = WatchedNetworks((64, width, 10), activation, 1.0, samples, min(100, runs - first),
                               stream(seed, f"start losses: {activation}", first))  # fmt: skip
        losses: list[Array] = []
        while len(losses) < max_epochs and not (losses and (np.min(losses, axis=0) < target).all()):
            losses.append(nets.losses_then_step(RATES[activation]))
        met = np.stack(losses) < target
        starts.append(losses[0])
        epochs.append(np.where(met.any(axis=0), met.argmax(axis=0), max_epochs))
    return np.concatenate(starts), np.concatenate(epochs)


def _cut(paths: list[NDArray[np.float32]], losses: Array, target: float, first_run: int) -> LayeredRuns:
    """Rows of the runs that reach the target, each measured to its own end."""
    met = losses < target
    run, layers, remaining, loss, slow = [], [], [], [], []
    for r in np.flatnonzero(met.any(axis=0) & ~met[:2].any(axis=0)):
        n = int(met[:, r].argmax())
        squares = [((p[:n, r] - p[n, r]) ** 2).sum(axis=1, dtype=float) for p in paths]
        ends = [[((p[i + 1, r] - p[i, r]) ** 2).sum(dtype=float) for p in paths] for i in (0, n - 1)]
        run.append(np.full(n, first_run + r))
        layers.append(np.sqrt(np.stack(squares, axis=1)))
        remaining.append(n - np.arange(n))
        loss.append(losses[:n, r])
        slow.append([float(np.sqrt(np.sum(ends[0]) / np.sum(ends[1])))])
    if not run:
        raise ValueError(f"expected runs that reach a loss of {target}, got none: raise max_epochs or the target")
    return LayeredRuns(*(np.concatenate(x) for x in (run, layers, remaining, loss, slow)))


def _joined(pieces: list[LayeredRuns]) -> LayeredRuns:
    fields = ("run", "layers", "remaining", "loss", "slowdown")
    return LayeredRuns(*(np.concatenate([getattr(p, f) for p in pieces]) for f in fields))
