"""Laws of stationary SGD with momentum near a minimum, and the estimators that the document gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array


def momentum_mode_temperature(
    learning_rate: ArrayLike,
    batch_size: ArrayLike,
    gradient_variance: ArrayLike,
    momentum: ArrayLike = 0.0,
    curvature: ArrayLike = 0.0,
) -> Array:
    r"""Temperature $T_i=\lambda_i\langle\theta_i^2\rangle$ of one Hessian mode of stationary SGD in a quadratic well.

    $$T_i=\frac{\eta C_{ii}}{2B(1-\mu)}\;\frac{1+\mu}{1+\mu-\eta\lambda_i/2}$$

    Exact for steps of any length and for noise whose variance depends on the parameters (then $C_{ii}$ is its mean).

    Args:
        learning_rate: $\eta>0$, parameter squared per loss and update.
        batch_size: B >= 1, samples per update, drawn with replacement.
        gradient_variance: $C_{ii}\ge0$, variance of one sample's gradient along the mode.
        momentum: $0\le\mu<1$, as in ``torch.optim.SGD`` without dampening.
        curvature: $\lambda_i\ge0$; zero gives the limit of short steps.

    Raises:
        ValueError: an argument out of range, or $\eta\lambda\ge2(1+\mu)$, where SGD has no stationary state.

    Source: limit of short steps, Mandt et al. (2017); the full form is derived in the chapter on estimators.

    >>> float(momentum_mode_temperature(0.1, 5, 4.0)), float(momentum_mode_temperature(0.1, 5, 4.0, curvature=10.0))
    (0.04, 0.08)
    """
    eta, batch, c, mu, h = (
        np.asarray(x, dtype=float) for x in (learning_rate, batch_size, gradient_variance, momentum, curvature)
    )
    if not (np.all(eta > 0) and np.all(batch >= 1) and np.all(c >= 0) and np.all((mu >= 0) & (mu < 1))):
        raise ValueError("expected learning_rate > 0, batch_size >= 1, gradient_variance >= 0 and 0 <= momentum < 1")
    if np.any(h < 0) or np.any(eta * h >= 2 * (1 + mu)):
        raise ValueError("expected 0 <= curvature < 2 (1 + momentum) / learning_rate: SGD has no stationary state else")
    return np.asarray(eta * c / (2 * batch * (1 - mu)) * (1 + mu) / (1 + mu - eta * h / 2))


def momentum_covariance(
    hessian: ArrayLike, noise: ArrayLike, learning_rate: float, batch_size: float, momentum: float = 0.0
) -> Array:
    r"""Covariance of the parameters in stationary SGD with momentum on a quadratic loss, for steps of any length.

    The moments of parameters and velocity, $v'=\mu v-\eta(H\theta+\xi)$, $\theta'=\theta+v'$ with
    $\langle\xi\xi^{\mathsf T}\rangle=C/B$, are stationary (a discrete Lyapunov equation); in the eigenbasis of H
    each pair of modes closes on four moments, which are solved for.

    Args:
        hessian: H, shape (d, d), symmetric and positive definite.
        noise: C, covariance of one sample's gradient, shape (d, d).
        learning_rate: $\eta>0$, below $2(1+\mu)/\lambda_{\max}$.
        batch_size: B >= 1.
        momentum: $0\le\mu<1$.

    Raises:
        ValueError: shapes that do not fit, or no stationary state.

    Source: Mandt et al. (2017) for the continuous limit $\Sigma H+H\Sigma=\eta C/B$.

    >>> round(float(momentum_covariance([[2.0]], [[4.0]], 0.1, 5.0, 0.5)[0, 0]) * 2, 6)
    0.085714
    >>> round(float(momentum_mode_temperature(0.1, 5.0, 4.0, 0.5, 2.0)), 6)
    0.085714
    """
    h, c = np.asarray(hessian, dtype=float), np.asarray(noise, dtype=float)
    if h.ndim != 2 or h.shape[0] != h.shape[1] or c.shape != h.shape:
        raise ValueError(f"expected two square matrices of one shape, got {h.shape} and {c.shape}")
    values, basis = np.linalg.eigh(h)
    momentum_mode_temperature(learning_rate, batch_size, 1.0, momentum, values.max())  # checks the range
    if values.min() <= 0:
        raise ValueError(
            f"expected positive curvatures, got {values.min():.3g}: SGD drifts off along a flat or concave direction"
        )
    kick = learning_rate**2 / batch_size * (basis.T @ c @ basis)
    a, b = learning_rate * values[:, None], learning_rate * values[None, :]
    a, b = np.broadcast_to(a, c.shape), np.broadcast_to(b, c.shape)
    one, zero, mu = np.ones(c.shape), np.zeros(c.shape), momentum * np.ones(c.shape)
    # moments (x x, x v, v x, v v) of the pair of modes; v' = mu v - a x + noise, x' = x + v'
    to_v = [[-a, mu], [-b, mu]]
    to_x = [[one - a, mu], [one - b, mu]]
    rows = [
        [left[0] * right[0], left[0] * right[1], left[1] * right[0], left[1] * right[1]]
        for left in (to_x[0], to_v[0])
        for right in (to_x[1], to_v[1])
    ]
    matrix = np.array([[x + zero for x in row] for row in rows]).transpose(2, 3, 0, 1)
    moments = np.linalg.solve(np.eye(4) - matrix, np.repeat(kick[..., None], 4, axis=2)[..., None])[..., 0]
    return np.asarray(basis @ moments[..., 0] @ basis.T)


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


def rotation_rate(
    learning_rate: ArrayLike, batch_size: ArrayLike, covariance: ArrayLike, first: ArrayLike, second: ArrayLike
) -> Array:
    r"""Mean turn per update at rest in the plane of two modes.

    $$\langle q_i\,\Delta q_j-q_j\,\Delta q_i\rangle=\eta\,(h_i-h_j)\,\langle q_iq_j\rangle$$

    Zero in every plane only when Hessian and gradient covariance share their axes: a single temperature allows none.

    Args:
        learning_rate: as in ``mode_product``, like all that follow.

    >>> float(rotation_rate(0.1, 1, 1.0, 1.0, 1.0))
    0.0
    """
    spread = mode_product(learning_rate, batch_size, covariance, first, second)
    h, k = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    return np.asarray(np.asarray(learning_rate, dtype=float) * (h - k) * spread)


def stationary_temperature(
    learning_rate: ArrayLike,
    batch_size: ArrayLike,
    gradient_variance: float,
    momentum: ArrayLike = 0.0,
    curvature: float = 0.0,
) -> Array:
    r"""Temperature $T=h\operatorname{Var}\theta$ of the stationary state in a quadratic well of curvature $h$.

    $$T=\frac{\eta c}{2B}\cdot\frac{1+\beta}{(1-\beta)(1+\beta-\eta h/2)}\;\to\;\frac{\eta c}{2B(1-\beta)}$$

    for short steps. It is the $T$ of the Boltzmann weight $e^{-L/T}$.

    Args:
        learning_rate: $\eta$ > 0.
        batch_size: $B$ > 0, samples per update.
        gradient_variance: $c$ > 0, variance of a single sample's gradient in this direction.
        momentum: $\beta$ between -1 and 1; velocity is not averaged, $v\leftarrow\beta v-\eta g$.
        curvature: $h$ >= 0; zero gives the limit of short steps.

    Raises:
        ValueError: an argument out of range, or $\eta h\ge2(1+\beta)$, where there is no stationary state.

    Source: limit of short steps, Mandt et al. (2017); the discrete form is derived in the chapter on stabilisation.

    >>> float(stationary_temperature(0.1, 5, 4.0)), float(stationary_temperature(0.1, 5, 4.0, momentum=0.5))
    (0.04, 0.08)
    """
    eta, batch, beta = (np.asarray(x, dtype=float) for x in (learning_rate, batch_size, momentum))
    if not (np.all(eta > 0) and np.all(batch > 0) and gradient_variance > 0 and np.all(np.abs(beta) < 1)):
        raise ValueError("expected learning_rate, batch_size, gradient_variance > 0 and |momentum| < 1")
    if curvature < 0 or np.any(eta * curvature >= 2 * (1 + beta)):
        raise ValueError(f"expected 0 <= curvature < 2 (1 + momentum) / learning_rate, got {curvature}: it diverges")
    short = eta * gradient_variance / (2 * batch * (1 - beta))
    return np.asarray(short * (1 + beta) / (1 + beta - eta * curvature / 2))
