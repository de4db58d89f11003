"""Stochastic gradient descent of many replicas around a minimum, and what its noise does there, mode by mode."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import sqrtm

from trainphys.arrays import Array, Integers
from trainphys.checks import at_least, positive
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
    """

    curvature: Array  # H, shape (d, d), positive definite
    tilts: Array  # shape (samples, d), of mean zero

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
    """Quadratic loss with samples whose gradient covariance, shape (d, d), is exactly the one asked for.

    The tilts are skewed (centred exponentials), so that a single one is far from Gaussian. The curvature is that of
    the modes, shape (d,), or the Hessian, shape (d, d).

    >>> model = tilted_quadratic([1.0, 2.0], [[3.0, 1.0], [1.0, 2.0]])
    >>> model.gradient_covariance(model.minimum()).round(9)
    array([[3., 1.],
           [1., 2.]])
    """
    h, wanted = np.asarray(curvature, dtype=float), np.asarray(covariance, dtype=float)
    h = np.diag(h) if h.ndim == 1 else h
    at_least(len(h) + 1, samples=samples)  # else the covariance has no full rank
    scale = np.abs(wanted).max()
    if not np.allclose(wanted, wanted.T, atol=1e-8 * scale) or np.linalg.eigvalsh(wanted).min() < -1e-9 * scale:
        raise ValueError(f"expected a covariance, symmetric and never negative, got {wanted.tolist()}")
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
        return Estimate.from_samples(self._energies()[:, np.asarray(modes)].mean(axis=1))

    def relative_temperature(self, modes: ArrayLike) -> Estimate:
        r"""Temperature of some modes over that of the mean loss, $2\langle L-L_{\min}\rangle/d$, of the same run."""
        energies = self._energies()
        return Estimate.ratio_of_paired(energies[:, np.asarray(modes)].mean(axis=1), energies.mean(axis=1))

    def turning_along(self, pattern: ArrayLike) -> Estimate:
        """Turns of all planes projected on a predicted pattern: one where they follow it, zero without any turning."""
        expected = np.asarray(pattern, dtype=float)
        return Estimate.from_samples((self.turns * expected).sum(axis=(1, 2)) / (expected**2).sum())

    def _energies(self) -> Array:
        return np.asarray(np.einsum("rii->ri", self.products) * self.curvature)


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
    at_least(1, batch_size=batch_size, steps=steps, replicas=replicas, every=every)
    at_least(0, burn_in=burn_in)
    positive(learning_rate=learning_rate)
    if steps % every:
        raise ValueError(f"expected steps a multiple of every, got {steps} and {every}: else the mean is wrong")
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


def descend(
    model: SampledLoss,
    learning_rates: ArrayLike,
    batch_sizes: ArrayLike,
    start: ArrayLike,
    rng: np.random.Generator,
) -> Array:
    """Parameters of all replicas, shape (replicas, d), after one update for each learning rate and batch size.

    Batches are drawn with replacement.
    """
    theta = np.array(start, dtype=float)
    for size in np.asarray(batch_sizes).tolist():
        at_least(1, batch_size=size)
    for rate, size in zip(np.asarray(learning_rates, dtype=float), np.asarray(batch_sizes), strict=True):
        theta -= rate * model.batch_gradients(theta, rng.integers(model.samples, size=(len(theta), int(size))))
    return theta


def noise_level(
    model: SampledLoss, theta: ArrayLike, batch_size: int, draws: int, rng: np.random.Generator
) -> Estimate:
    """Variance of the gradient of a batch at one place, summed over the directions, times the batch size.

    Measured from pairs of independent batches: half their squared distance.
    """
    at = np.tile(np.asarray(theta, dtype=float), (draws, 1))
    one, other = (model.batch_gradients(at, rng.integers(model.samples, size=(draws, batch_size))) for _ in range(2))
    return Estimate.from_samples(batch_size * ((one - other) ** 2).sum(axis=1) / 2)
