"""Updates that close a gap in the loss: the decreases of single updates added up along the way."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from trainphys.checks import above_zero, not_below

FOREVER = 1e12  # updates after which a gap counts as never closed


def updates_to_close(
    gap: float,
    learning_rate: float,
    curvature: ArrayLike,
    squared_gradient: ArrayLike,
    noise: ArrayLike = 0.0,
) -> float:
    r"""Updates in which the mean loss of a quadratic falls by a gap, at a constant learning rate.

    $\Delta L=\frac12\sum_ih_i(m_i-v_i)\bigl[1-(1-\eta h_i)^{2n}\bigr]$ with $m_i=g_i^2/h_i^2$ at the start and the
    noise floor $v_i=\eta c_i/[h_i(2-\eta h_i)]$, solved for $n$. For $\eta\to0$ without noise it is
    $\int dL/(\eta|\nabla L|^2)$. With one mode, $h=g^{\mathsf T}Hg/|g|^2$ along the gradient, it is the first
    correction to $\Delta L/(\eta|\nabla L|^2)$ on any smooth loss.

    Args:
        gap: $\Delta L$ > 0.
        learning_rate: $\eta$ > 0, below $2/\max h$.
        curvature: $h_i$ > 0, shape (modes,) or a number.
        squared_gradient: $g_i^2$ >= 0 at the start, the same shape.
        noise: $c_i$ >= 0, variance of the gradient of one update (that of a sample over the batch size).

    Returns:
        Updates, a fraction where the gap closes between two; infinity for a gap that never closes.

    Raises:
        ValueError: an argument out of range.

    Source: the moment recursion of Zhang et al. (2019).

    >>> round(updates_to_close(0.375, 0.5, curvature=1.0, squared_gradient=1.0), 9)
    1.0
    """
    [_, h] = above_zero(gap=gap, curvature=curvature)
    g2, c = not_below(0, squared_gradient=squared_gradient, noise=noise)
    h, g2, c = np.broadcast_arrays(np.atleast_1d(h), g2, c)
    if not 0 < learning_rate < 2 / h.max():
        raise ValueError(f"expected 0 < learning_rate < {2 / h.max():.4g}, got {learning_rate}: descent diverges")
    height = g2 / h - learning_rate * c / (2 - learning_rate * h)
    decay = np.log(abs(1 - learning_rate * h) + np.finfo(float).tiny)

    def still_open(updates: float) -> float:
        return gap + 0.5 * float(height @ np.expm1(2 * updates * decay))

    late = 1.0
    while still_open(late) > 0:
        late *= 2
        if late > FOREVER:
            return math.inf
    return float(brentq(still_open, 0.0, late, xtol=1e-12, rtol=1e-12))
