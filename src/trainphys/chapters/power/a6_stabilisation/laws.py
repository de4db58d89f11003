"""The law of the best learning rate, fitted."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares

from trainphys.arrays import Array
from trainphys.laws.one_update import best_learning_rate


def fit_learning_rate(batch_size: ArrayLike, learning_rate: ArrayLike) -> tuple[float, float]:
    """Largest rate and noise batch size in ``best_learning_rate``, of least squared error in the logarithm."""
    batch, rate = np.asarray(batch_size, dtype=float), np.asarray(learning_rate, dtype=float)
    if batch.shape != rate.shape or batch.size < 2:
        raise ValueError(f"expected two points or more of each, got {batch.shape} and {rate.shape}")

    def residuals(x: Array) -> Array:
        return np.asarray(np.log(best_learning_rate(batch, *np.exp(x).tolist()) / rate))

    found = least_squares(residuals, np.log([rate.max(), np.median(batch)]))
    largest, noise = np.exp(found.x).tolist()
    return float(largest), float(noise)
