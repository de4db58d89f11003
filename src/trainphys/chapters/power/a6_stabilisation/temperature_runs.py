"""The temperature at which stochastic gradient descent rests, measured."""

import numpy as np

from trainphys.chapters.power.shared.heavy_ball import heavy_ball
from trainphys.ensemble import stream
from trainphys.estimate import Estimate


def simulated_temperature(
    *,
    learning_rate: float,
    batch_size: float,
    momentum: float,
    curvature: float,
    gradient_variance: float,
    updates: int,
    replicas: int,
    seed: int,
) -> Estimate:
    """Temperature measured: many runs from rest, and the mean of curvature times square after ``updates`` updates."""
    rng = stream(seed, "temperature")
    noise = np.sqrt(gradient_variance / batch_size)
    theta, velocity = np.zeros(replicas), np.zeros(replicas)
    for _ in range(updates):
        gradient = curvature * theta + noise * rng.standard_normal(replicas)
        theta, velocity = heavy_ball(theta, velocity, learning_rate * gradient, momentum)
    return Estimate.from_samples(curvature * theta**2)
