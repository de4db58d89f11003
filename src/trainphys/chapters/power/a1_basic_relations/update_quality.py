"""The best single update of the noisy quadratic, from losses before and after it."""

import math

import numpy as np

from trainphys.arrays import Array
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.systems.noisy_quadratic import NoisyQuadratic


def simulated_best_quality(
    *, model: NoisyQuadratic, batch_sizes: tuple[float, ...], replicas: int, seed: int
) -> list[Estimate]:
    """Best mean decrease of one update over the exact gradient's, from losses before and after it.

    Each replica makes the same update at two learning rates. Three losses fix the parabola of its decrease, whose mean
    over replicas has its top at the best learning rate.
    """
    found = []
    for index, batch in enumerate(batch_sizes):
        rng = stream(seed, "update-quality", index)
        h = np.array(model.curvature)
        theta = model.start * rng.standard_normal((replicas, h.size))
        noise = np.sqrt(np.array(model.noise) / batch) * rng.standard_normal(theta.shape)
        noisy, exact = (_parabola(theta, h, h * theta + error) for error in (noise, 0.0))
        value = _top(*noisy.mean(axis=1)) / _top(*exact.mean(axis=1))
        influence = _influence(noisy) - _influence(exact)  # of the logarithm, replica by replica
        error = value * float(influence.std(ddof=1)) / math.sqrt(replicas)
        found.append(Estimate(value, error, replicas, replicas - 1))
    return found


def simulated_quality(
    *, model: NoisyQuadratic, batch_size: float, learning_rate: float, replicas: int, seed: int
) -> Estimate:
    r"""Mean decrease of one update over $\eta|\nabla L|^2$, from losses before and after it."""
    rng = stream(seed, "one-quality", round(1000 * batch_size))
    h = np.array(model.curvature)
    theta = model.start * rng.standard_normal((replicas, h.size))
    noise = np.sqrt(np.array(model.noise) / batch_size) * rng.standard_normal(theta.shape)
    after = theta - learning_rate * (h * theta + noise)
    return Estimate.ratio_of_paired(0.5 * (theta**2 - after**2) @ h, learning_rate * (h * theta) ** 2 @ np.ones(h.size))


def _parabola(theta: Array, h: Array, gradient: Array) -> Array:
    """Slope and bend of every replica's decrease ``slope * rate - bend * rate**2``, shape (2, replicas)."""
    rate = 1.0
    before, at_half, at_whole = (0.5 * (theta - r * gradient) ** 2 @ h for r in (0.0, rate / 2, rate))
    half, whole = before - at_half, before - at_whole
    return np.array([(4 * half - whole) / rate, (4 * half - 2 * whole) / rate**2])


def _top(slope: float, bend: float) -> float:
    return float(slope**2 / (4 * bend))


def _influence(parabola: Array) -> Array:
    slope, bend = parabola
    return np.asarray(2 * slope / slope.mean() - bend / bend.mean())
