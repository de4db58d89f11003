"""Networks that train side by side, one copy for each replica."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import Tensor


class Replicas:
    """Fully connected tanh networks with a softmax on top; gradients are written out by hand.

    One matrix product serves a layer of all replicas.

    Args:
        layers: sizes from input to output; two sizes make a softmax regression, which starts at zero.
        rng: draws the first weights, normal with variance 1/fan-in; biases start at zero.
        count: number of networks.
        momentum: heavy-ball coefficient, in [0, 1); the learning rate must not change during a run that uses it.

    Raises:
        ValueError: fewer than two sizes, or a momentum out of range.
    """

    def __init__(self, layers: tuple[int, ...], rng: np.random.Generator, count: int, momentum: float = 0.0) -> None:
        if len(layers) < 2:
            raise ValueError(f"expected at least an input and an output size, got {layers}")
        if not 0 <= momentum < 1:
            raise ValueError(f"expected 0 <= momentum < 1, got {momentum}")
        scale = 0.0 if len(layers) == 2 else 1.0
        self.momentum = momentum
        self.weights: list[Tensor] = []
        self.biases: list[Tensor] = []
        for fan_in, fan_out in itertools.pairwise(layers):
            drawn = scale * rng.standard_normal((count, fan_in, fan_out), dtype=np.float32) / np.float32(fan_in**0.5)
            self.weights.append(torch.from_numpy(drawn))
            self.biases.append(torch.zeros(count, fan_out))
        layers_now = zip(self.weights, self.biases, strict=True)
        self.velocities = [(torch.zeros_like(w), torch.zeros_like(b)) for w, b in layers_now]

    def select(self, replicas: Tensor) -> None:
        """Keep these replicas, in this order; an index that comes twice makes a copy."""
        self.weights = [w[replicas] for w in self.weights]
        self.biases = [b[replicas] for b in self.biases]
        self.velocities = [(v[replicas], u[replicas]) for v, u in self.velocities]

    def activations(self, inputs: Tensor) -> list[Tensor]:
        """Inputs, hidden layers and logits, each of shape (replicas, batch, layer)."""
        found = [inputs]
        for depth, (w, b) in enumerate(zip(self.weights, self.biases, strict=True), start=1):
            z = torch.baddbmm(b[:, None], found[-1], w)
            found.append(z.tanh_() if depth < len(self.weights) else z)
        return found

    def update(self, inputs: Tensor, labels: Tensor, learning_rates: Tensor) -> None:
        """One SGD update of every replica: its batch (replicas, batch, features), its labels, its learning rate."""
        *hidden, logits = self.activations(inputs)
        slope = torch.softmax(logits, dim=2)
        slope.scatter_add_(2, labels[..., None], torch.full((1, 1, 1), -1.0).expand(*labels.shape, 1))
        slope *= learning_rates[:, None, None] / labels.shape[1]
        for layer in reversed(range(len(self.weights))):
            w, below = self.weights[layer], hidden[layer]
            further = torch.bmm(slope, w.mT).mul_(1 - below * below) if layer else slope  # before w moves
            if self.momentum:
                v, u = self.velocities[layer]
                w += v.mul_(self.momentum).baddbmm_(below.mT, slope, alpha=-1)
                self.biases[layer] += u.mul_(self.momentum).sub_(slope.sum(dim=1))
            else:
                w.baddbmm_(below.mT, slope, alpha=-1)
                self.biases[layer].sub_(slope.sum(dim=1))
            slope = further

    def scores(self, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean cross-entropy (nats) and accuracy of each replica on the same samples."""
        logits = self._logits(inputs)
        return _cross_entropy(logits, labels), (logits.argmax(dim=2) == labels).float().mean(dim=1)

    def losses(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """Mean cross-entropy (nats) of each replica on the same samples."""
        return _cross_entropy(self._logits(inputs), labels)

    def _logits(self, inputs: Tensor) -> Tensor:
        return self.activations(inputs[None].expand(len(self.biases[0]), -1, -1))[-1]


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    right = logits.gather(2, labels[None, :, None].expand(len(logits), -1, -1))[..., 0]
    return (torch.logsumexp(logits, dim=2) - right).mean(dim=1)
