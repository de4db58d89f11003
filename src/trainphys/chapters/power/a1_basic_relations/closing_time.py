"""Losses along gradient descent with the exact gradient."""

from collections.abc import Callable

import numpy as np

from trainphys.arrays import Array


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
