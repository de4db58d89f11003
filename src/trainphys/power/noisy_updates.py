"""What one update with a noisy gradient is worth: its mean decrease of the loss against that of an exact gradient."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.power.noisy_quadratic import NoisyQuadratic

Floats = NDArray[np.float64]


def noise_batch_size(model: NoisyQuadratic) -> float:
    r"""Batch size $B_{\rm noise}=\operatorname{tr}(H\Sigma)/\operatorname{E}g^{\mathsf T}Hg$ at the model's start.

    Args:
        model: noisy quadratic; the gradient's mean is taken over its starts.

    Returns:
        Samples; the batch at which noise halves the best decrease.

    Source: McCandlish et al. (2018).

    >>> noise_batch_size(NoisyQuadratic((1.0, 1.0), (8.0, 8.0)))
    8.0
    """
    h, c = np.array(model.curvature), np.array(model.noise)
    return float(np.sum(h * c) / (model.start**2 * np.sum(h**3)))


def update_quality(model: NoisyQuadratic, learning_rate: float, batch_size: float) -> float:
    r"""Mean decrease over $\eta|g|^2$: $Q=1-\frac\eta2(g^{\mathsf T}Hg+\operatorname{tr}(H\Sigma)/B)/|g|^2$.

    Args:
        model: noisy quadratic, at its start.
        learning_rate: $\eta$ > 0.
        batch_size: samples per update, > 0; infinity for the exact gradient.

    Returns:
        At most 1; negative when the update raises the loss on average.

    Raises:
        ValueError: an argument that is not positive.

    >>> update_quality(NoisyQuadratic((1.0,), (4.0,)), 0.1, batch_size=4.0)
    0.9
    """
    if not (learning_rate > 0 and batch_size > 0):
        raise ValueError(f"expected learning_rate, batch_size > 0, got {learning_rate}, {batch_size}: check the signs")
    h = np.array(model.curvature)
    squared, along = model.start**2 * np.sum(h**2), model.start**2 * np.sum(h**3)
    return float(1 - learning_rate / 2 * along * (1 + noise_batch_size(model) / batch_size) / squared)


def best_update_quality(batch_size: float, noise_batch_size: float) -> float:
    r"""Largest mean decrease of one update over that of an exact gradient: $1/(1+B_{\rm noise}/B)$.

    Args:
        batch_size: samples per update, > 0.
        noise_batch_size: $B_{\rm noise}$ >= 0, in samples.

    Raises:
        ValueError: a batch size that is not positive or a negative noise scale.

    Source: McCandlish et al. (2018).

    >>> best_update_quality(30.0, noise_batch_size=10.0)
    0.75
    """
    if not (batch_size > 0 and noise_batch_size >= 0):
        raise ValueError(f"expected batch_size > 0, noise_batch_size >= 0, got {batch_size}, {noise_batch_size}")
    return 1 / (1 + noise_batch_size / batch_size)


def simulated_best_quality(
    *, model: NoisyQuadratic, batch_sizes: tuple[float, ...], replicas: int, seed: int
) -> list[Estimate]:
    """Best mean decrease of one update over the exact gradient's, from losses before and after it.

    Each replica makes the same update at two learning rates. Three losses fix the parabola of its decrease, whose mean
    over replicas has its top at the best learning rate.

    Args:
        model: noisy quadratic, at its start.
        batch_sizes: samples per update, > 0.
        replicas: updates simulated, > 1.
        seed: root of the random stream.
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


def _parabola(theta: Floats, h: Floats, gradient: Floats) -> Floats:
    """Slope and bend of every replica's decrease ``slope * rate - bend * rate**2``, shape (2, replicas)."""
    rate = 1.0
    before, at_half, at_whole = (0.5 * (theta - r * gradient) ** 2 @ h for r in (0.0, rate / 2, rate))
    half, whole = before - at_half, before - at_whole
    return np.array([(4 * half - whole) / rate, (4 * half - 2 * whole) / rate**2])


def _top(slope: float, bend: float) -> float:
    return float(slope**2 / (4 * bend))


def _influence(parabola: Floats) -> Floats:
    slope, bend = parabola
    relative: Floats = 2 * slope / slope.mean() - bend / bend.mean()
    return relative
