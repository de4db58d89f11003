"""What one update gains at a batch size: the best learning rate, and the decrease of the loss that is left to noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import above_zero, not_below, positive
from trainphys.systems.noisy_quadratic import NoisyQuadratic


def best_learning_rate(batch_size: ArrayLike, largest: float, noise_batch_size: float) -> Array:
    r"""Learning rate that gains most in an update: $\eta=\eta_{\max}/(1+B_{\rm noise}/B)$.

    It grows in proportion to a small batch, and saturates at a large one.

    Args:
        batch_size: > 0, in samples.
        largest: $\eta_{\max}$ > 0, the best with the exact gradient.
        noise_batch_size: $B_{\rm noise}$ > 0, in samples, where the noise costs half the step.

    Raises:
        ValueError: an argument that is not positive.

    Source: McCandlish et al. (2018).

    >>> best_learning_rate([100.0, 300.0], largest=8.0, noise_batch_size=100.0).tolist()
    [4.0, 6.0]
    """
    [batch] = above_zero(batch_size=batch_size)
    [rate, noise] = positive(largest=largest, noise_batch_size=noise_batch_size)
    return np.asarray(rate / (1 + noise / batch))


def best_expected_decrease(batch_size: float, noise_batch_size: float) -> float:
    r"""Largest mean decrease of one update over that of an exact gradient: $1/(1+B_{\rm noise}/B)$.

    Args:
        batch_size: samples per update, > 0.
        noise_batch_size: $B_{\rm noise}$ >= 0, in samples.

    Raises:
        ValueError: a batch size that is not positive or a negative noise scale.

    Source: McCandlish et al. (2018).

    >>> best_expected_decrease(30.0, noise_batch_size=10.0)
    0.75
    """
    above_zero(batch_size=batch_size)
    not_below(0, noise_batch_size=noise_batch_size)
    return 1 / (1 + noise_batch_size / batch_size)


def noise_batch_size(model: NoisyQuadratic) -> float:
    r"""Batch size $B_{\rm noise}=\operatorname{tr}(H\Sigma)/\operatorname{E}g^{\mathsf T}Hg$ at the model's start.

    The batch at which noise halves the best decrease; the gradient's mean is taken over the model's starts.
    Source: McCandlish et al. (2018).

    >>> noise_batch_size(NoisyQuadratic((1.0, 1.0), (8.0, 8.0)))
    8.0
    """
    h, c = np.array(model.curvature), np.array(model.noise)
    return float(np.sum(h * c) / (model.start**2 * np.sum(h**3)))


def update_quality(model: NoisyQuadratic, learning_rate: float, batch_size: float) -> float:
    r"""Mean first decrease over $\eta|g|^2$: $Q=1-\frac\eta2(g^{\mathsf T}Hg+\operatorname{tr}(H\Sigma)/B)/|g|^2$.

    >>> update_quality(NoisyQuadratic((1.0,), (4.0,)), 0.1, batch_size=4.0)
    0.9
    """
    above_zero(learning_rate=learning_rate, batch_size=batch_size)
    h = np.array(model.curvature)
    squared, along = model.start**2 * np.sum(h**2), model.start**2 * np.sum(h**3)
    return float(1 - learning_rate / 2 * along * (1 + noise_batch_size(model) / batch_size) / squared)
