"""Heavy ball runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.simulate.noisy_quadratic import watched
from trainphys.systems.noisy_quadratic import NoisyQuadratic


def claimed_momentum(alpha: ArrayLike) -> Array:
    r"""The document's momentum, $1-1/\sqrt\alpha$: negative for $\alpha<1$, and below -1 for $\alpha<1/4$.

    Args:
        alpha: batch size in units of the critical one, > 0.

    Source: document A, section 6.3.

    >>> claimed_momentum([0.25, 1.0, 4.0]).tolist()
    [-1.0, 0.0, 0.5]
    """
    return 1 - np.asarray(alpha, dtype=float) ** -0.5


def simulated_heavy_ball_loss(
    *,
    model: NoisyQuadratic,
    batch_size: float,
    learning_rate: float,
    momentum: float,
    updates: int,
    replicas: int,
    seed: int,
) -> Estimate:
    """Mean loss after a number of updates, measured by running replicas with momentum; no recursion of moments."""
    rng = stream(seed, "heavy-ball loss")
    h = np.array(model.curvature)
    kick = learning_rate * np.sqrt(np.array(model.noise) / batch_size)
    theta = model.start * rng.standard_normal((replicas, h.size))
    velocity = np.zeros_like(theta)
    for _ in range(updates):
        velocity = momentum * velocity - learning_rate * h * theta + kick * rng.standard_normal(theta.shape)
        theta = theta + velocity
    return Estimate.from_samples(0.5 * (theta**2) @ h)


def simulated_heavy_ball(
    *,
    model: NoisyQuadratic,
    batch_size: float,
    learning_rate: float,
    momentum: float,
    target_loss: float,
    replicas: int,
    seed: int,
    most_steps: int = 20_000,
) -> Estimate:
    """Updates to the target, measured by running replicas with momentum; no moment recursion is used."""
    rng = stream(seed, "heavy-ball")
    h = np.array(model.curvature, dtype=np.float32)
    pull = np.float32(learning_rate) * h
    kick = np.float32(learning_rate) * np.sqrt(np.array(model.noise, dtype=np.float32) / np.float32(batch_size))
    theta = np.float32(model.start) * rng.standard_normal((replicas, h.size), dtype=np.float32)
    velocity = np.zeros_like(theta)

    def update() -> None:
        np.multiply(velocity, np.float32(momentum), out=velocity)
        np.subtract(velocity, pull * theta, out=velocity)
        np.add(velocity, kick * rng.standard_normal(theta.shape, dtype=np.float32), out=velocity)
        np.add(theta, velocity, out=theta)

    return watched(update, theta, h, target_loss, most_steps).steps_to(target_loss)
