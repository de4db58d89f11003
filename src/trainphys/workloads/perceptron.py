"""A small perceptron on the handwritten digits, for many replicas at once: one hidden layer, a ridge, no convexity."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import cross_entropy

from trainphys.arrays import Array, Integers
from trainphys.workloads.softmax_regression import softmax_digits, softmax_into


@dataclass(frozen=True, slots=True)
class Perceptron:
    r"""One hidden tanh layer, $z=V\tanh(Wx)$, with mean cross-entropy plus $\frac\rho2|\theta|^2$ as loss."""

    inputs: Array  # sample, feature; a constant feature is the bias
    labels: Integers  # 0 to 9
    hidden: int
    ridge: float

    @property
    def samples(self) -> int:
        return len(self.labels)

    @property
    def dimension(self) -> int:
        return self.hidden * (int(self.inputs.shape[1]) + 10)

    def start(self, rng: np.random.Generator, replicas: int) -> Array:
        """First parameters, normal with variance 1/fan-in, shape (replicas, dimension)."""
        features = self.inputs.shape[1]
        w = rng.standard_normal((replicas, features * self.hidden)) / features**0.5
        return np.concatenate([w, rng.standard_normal((replicas, 10 * self.hidden)) / self.hidden**0.5], axis=1)

    def batch_gradients(self, theta: Array, chosen: Integers) -> Array:
        """Gradients (replicas, dimension) of many replicas at once, each on its batch ``chosen`` (replicas, batch)."""
        x = self.inputs[chosen]  # replica, batch, feature
        split = x.shape[2] * self.hidden
        w = theta[:, :split].reshape(len(theta), x.shape[2], self.hidden)
        v = theta[:, split:].reshape(len(theta), self.hidden, 10)
        a = np.tanh(x @ w)
        slope = softmax_into(a @ v)
        slope -= np.eye(10)[self.labels[chosen]]
        back = (slope @ v.mT) * (1 - a * a)
        found = np.concatenate([(x.mT @ back).reshape(len(theta), -1), (a.mT @ slope).reshape(len(theta), -1)], axis=1)
        return np.asarray(found / chosen.shape[1] + self.ridge * theta)

    def settle(self, theta: Array, learning_rate: float = 1.0, momentum: float = 0.9, updates: int = 3000) -> Array:
        """Descend the exact gradient, all replicas at once: close to a minimum where the ridge makes one."""
        velocity, theta = np.zeros_like(theta), theta.copy()
        whole = np.broadcast_to(np.arange(self.samples), (len(theta), self.samples))
        for _ in range(updates):
            velocity = momentum * velocity - learning_rate * self.batch_gradients(theta, whole)
            theta += velocity
        return theta

    def hessian(self, theta: ArrayLike) -> Array:
        """Exact Hessian of the mean loss, shape (dimension, dimension), by automatic differentiation."""
        x, labels = torch.from_numpy(self.inputs), torch.from_numpy(self.labels)
        split = self.inputs.shape[1] * self.hidden

        def loss(t: Tensor) -> Tensor:
            a = torch.tanh(x @ t[:split].reshape(-1, self.hidden))
            return cross_entropy(a @ t[split:].reshape(self.hidden, 10), labels) + self.ridge / 2 * (t @ t)

        at = torch.from_numpy(np.asarray(theta, dtype=float))
        return np.asarray(torch.autograd.functional.hessian(loss, at).numpy())  # type: ignore[no-untyped-call]


def perceptron_digits(hidden: int = 8, ridge: float = 0.0, pool: int = 4) -> Perceptron:
    """The perceptron on scikit-learn's digits, with pixels averaged over squares of side ``pool``.

    >>> perceptron_digits(hidden=8).dimension
    120
    """
    data = softmax_digits(ridge=1.0, pool=pool)
    return Perceptron(data.inputs, data.labels, hidden, ridge)
