"""The handwritten digits of scikit-learn, and small networks on them that train side by side."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Digits:
    """Pixels in [0, 1] with their mean over the data removed, shape (1797, 64), and labels 0 to 9."""

    pixels: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@functools.cache
def digits() -> Digits:
    """The data set, from scikit-learn's own copy."""
    pixels, labels = load_digits(return_X_y=True)
    pixels = pixels / 16.0
    return Digits(torch.tensor(pixels - pixels.mean(axis=0), dtype=torch.float32), torch.tensor(labels))


class Networks:
    """Fully connected tanh networks with a softmax on top, one independent copy for each replica.

    One matrix product serves a layer of all replicas; gradients are written out by hand.

    Args:
        layers: sizes from input to output; two sizes make a softmax regression, which starts at zero.
        rng: draws the first weights, normal with variance 1/fan-in; biases start at zero.
        replicas: number of networks.
        momentum: heavy-ball coefficient, in [0, 1); the learning rate must not change during a run that uses it.
    """

    def __init__(self, layers: tuple[int, ...], rng: np.random.Generator, replicas: int, momentum: float = 0.0) -> None:
        if len(layers) < 2:
            raise ValueError(f"expected at least an input and an output size, got {layers}")
        if not 0 <= momentum < 1:
            raise ValueError(f"expected 0 <= momentum < 1, got {momentum}")
        scale = 0.0 if len(layers) == 2 else 1.0
        self.momentum = momentum
        self.weights: list[Tensor] = []
        self.biases: list[Tensor] = []
        for fan_in, fan_out in itertools.pairwise(layers):
            drawn = scale * rng.standard_normal((replicas, fan_in, fan_out), dtype=np.float32) / np.float32(fan_in**0.5)
            self.weights.append(torch.from_numpy(drawn))
            self.biases.append(torch.zeros(replicas, fan_out))
        self.velocities = [
            (torch.zeros_like(w), torch.zeros_like(b)) for w, b in zip(self.weights, self.biases, strict=True)
        ]

    def select(self, replicas: Tensor) -> None:
        """Keep these replicas, in this order; an index that comes twice makes a copy."""
        self.weights = [w[replicas] for w in self.weights]
        self.biases = [b[replicas] for b in self.biases]
        self.velocities = [(v[replicas], u[replicas]) for v, u in self.velocities]

    def activations(self, inputs: Tensor) -> list[Tensor]:
        """Inputs, hidden layers and logits, each of shape (replicas, batch, layer)."""
        found = [inputs]
        for depth, (w, b) in enumerate(zip(self.weights, self.biases, strict=True), start=1):
            z = torch.bmm(found[-1], w).add_(b[:, None])
            found.append(z.tanh_() if depth < len(self.weights) else z)
        return found

    def step(self, inputs: Tensor, labels: Tensor, learning_rates: Tensor) -> None:
        """One update of every replica: its batch (replicas, batch, features), its labels, its learning rate."""
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

    def losses(self, data: Digits) -> Tensor:
        """Mean cross-entropy of each replica on all data, in nats."""
        replicas = len(self.biases[0])
        logits = self.activations(data.pixels[None].expand(replicas, -1, -1))[-1]
        right = logits.gather(2, data.labels[None, :, None].expand(replicas, -1, -1))[..., 0]
        return (torch.logsumexp(logits, dim=2) - right).mean(dim=1)
