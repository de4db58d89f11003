"""Linear regression on standardised columns."""

import numpy as np

from trainphys.arrays import Array

STILL = 1e-10  # a column that varies by less, relative to its size, is constant
CUT = 1e-6  # directions of the columns that are this much shorter than the longest are left out, as in scikit-learn 1.9


def inverse_spread(mean: Array, spread: Array) -> Array:
    """One over each column's standard deviation; zero for a column that is constant."""
    moving = spread > STILL * np.maximum(1.0, np.abs(mean))
    return np.where(moving, 1.0 / np.where(moving, spread, 1.0), 0.0)


def standardising(fit: Array) -> tuple[Array, Array]:
    """Mean and inverse standard deviation of each column."""
    mean = fit.mean(axis=0)
    return mean, inverse_spread(mean, fit.std(axis=0))


def standardised(fit: Array, judge: Array) -> tuple[Array, Array]:
    """Columns with mean 0 and variance 1 on the rows of the fit; constant columns become 0.

    >>> standardised(np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([[5.0, 5.0]]))[1].tolist()
    [[3.0, 0.0]]
    """
    mean, scale = standardising(fit)
    return (fit - mean) * scale, (judge - mean) * scale


def solved(columns: Array, target: Array, asked: Array) -> Array:
    """Least squares with intercept on columns as they are; predictions at the rows that are asked.

    >>> solved(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), np.array([[3.0]])).round(9).tolist()
    [7.0]
    """
    centre, mean = columns.mean(axis=0), target.mean()
    weights = np.linalg.lstsq(columns - centre, target - mean, rcond=CUT)[0]
    return np.asarray((asked - centre) @ weights + mean)


def least_squares(fit: Array, target: Array, judge: Array) -> Array:
    """Linear regression with intercept on standardised columns.

    >>> least_squares(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), np.array([[3.0]])).round(9).tolist()
    [7.0]
    """
    a, b = standardised(fit, judge)
    return solved(a, target, b)
