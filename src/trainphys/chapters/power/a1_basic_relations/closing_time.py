"""Time to close a gap in the loss: the claimed first-order law, what it neglects, and descent itself."""

from collections.abc import Callable

import numpy as np

from trainphys.arrays import Array


def neglected_term(gap: float, learning_rate: float, squared_gradient: float, curvature_along: float) -> float:
    r"""Relative size of what the first-order law drops: $(\Delta L/|g|^2+\eta/2)\,g^{\mathsf T}Hg/|g|^2$.

    >>> neglected_term(0.01, 0.02, squared_gradient=1.0, curvature_along=1.0)
    0.02
    """
    return (gap / squared_gradient + learning_rate / 2) * curvature_along / squared_gradient


def descent_losses(
    loss: Callable[[Array], float],
    gradient: Callable[[Array], Array],
    start: Array,
    learning_rate: float,
    updates: int,
) -> Array:
    """Loss before and after each of a number of gradient-descent updates, shape (updates + 1,).

    >>> descent_losses(lambda x: float(x @ x) / 2, lambda x: x, np.ones(1), 0.5, 2).tolist()
    [0.5, 0.125, 0.03125]
    """
    point, losses = np.array(start, dtype=float), [loss(start)]
    for _ in range(updates):
        point = point - learning_rate * gradient(point)
        losses.append(loss(point))
    return np.array(losses)
