"""Time to close a gap in the loss: the claimed first-order law, what it neglects, and descent itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from trainphys.arrays import Array


def claimed_closing_time(gap: float, learning_rate: float, squared_gradient: float, quality: float = 1.0) -> float:
    r"""Updates that the document claims for a gap: $\Delta L/(\eta\,|\nabla L|^2Q)$.

    Args:
        gap: $\Delta L$ >= 0, in units of the loss.
        learning_rate: $\eta$ > 0.
        squared_gradient: $|\nabla L|^2$ > 0.
        quality: $Q$ > 0; 1 for the exact gradient.

    Raises:
        ValueError: a gap that is negative or another argument that is not positive.

    Source: document A, section 1.1.

    >>> claimed_closing_time(0.5, learning_rate=0.1, squared_gradient=1.0)
    5.0
    """
    if not (gap >= 0 and min(learning_rate, squared_gradient, quality) > 0):
        raise ValueError(f"expected gap >= 0 and the rest > 0, got {gap, learning_rate, squared_gradient, quality}")
    return gap / (learning_rate * squared_gradient * quality)


def neglected_term(gap: float, learning_rate: float, squared_gradient: float, curvature_along: float) -> float:
    r"""Relative size of what the first-order law drops: $(\Delta L/|g|^2+\eta/2)\,g^{\mathsf T}Hg/|g|^2$.

    Args:
        gap: $\Delta L$ >= 0.
        learning_rate: $\eta$ > 0.
        squared_gradient: $|g|^2$ > 0.
        curvature_along: $g^{\mathsf T}Hg$; 0 for a loss that is linear.

    Raises:
        ValueError: a negative gap, or a learning rate or squared gradient that is not positive.

    >>> neglected_term(0.01, 0.02, squared_gradient=1.0, curvature_along=1.0)
    0.02
    """
    if not (gap >= 0 and min(learning_rate, squared_gradient) > 0):
        raise ValueError(f"expected gap >= 0 and the rest > 0, got {gap, learning_rate, squared_gradient}")
    return (gap / squared_gradient + learning_rate / 2) * curvature_along / squared_gradient


def descent_losses(
    loss: Callable[[Array], float],
    gradient: Callable[[Array], Array],
    start: Array,
    learning_rate: float,
    updates: int,
) -> Array:
    """Loss before and after each of a number of gradient-descent updates, shape (updates + 1,).

    Args:
        loss: of a point.
        gradient: of a point, same shape as the point.
        start: first point.
        learning_rate: > 0.
        updates: >= 0.

    Raises:
        ValueError: a learning rate that is not positive or a negative number of updates.

    >>> descent_losses(lambda x: float(x @ x) / 2, lambda x: x, np.ones(1), 0.5, 2).tolist()
    [0.5, 0.125, 0.03125]
    """
    if not (learning_rate > 0 and updates >= 0):
        raise ValueError(f"expected learning_rate > 0 and updates >= 0, got {learning_rate}, {updates}")
    point, losses = np.array(start, dtype=float), [loss(start)]
    for _ in range(updates):
        point = point - learning_rate * gradient(point)
        losses.append(loss(point))
    return np.array(losses)
