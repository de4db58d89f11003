"""Stochastic gradient descent at rest on a quadratic loss: the temperature of each direction, and what has none."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import above_zero, finite, inside, not_below, positive


def stationary_temperature(
    learning_rate: ArrayLike,
    batch_size: ArrayLike,
    gradient_variance: ArrayLike,
    *,
    momentum: ArrayLike = 0.0,
    curvature: ArrayLike = 0.0,
) -> Array:
    r"""Temperature $T=h\langle\theta^2\rangle$ that mini-batch noise gives to one direction of the Hessian.

    $$T=\frac{\eta c}{2B}\cdot\frac{1+\beta}{(1-\beta)(1+\beta-\eta h/2)}\;\to\;\frac{\eta c}{2B(1-\beta)}$$
    for short steps. It is the $T$ of the Boltzmann weight $e^{-L/T}$. Exact for steps of any length, and for noise
    whose variance depends on the parameters (then $c$ is its mean).

    Args:
        learning_rate: $\eta$ > 0, parameter squared per loss and update.
        batch_size: $B$ > 0, samples per update, drawn with replacement: $c/B$ is the variance of a batch's gradient.
        gradient_variance: $c$ >= 0, variance of one sample's gradient in this direction.
        momentum: $-1<\beta<1$, as in ``torch.optim.SGD`` without dampening: $v\leftarrow\beta v-\eta g$.
        curvature: $h$ >= 0, loss per parameter squared; zero gives the limit of short steps.

    Returns:
        Loss units, in the shape that the arguments broadcast to.

    Raises:
        ValueError: an argument out of range, or $\eta h\ge2(1+\beta)$, where nothing comes to rest.

    Source: short steps, Mandt, Hoffman and Blei (2017); without momentum the last factor follows from
    $\langle\theta^2\rangle=(1-\eta h)^2\langle\theta^2\rangle+\eta^2c/B$.

    >>> float(stationary_temperature(0.1, 5, 4.0)), float(stationary_temperature(0.1, 5, 4.0, momentum=0.5))
    (0.04, 0.08)
    >>> float(stationary_temperature(1.0, 1, 2.0, curvature=1.0))
    2.0
    """
    [eta], [batch] = positive(learning_rate=learning_rate), above_zero(batch_size=batch_size)
    c, h = not_below(0, gradient_variance=gradient_variance, curvature=curvature)
    [beta] = inside(-1, 1, momentum=momentum)
    if np.any(eta * h >= 2 * (1 + beta)):
        raise ValueError(
            f"expected learning_rate * curvature < 2 (1 + momentum), got {(eta * h).max():.4g}: it diverges, take "
            "shorter steps"
        )
    return np.asarray(eta * c / (2 * batch * (1 - beta)) * (1 + beta) / (1 + beta - eta * h / 2))


def mean_loss_temperature(hessian: ArrayLike, covariance: ArrayLike, learning_rate: float, batch_size: float) -> float:
    r"""The one temperature that gives the mean excess loss at rest, $\bar T=\frac2d\langle L-L_{\min}\rangle$.

    $$\bar T=\frac1d\sum_i\frac{\eta C_{ii}}{2B(1-\eta h_i/2)}\;\to\;\frac{\eta\operatorname{tr}C}{2Bd}
    \quad\text{for short steps,}$$ in the eigenbasis of the Hessian; C is the gradient covariance of one sample.

    >>> round(mean_loss_temperature(np.eye(2), np.diag([1.0, 3.0]), 0.5, 1), 9) == round(0.5 / 0.75, 9)
    True
    """
    curvature, vectors = np.linalg.eigh(np.asarray(hessian, dtype=float))
    noise = np.einsum("ai,ab,bi->i", vectors, np.asarray(covariance, dtype=float), vectors)
    return float(stationary_temperature(learning_rate, batch_size, np.maximum(noise, 0), curvature=curvature).mean())


def mode_product(
    learning_rate: ArrayLike, batch_size: ArrayLike, covariance: ArrayLike, first: ArrayLike, second: ArrayLike
) -> Array:
    r"""Mean product of two modes at rest, $\langle q_iq_j\rangle=\frac{\eta C_{ij}/B}{h_i+h_j-\eta h_ih_j}$.

    From $\langle q_iq_j\rangle=(1-\eta h_i)(1-\eta h_j)\langle q_iq_j\rangle+\eta^2C_{ij}/B$; the limit of short steps
    is equation 12 of Mandt, Hoffman and Blei (2017).

    >>> float(mode_product(0.5, 1, 0.75, 1.0, 1.0))
    0.25
    """
    eta, h, k = positive(learning_rate=learning_rate, first=first, second=second)
    [batch] = not_below(1, batch_size=batch_size)
    [c] = finite(covariance=covariance)
    if np.any(eta * np.maximum(h, k) >= 2):
        raise ValueError("expected learning_rate < 2 / curvature, got more: it diverges, take shorter steps")
    return np.asarray(eta * c / batch / (h + k - eta * h * k))


def rotation_rate(
    learning_rate: ArrayLike, batch_size: ArrayLike, covariance: ArrayLike, first: ArrayLike, second: ArrayLike
) -> Array:
    r"""Mean turn per update at rest in the plane of two modes of the Hessian.

    $$\langle q_i\,\Delta q_j-q_j\,\Delta q_i\rangle=\eta\,(h_i-h_j)\,\langle q_iq_j\rangle
    =\frac{\eta^2(h_i-h_j)\,C_{ij}/B}{h_i+h_j-\eta h_ih_j}$$

    Zero in every plane only when Hessian and gradient covariance share their axes: a single temperature allows none.

    Args:
        learning_rate: $\eta$ > 0, below $2/h$ for both.
        batch_size: $B$ >= 1, samples per update, drawn with replacement.
        covariance: $C_{ij}$ of one sample's gradient along the two modes, of either sign.
        first: $h_i$ > 0, loss per parameter squared.
        second: $h_j$ > 0.

    Returns:
        Parameter squared per update.

    Raises:
        ValueError: an argument out of range, or steps so long that nothing comes to rest.

    Source: follows from the recursion of ``mode_product``.

    >>> float(rotation_rate(0.5, 1, 1.25, 2.0, 1.0)), float(rotation_rate(0.1, 1, 1.0, 1.0, 1.0))
    (0.15625, 0.0)
    """
    spread = mode_product(learning_rate, batch_size, covariance, first, second)
    h, k = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    return np.asarray(np.asarray(learning_rate, dtype=float) * (h - k) * spread)
