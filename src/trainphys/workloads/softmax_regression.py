"""Softmax regression on the handwritten digits: real data, with curvature and gradient noise exactly known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import helmert
from scipy.special import log_softmax, softmax
from sklearn.datasets import load_digits

from trainphys.arrays import Array, Integers
from trainphys.checks import positive, within
from trainphys.errors import NotConverged


@dataclass(frozen=True, slots=True)
class SoftmaxRegression:
    r"""Multinomial logistic regression with a ridge, $L(\theta)=\frac1N\sum_n\ell_n(\theta)+\frac\rho2|\theta|^2$.

    The logits are $z=ZW^{\mathsf T}x$, with $\theta$ the entries of $W$ (feature by contrast, row by row) and $Z$ an
    orthonormal basis of the class contrasts. Adding one number to all logits changes nothing; that direction is left
    out, so every parameter matters and the loss is strictly convex.

    """

    inputs: Array  # sample, feature; a constant feature is the bias
    labels: Integers  # 0 to classes - 1
    classes: int
    ridge: float  # part of the loss of every sample, hence without noise

    def __post_init__(self) -> None:
        within(0, self.classes - 1, labels=self.labels)
        positive(ridge=self.ridge)  # without it the minimum may lie at infinity

    @property
    def samples(self) -> int:
        return len(self.labels)

    @property
    def dimension(self) -> int:
        """Number of parameters, features times (classes - 1)."""
        return int(self.inputs.shape[1]) * (self.classes - 1)

    @property
    def contrasts(self) -> Array:
        """The basis Z, shape (classes, classes - 1): orthonormal columns that sum to zero."""
        return np.asarray(helmert(self.classes).T)

    def loss(self, theta: ArrayLike) -> float:
        """Mean cross-entropy in nats, plus the ridge term."""
        t = self._vector(theta)
        right = log_softmax(self._logits(t), axis=1)[np.arange(self.samples), self.labels]
        return float(-right.mean() + self.ridge / 2 * t @ t)

    def accuracy(self, theta: ArrayLike) -> float:
        """Share of samples whose class has the largest logit."""
        return float((self._logits(self._vector(theta)).argmax(axis=1) == self.labels).mean())

    def sample_gradients(self, theta: ArrayLike) -> Array:
        """Gradient of each sample's loss, shape (samples, dimension)."""
        t = self._vector(theta)
        slopes = self._slopes(t)
        return np.asarray((self.inputs[:, :, None] * slopes[:, None, :]).reshape(self.samples, -1) + self.ridge * t)

    def gradient(self, theta: ArrayLike) -> Array:
        t = self._vector(theta)
        return np.asarray((self.inputs.T @ self._slopes(t)).ravel() / self.samples + self.ridge * t)

    def gradient_covariance(self, theta: ArrayLike) -> Array:
        r"""Exact covariance C of the gradient of one sample, drawn from the data with equal chances.

        A batch of B drawn with replacement has gradient covariance C/B; without replacement,
        $\frac CB\,\frac{N-B}{N-1}$.
        """
        g = self.sample_gradients(theta)
        g -= g.mean(axis=0)
        return np.asarray(g.T @ g / self.samples)

    def hessian(self, theta: ArrayLike) -> Array:
        r"""Exact Hessian, $\frac1N\sum_nx_nx_n^{\mathsf T}\otimes Z^{\mathsf T}(\operatorname{diag}p_n-p_np_n^{\mathsf
        T})Z+\rho$."""
        share, z = softmax(self._logits(self._vector(theta)), axis=1), self.contrasts
        mean = share @ z
        features, width = self.inputs.shape[1], z.shape[1]
        h = np.empty((features, width, features, width))
        for k in range(width):
            for j in range(width):
                weight = share @ (z[:, k] * z[:, j]) - mean[:, k] * mean[:, j]
                h[:, k, :, j] = self.inputs.T @ (weight[:, None] * self.inputs) / self.samples
        return np.asarray(h.reshape(self.dimension, -1) + self.ridge * np.eye(self.dimension))

    def minimum(self, tolerance: float = 1e-12) -> Array:
        """The only minimum, by damped Newton steps from zero; ``NotConverged`` after 100 steps."""
        t = np.zeros(self.dimension)
        for _ in range(100):
            g = self.gradient(t)
            if np.abs(g).max() < tolerance:
                return t
            step = np.linalg.solve(self.hessian(t), g)
            scale, now = 1.0, self.loss(t)
            while self.loss(t - scale * step) > now and scale > 1e-6:
                scale /= 2
            t = t - scale * step
        size = np.abs(g).max()
        raise NotConverged(f"expected a gradient below {tolerance}, got {size:.1e} after 100 steps: raise the ridge", t)

    def batch_gradients(self, theta: Array, chosen: Integers) -> Array:
        """Gradients (replicas, dimension) of many replicas at once, each on its batch ``chosen`` (replicas, batch)."""
        x = self.inputs[chosen]
        w = theta.reshape(len(theta), x.shape[2], -1)
        z = self.contrasts
        slope = softmax_into(x @ w @ z.T) @ z - z[self.labels[chosen]]
        return np.asarray((x.mT @ slope).reshape(theta.shape) / chosen.shape[1] + self.ridge * theta)

    def _vector(self, theta: ArrayLike) -> Array:
        t = np.asarray(theta, dtype=float)
        if t.shape != (self.dimension,):
            raise ValueError(f"expected {self.dimension} parameters in one row, got shape {t.shape}")
        return t

    def _logits(self, t: Array) -> Array:
        return np.asarray(self.inputs @ t.reshape(self.inputs.shape[1], -1) @ self.contrasts.T)

    def _slopes(self, t: Array) -> Array:
        """Derivative of each sample's cross-entropy by the contrasts of its logits, shape (samples, classes - 1)."""
        z = self.contrasts
        return np.asarray(softmax(self._logits(t), axis=1) @ z - z[self.labels])


def softmax_into(logits: Array) -> Array:
    """Softmax over the last of three axes, in place."""
    logits -= logits.max(axis=2, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=2, keepdims=True)
    return logits


def softmax_digits(ridge: float = 0.01, pool: int = 2, label_noise: float = 0.0, seed: int = 0) -> SoftmaxRegression:
    """Softmax regression on scikit-learn's digits, with a bias; pixels lie in 0..1 less their mean over the data.

    Squares of pixels with side ``pool`` are averaged: 1 (64 inputs, 585 parameters), 2 (16 and 153) or 4 (4 and 45).
    ``label_noise`` is the share of the labels that are drawn anew from all classes.

    >>> model = softmax_digits(ridge=0.1)
    >>> model.dimension, model.samples, bool(abs(model.loss(np.zeros(153)) - np.log(10)) < 1e-12)
    (153, 1797, True)
    """
    if pool not in (1, 2, 4):
        raise ValueError(f"expected pool 1, 2 or 4, got {pool}: it divides the side of 8 pixels")
    within(0, 1, label_noise=label_noise)
    pixels, labels = load_digits(return_X_y=True)
    side = 8 // pool
    x = (pixels / 16.0).reshape(-1, side, pool, side, pool).mean(axis=(2, 4)).reshape(len(pixels), -1)
    x = np.column_stack([x - x.mean(axis=0), np.ones(len(x))])
    labels = labels.astype(np.int64)
    rng = np.random.default_rng(seed)
    redrawn = rng.random(len(labels)) < label_noise
    labels[redrawn] = rng.integers(10, size=int(redrawn.sum()))
    return SoftmaxRegression(x, labels, 10, ridge)
