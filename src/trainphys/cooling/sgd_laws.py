"""Laws of stationary SGD with momentum near a minimum, and the estimators that the document gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


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


def claimed_initial_temperature(gradients: ArrayLike, per_parameter: bool = False) -> float:
    r"""The document's $T_0=\operatorname{var}(\nabla L)/\operatorname{mean}|\nabla L|$, in loss per parameter.

    Args:
        gradients: one gradient a row, shape (n, d), n >= 2.
        per_parameter: take variance and mean modulus over the entries; by default the trace of the covariance and the
            mean norm of the rows.

    Raises:
        ValueError: fewer than two gradients.

    >>> claimed_initial_temperature([[1.0], [3.0]]), claimed_initial_temperature([[10.0], [30.0]])
    (1.0, 10.0)
    """
    g = np.asarray(gradients, dtype=float)
    if g.ndim != 2 or len(g) < 2:
        raise ValueError(f"expected at least two gradients as rows, got shape {g.shape}")
    variance = g.var(axis=0, ddof=1)
    if per_parameter:
        return float(variance.mean() / np.abs(g).mean())
    return float(variance.sum() / np.linalg.norm(g, axis=1).mean())


def claimed_final_temperature(hessian: ArrayLike) -> float:
    r"""The document's $T_f=\lambda_{\min}(\nabla^2L)$, in loss per parameter squared; negative where L is concave.

    >>> claimed_final_temperature([[3.0, 0.0], [0.0, 2.0]])
    2.0
    """
    h = np.asarray(hessian, dtype=float)
    if h.ndim != 2 or h.shape[0] != h.shape[1]:
        raise ValueError(f"expected a square matrix, got shape {h.shape}")
    return float(np.linalg.eigvalsh(h)[0])
