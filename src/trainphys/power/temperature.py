"""Temperature of stochastic gradient descent: what learning rate, batch size and momentum make of gradient noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainphys.ensemble import stream
from trainphys.estimate import Estimate

Floats = NDArray[np.float64]


def sgd_temperature(
    learning_rate: ArrayLike,
    batch_size: ArrayLike,
    gradient_variance: float,
    momentum: ArrayLike = 0.0,
    curvature: float = 0.0,
) -> Floats:
    r"""Temperature $T=h\operatorname{Var}\theta$ of the stationary state in a quadratic well of curvature $h$.

    $$T=\frac{\eta c}{2B}\cdot\frac{1+\beta}{(1-\beta)(1+\beta-\eta h/2)}\;\to\;\frac{\eta c}{2B(1-\beta)}$$

    for short steps. It is the $T$ of the Boltzmann weight $e^{-L/T}$.

    Args:
        learning_rate: $\eta$ > 0.
        batch_size: $B$ > 0, samples per update.
        gradient_variance: $c$ > 0, variance of a single sample's gradient in this direction.
        momentum: $\beta$ between -1 and 1; velocity is not averaged, $v\leftarrow\beta v-\eta g$.
        curvature: $h$ >= 0; zero gives the limit of short steps.

    Raises:
        ValueError: an argument out of range, or $\eta h\ge2(1+\beta)$, where there is no stationary state.

    Source: limit of short steps, Mandt et al. (2017); the discrete form is derived in the chapter on stabilisation.

    >>> float(sgd_temperature(0.1, 5, 4.0)), float(sgd_temperature(0.1, 5, 4.0, momentum=0.5))
    (0.04, 0.08)
    """
    eta, batch, beta = (np.asarray(x, dtype=float) for x in (learning_rate, batch_size, momentum))
    if not (np.all(eta > 0) and np.all(batch > 0) and gradient_variance > 0 and np.all(np.abs(beta) < 1)):
        raise ValueError("expected learning_rate, batch_size, gradient_variance > 0 and |momentum| < 1")
    if curvature < 0 or np.any(eta * curvature >= 2 * (1 + beta)):
        raise ValueError(f"expected 0 <= curvature < 2 (1 + momentum) / learning_rate, got {curvature}: it diverges")
    short = eta * gradient_variance / (2 * batch * (1 - beta))
    return np.asarray(short * (1 + beta) / (1 + beta - eta * curvature / 2))


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
        velocity = momentum * velocity - learning_rate * gradient
        theta = theta + velocity
    return Estimate.from_samples(curvature * theta**2)
