"""Linear regression on standardised columns."""

import numpy as np
from sklearn.linear_model import LinearRegression

from trainphys.arrays import Array

STILL = 1e-10  # a column that varies by less, relative to its size, is constant


def standardised(fit: Array, judge: Array) -> tuple[Array, Array]:
    """Columns with mean 0 and variance 1 on the rows of the fit; constant columns become 0.

    >>> standardised(np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([[5.0, 5.0]]))[1].tolist()
    [[3.0, 0.0]]
    """
    mean, spread = fit.mean(axis=0), fit.std(axis=0)
    moving = spread > STILL * np.maximum(1.0, np.abs(mean))
    scale = np.where(moving, 1.0 / np.where(moving, spread, 1.0), 0.0)
    return (fit - mean) * scale, (judge - mean) * scale


def least_squares(fit: Array, target: Array, judge: Array) -> Array:
    """Linear regression with intercept on standardised columns.

    >>> least_squares(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), np.array([[3.0]])).round(9).tolist()
    [7.0]
    """
    a, b = standardised(fit, judge)
    return np.asarray(LinearRegression().fit(a, target).predict(b))
