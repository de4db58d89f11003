"""Stochastic gradient descent of many replicas around a minimum, and what its noise does there, mode by mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import sqrtm

from trainphys.arrays import Array, Integers
from trainphys.estimate import Estimate


class SampledLoss(Protocol):
    """A loss that is a mean over samples, with everything that theory needs at hand."""

    @property
    def samples(self) -> int: ...
    @property
    def dimension(self) -> int: ...
    def minimum(self) -> Array: ...
    def hessian(self, theta: ArrayLike) -> Array: ...
    def gradient_covariance(self, theta: ArrayLike) -> Array: ...
    def batch_gradients(self, theta: Array, chosen: Integers) -> Array: ...


@dataclass(frozen=True, slots=True)
class TiltedQuadratic:
    r"""Quadratic loss whose samples differ by a tilt: $\ell_n=\tfrac12\theta^{\mathsf T}H\theta+\xi_n\cdot\theta$.

    Its gradient noise does not depend on where the parameters are.

    Args:
        curvature: H, shape (d, d), positive definite.
        tilts: the $\xi_n$, shape (samples, d), of mean zero.

    Raises:
        ValueError: shapes that do not fit, or tilts whose mean is not zero.
    """

    curvature: Array
    tilts: Array

    def __post_init__(self) -> None:
        d = len(self.curvature)
        if self.curvature.shape != (d, d) or self.tilts.ndim != 2 or self.tilts.shape[1] != d:
            raise ValueError(f"expected tilts of shape (samples, {d}), got {self.tilts.shape}")
        if np.abs(self.tilts.mean(axis=0)).max() > 1e-9 * (1 + np.abs(self.tilts).max()):
            raise ValueError("expected tilts of mean zero, got another mean: subtract it")

    @property
    def samples(self) -> int:
        return len(self.tilts)

    @property
    def dimension(self) -> int:
        return len(self.curvature)

    def minimum(self) -> Array:
        return np.zeros(self.dimension)

    def hessian(self, theta: ArrayLike) -> Array:
        return self.curvature

    def gradient_covariance(self, theta: ArrayLike) -> Array:
        return np.asarray(self.tilts.T @ self.tilts / self.samples)

    def batch_gradients(self, theta: Array, chosen: Integers) -> Array:
        return np.asarray(theta @ self.curvature + self.tilts[chosen].mean(axis=1))


def tilted_quadratic(curvature: ArrayLike, covariance: ArrayLike, samples: int = 500, seed: int = 0) -> TiltedQuadratic:
    """Quadratic loss with samples whose gradient covariance is exactly the one asked for.

    The tilts are skewed (centred exponentials), so that a single one is far from Gaussian.

    Args:
        curvature: curvatures of the modes, shape (d,), or the Hessian, shape (d, d).
        covariance: wanted gradient covariance of one sample, shape (d, d).
        samples: size of the data set, more than d.
        seed: of the tilts.

    Raises:
        ValueError: too few samples for a covariance of full rank.

    >>> model = tilted_quadratic([1.0, 2.0], [[3.0, 1.0], [1.0, 2.0]])
    >>> model.gradient_covariance(model.minimum()).round(9)
    array([[3., 1.],
           [1., 2.]])
    """
    h, wanted = np.asarray(curvature, dtype=float), np.asarray(covariance, dtype=float)
    h = np.diag(h) if h.ndim == 1 else h
    if samples <= len(h):
        raise ValueError(f"expected more than {len(h)} samples, got {samples}")
    raw = np.random.default_rng(seed).exponential(size=(samples, len(h)))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(sqrtm(raw.T @ raw / samples).real)
    return TiltedQuadratic(h, white @ sqrtm(wanted).real)


@dataclass(frozen=True, slots=True)
class RestingModes:
    """Replicas at rest, in the eigenbasis of the Hessian (of its preconditioned form, if there is one)."""

    curvature: Array  # mode
    noise: Array  # mode, mode: gradient covariance of one sample
    products: Array  # replica, mode, mode: mean over time of q_i q_j
    turns: Array  # replica, mode, mode: mean over steps of q_i dq_j - q_j dq_i

    def temperature(self, modes: ArrayLike) -> Estimate:
        r"""Temperature $h_i\langle q_i^2\rangle$ averaged over some modes."""
        chosen = np.asarray(modes)
        squares = np.einsum("rii->ri", self.products)[:, chosen]
        return Estimate.from_samples((squares * self.curvature[chosen]).mean(axis=1))

    def relative_temperature(self, modes: ArrayLike) -> Estimate:
        """Temperature of some modes over that of the mean loss, $2\\langle L-L_{\\min}\\rangle/d$, of the same run."""
        energies = np.einsum("rii->ri", self.products) * self.curvature
        return mean_ratio(energies[:, np.asarray(modes)].mean(axis=1), energies.mean(axis=1))

    def turning_along(self, pattern: ArrayLike) -> Estimate:
        """Turns of all planes projected on a predicted pattern: one where they follow it, zero without any turning."""
        expected = np.asarray(pattern, dtype=float)
        return Estimate.from_samples((self.turns * expected).sum(axis=(1, 2)) / (expected**2).sum())


def stationary_modes(
    model: SampledLoss,
    learning_rate: float,
    batch_size: int,
    steps: int,
    replicas: int,
    rng: np.random.Generator,
    *,
    burn_in: int,
    every: int = 10,
    preconditioner: ArrayLike | None = None,
) -> RestingModes:
    r"""Run $\theta\leftarrow\theta-\eta P\bar g$ from the minimum; batches are drawn with replacement.

    With a preconditioner P the modes are those of $P^{1/2}HP^{1/2}$ and $q=V^{\mathsf T}P^{-1/2}(\theta-\theta^*)$, so
    that the loss is still $\tfrac12\sum h_iq_i^2$.

    Args:
        model: the loss.
        learning_rate: $\eta>0$.
        batch_size: B >= 1.
        steps: updates that are averaged over, a multiple of ``every``.
        replicas: independent runs.
        rng: draws the batches.
        burn_in: updates before; several relaxation times of the softest mode.
        every: updates between two measurements.
        preconditioner: P, symmetric and positive; by default the identity.

    Raises:
        ValueError: counts that are not positive or do not fit.
        FloatingPointError: the runs diverge.
    """
    if min(batch_size, steps, replicas, every) < 1 or steps % every or burn_in < 0:
        raise ValueError(f"expected positive counts and steps a multiple of every, got {steps} and {every}")
    centre = model.minimum()
    root = np.eye(model.dimension) if preconditioner is None else sqrtm(np.asarray(preconditioner)).real
    curvature, vectors = np.linalg.eigh(root @ model.hessian(centre) @ root)
    into = np.linalg.solve(root, vectors)  # q = (theta - centre) @ into
    noise = vectors.T @ root @ model.gradient_covariance(centre) @ root @ vectors
    mobility = learning_rate * root @ root
    theta = np.tile(centre, (replicas, 1))
    products: Any = np.zeros((replicas, model.dimension, model.dimension))
    turns: Any = np.zeros_like(products)
    for k in range(burn_in + steps):
        chosen = rng.integers(model.samples, size=(replicas, batch_size))
        change = -model.batch_gradients(theta, chosen) @ mobility
        if k >= burn_in and (k - burn_in) % every == 0:
            q, dq = (theta - centre) @ into, change @ into
            products += q[:, :, None] * q[:, None, :]
            turns += q[:, :, None] * dq[:, None, :]
        theta += change
    if not np.isfinite(theta).all():
        raise FloatingPointError("expected finite parameters, got runs that diverge: lower the learning rate")
    count = steps // every
    return RestingModes(curvature, noise, products / count, (turns - turns.transpose(0, 2, 1)) / count)


def mean_ratio(above: ArrayLike, below: ArrayLike) -> Estimate:
    """Ratio of two means over the same replicas, with the error of its linear expansion.

    >>> mean_ratio([2.0, 4.0], [1.0, 2.0]).value
    2.0
    """
    x, y = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    if x.shape != y.shape or x.size < 2:
        raise ValueError(f"expected two equally long arrays of at least 2 replicas, got {x.shape} and {y.shape}")
    ratio = x.mean() / y.mean()
    found = Estimate.from_samples((x - ratio * y) / y.mean())
    return Estimate(ratio, found.stderr, x.size, x.size - 1)


def descend(
    model: SampledLoss,
    learning_rates: ArrayLike,
    batch_sizes: ArrayLike,
    start: ArrayLike,
    rng: np.random.Generator,
) -> Array:
    """Parameters of all replicas after updates whose learning rate and batch size change on the way.

    Args:
        model: the loss.
        learning_rates: one an update, > 0.
        batch_sizes: one an update, >= 1; drawn with replacement.
        start: shape (replicas, dimension).
        rng: draws the batches.

    Raises:
        ValueError: as many learning rates as batch sizes are needed.
    """
    theta = np.array(start, dtype=float)
    rates, sizes = np.asarray(learning_rates, dtype=float), np.asarray(batch_sizes, dtype=np.int64)
    if rates.shape != sizes.shape or rates.ndim != 1:
        raise ValueError(f"expected a learning rate and a batch size for each update, got {rates.shape}, {sizes.shape}")
    for rate, size in zip(rates, sizes, strict=True):
        theta -= rate * model.batch_gradients(theta, rng.integers(model.samples, size=(len(theta), int(size))))
    return theta


def quotient(above: Estimate, below: Estimate) -> Estimate:
    """Quotient of two independent estimates, its error to first order.

    >>> quotient(Estimate(6.0, 0.0, 9), Estimate(2.0, 0.2, 9)).stderr
    0.30000000000000004
    """
    value = above.value / below.value
    error = np.hypot(above.stderr / below.value, value * below.stderr / below.value)
    return Estimate(value, float(error), min(above.n, below.n), min(above.dof, below.dof))


def diffusion_along(
    model: SampledLoss,
    theta: ArrayLike,
    direction: ArrayLike,
    learning_rate: float,
    batch_size: int,
    draws: int,
    rng: np.random.Generator,
) -> Estimate:
    r"""Diffusion coefficient of one update along a direction, $D=\tfrac12\operatorname{Var}(\Delta\theta\cdot n)$.

    Measured from pairs of independent batches at one place, in parameters squared per update.
    """
    at, n = np.tile(np.asarray(theta, dtype=float), (draws, 1)), np.asarray(direction, dtype=float)
    one, other = (
        model.batch_gradients(at, rng.integers(model.samples, size=(draws, batch_size))) @ n for _ in range(2)
    )
    return Estimate.from_samples(learning_rate**2 * (one - other) ** 2 / 4)


def noise_level(
    model: SampledLoss, theta: ArrayLike, batch_size: int, draws: int, rng: np.random.Generator
) -> Estimate:
    """Variance of the gradient of a batch at one place, summed over the directions, times the batch size.

    Measured from pairs of independent batches: half their squared distance.
    """
    at = np.tile(np.asarray(theta, dtype=float), (draws, 1))
    one, other = (model.batch_gradients(at, rng.integers(model.samples, size=(draws, batch_size))) for _ in range(2))
    return Estimate.from_samples(batch_size * ((one - other) ** 2).sum(axis=1) / 2)
