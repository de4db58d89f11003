"""Networks with one hidden layer or more that train side by side, one copy for each replica."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import Tensor


class Replicas:
    """Fully connected tanh networks with a softmax on top; gradients are written out by hand.

    One matrix product serves a layer of all replicas.

    Args:
        layers: sizes from input to output, at least two.
        rng: draws the first weights, normal with variance 1/fan-in; biases start at zero.
        count: number of networks.

    Raises:
        ValueError: fewer than two sizes.
    """

    def __init__(self, layers: tuple[int, ...], rng: np.random.Generator, count: int) -> None:
        if len(layers) < 2:
            raise ValueError(f"expected at least an input and an output size, got {layers}")
        self.weights: list[Tensor] = []
        self.biases: list[Tensor] = []
        for fan_in, fan_out in itertools.pairwise(layers):
            drawn = rng.standard_normal((count, fan_in, fan_out), dtype=np.float32) / np.float32(fan_in**0.5)
            self.weights.append(torch.from_numpy(drawn))
            self.biases.append(torch.zeros(count, fan_out))

    def select(self, replicas: Tensor) -> None:
        """Keep these replicas, in this order; an index that comes twice makes a copy."""
        self.weights = [w[replicas] for w in self.weights]
        self.biases = [b[replicas] for b in self.biases]

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
            w.baddbmm_(below.mT, slope, alpha=-1)
            self.biases[layer].sub_(slope.sum(dim=1))
            slope = further

    def scores(self, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean cross-entropy (nats) and accuracy of each replica on the same samples."""
        count = len(self.biases[0])
        logits = self.activations(inputs[None].expand(count, -1, -1))[-1]
        right = logits.gather(2, labels[None, :, None].expand(count, -1, -1))[..., 0]
        loss = (torch.logsumexp(logits, dim=2) - right).mean(dim=1)
        return loss, (logits.argmax(dim=2) == labels).float().mean(dim=1)
