"""Momentum: what the document says of it, and the loss of runs that have it."""

import numpy as np

from trainphys.chapters.power.shared.heavy_ball import heavy_ball
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.systems.noisy_quadratic import NoisyQuadratic


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
