"""Momentum: what the document says of it, and the loss of runs that have it."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.chapters.power.shared.heavy_ball import heavy_ball
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.systems.noisy_quadratic import NoisyQuadratic


def claimed_momentum(alpha: ArrayLike) -> Array:
    r"""The document's momentum, $1-1/\sqrt\alpha$: negative for $\alpha<1$, and below -1 for $\alpha<1/4$.

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
        push = learning_rate * h * theta - kick * rng.standard_normal(theta.shape)
        theta, velocity = heavy_ball(theta, velocity, push, momentum)
    return Estimate.from_samples(0.5 * (theta**2) @ h)
