"""What mini-batch noise amounts to around a minimum when it differs by direction: spread, turning and mean loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def mode_temperature(
    learning_rate: ArrayLike, batch_size: ArrayLike, gradient_variance: ArrayLike, curvature: ArrayLike = 0.0
) -> Array:
    r"""Temperature $T_i=h_i\langle q_i^2\rangle$ that mini-batch noise gives to one direction of the Hessian.

    $$T_i=\frac{\eta c_i}{2B}\,\frac1{1-\eta h_i/2},$$ from
    $\langle q^2\rangle=(1-\eta h)^2\langle q^2\rangle+\eta^2c/B$.

    Args:
        learning_rate: $\eta>0$, below $2/h_i$.
        batch_size: B >= 1, drawn with replacement.
        gradient_variance: $c_i\ge0$, variance of one sample's gradient in this direction.
        curvature: $h_i\ge0$; zero gives the limit of short steps.

    Raises:
        ValueError: an argument out of range, or $\eta h\ge2$, where nothing comes to rest.

    Source: short steps, Mandt, Hoffman and Blei (2017); the last factor follows from the recursion above.

    >>> float(mode_temperature(0.1, 5, 4.0)), float(mode_temperature(1.0, 1, 2.0, curvature=1.0))
    (0.04, 2.0)
    """
    eta, batch, c, h = (np.asarray(x, dtype=float) for x in (learning_rate, batch_size, gradient_variance, curvature))
    if not ((eta > 0).all() and (batch >= 1).all() and (c >= 0).all() and (h >= 0).all()):
        raise ValueError("expected learning_rate > 0, batch_size >= 1, gradient_variance >= 0 and curvature >= 0")
    if (eta * h >= 2).any():
        raise ValueError(f"expected learning_rate * curvature < 2, got {float((eta * h).max())}: it diverges")
    return np.asarray(eta * c / (2 * batch) / (1 - eta * h / 2))


def mean_loss_temperature(hessian: ArrayLike, covariance: ArrayLike, learning_rate: float, batch_size: float) -> float:
    r"""The one temperature that gives the mean excess loss at rest, $\bar T=\frac2d\langle L-L_{\min}\rangle$.

    $$\bar T=\frac1d\sum_i\frac{\eta C_{ii}}{2B(1-\eta h_i/2)}\;\to\;\frac{\eta\operatorname{tr}C}{2Bd}
    \quad\text{for short steps,}$$ in the eigenbasis of the Hessian.

    Args:
        hessian: H at the minimum, shape (d, d), positive definite.
        covariance: C, gradient covariance of one sample, shape (d, d).
        learning_rate: $0<\eta<2/h_{\max}$.
        batch_size: B >= 1.

    Raises:
        ValueError: an argument out of range.

    Source: Mandt, Hoffman and Blei (2017) for short steps.

    >>> round(mean_loss_temperature(np.eye(2), np.diag([1.0, 3.0]), 0.5, 1), 9) == round(0.5 / 0.75, 9)
    True
    """
    curvature, vectors = np.linalg.eigh(np.asarray(hessian, dtype=float))
    noise = np.einsum("ai,ab,bi->i", vectors, np.asarray(covariance, dtype=float), vectors)
    found = mode_temperature(learning_rate, batch_size, np.maximum(noise, 0), curvature=curvature)
    return float(found.mean())


def mode_product(
    learning_rate: ArrayLike, batch_size: ArrayLike, covariance: ArrayLike, first: ArrayLike, second: ArrayLike
) -> Array:
    r"""Mean product of two modes at rest, for steps of any length.

    $$\langle q_iq_j\rangle=\frac{\eta C_{ij}/B}{h_i+h_j-\eta h_ih_j}$$

    from $\langle q_iq_j\rangle=(1-\eta h_i)(1-\eta h_j)\langle q_iq_j\rangle+\eta^2C_{ij}/B$.

    Args:
        learning_rate: $\eta>0$, below $2/h$ for both.
        batch_size: B >= 1, drawn with replacement.
        covariance: $C_{ij}$, of one sample's gradient along the two modes; of either sign.
        first: $h_i>0$.
        second: $h_j>0$.

    Raises:
        ValueError: an argument out of range.

    Source: the recursion above; its limit of short steps is equation 12 of Mandt, Hoffman and Blei (2017).

    >>> float(mode_product(0.5, 1, 0.75, 1.0, 1.0))
    0.25
    """
    eta, batch, c, h, k = (np.asarray(x, dtype=float) for x in (learning_rate, batch_size, covariance, first, second))
    if not ((eta > 0).all() and (batch >= 1).all() and (h > 0).all() and (k > 0).all()):
        raise ValueError("expected learning_rate > 0, batch_size >= 1 and curvatures > 0")
    if (eta * np.maximum(h, k) >= 2).any():
        raise ValueError("expected learning_rate < 2 / curvature: it diverges")
    return np.asarray(eta * c / batch / (h + k - eta * h * k))


def turning_rate(
    learning_rate: ArrayLike, batch_size: ArrayLike, covariance: ArrayLike, first: ArrayLike, second: ArrayLike
) -> Array:
    r"""Mean turn per update at rest in the plane of two modes.

    $$\langle q_i\,\Delta q_j-q_j\,\Delta q_i\rangle=\eta\,(h_i-h_j)\,\langle q_iq_j\rangle$$

    Zero in every plane only when Hessian and gradient covariance share their axes: a single temperature allows none.

    Args:
        learning_rate: as in ``mode_product``, like all that follow.

    >>> float(turning_rate(0.1, 1, 1.0, 1.0, 1.0))
    0.0
    """
    spread = mode_product(learning_rate, batch_size, covariance, first, second)
    h, k = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    return np.asarray(np.asarray(learning_rate, dtype=float) * (h - k) * spread)
