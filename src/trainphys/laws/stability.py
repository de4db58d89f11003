"""When gradient descent with momentum is linearly stable: the exact update matrix, and the matrix that is claimed."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from trainphys.arrays import Array

Reading = Literal["oscillator", "descent sign", "as written"]


def heavy_ball_matrix(step_curvature: float, momentum: float = 0.0) -> Array:
    r"""Matrix of one update of $(\theta, v)$ along a Hessian eigenvector: $v\leftarrow\beta v-\eta\lambda\theta$, $\theta\leftarrow\theta+v$.

    Args:
        step_curvature: $\eta\lambda$, learning rate times Hessian eigenvalue, dimensionless.
        momentum: $\beta$; 0 is plain gradient descent.

    Source: Polyak (1964).

    >>> heavy_ball_matrix(0.5, 0.25).tolist()
    [[0.5, 0.25], [-0.5, 0.25]]
    """  # noqa: E501
    return np.array([[1 - step_curvature, momentum], [-step_curvature, momentum]])


def growth_factor(step_curvature: ArrayLike, momentum: float = 0.0) -> Array:
    r"""Factor per update, the larger $|z|$ of $z^2-(1+\beta-\eta\lambda)z+\beta=0$; stable below one.

    Args:
        step_curvature: $\eta\lambda$, any real number.
        momentum: $\beta$.

    >>> growth_factor([0.5, 3.0]).tolist()
    [0.5, 2.0]
    """
    half = (1 + momentum - np.asarray(step_curvature, dtype=float)) / 2
    root = np.sqrt(np.asarray(half**2 - momentum, dtype=complex))
    return np.asarray(np.maximum(np.abs(half + root), np.abs(half - root)), dtype=float)


def largest_stable_step(curvature: float, momentum: float = 0.0) -> float:
    r"""Learning rate $2(1+\beta)/\lambda$ at which descent with an exact gradient stops being stable.

    Args:
        curvature: largest Hessian eigenvalue $\lambda$ > 0, loss per squared parameter.
        momentum: $-1<\beta<1$.

    Raises:
        ValueError: curvature or momentum out of range.

    Source: Polyak (1964).

    >>> largest_stable_step(4.0), largest_stable_step(4.0, momentum=0.9)
    (0.5, 0.95)
    """
    _check_momentum(momentum)
    if not curvature > 0:
        raise ValueError(f"expected curvature > 0, got {curvature}: a direction that does not rise has no limit")
    return 2 * (1 + momentum) / curvature


def is_stable(hessian: ArrayLike, step: float, momentum: float = 0.0) -> bool:
    r"""Whether every eigenvalue of the Hessian has $0<\eta\lambda_i<2(1+\beta)$ and $|\beta|<1$.

    Args:
        hessian: symmetric, shape (n, n).
        step: learning rate $\eta$ > 0.
        momentum: $\beta$.

    >>> is_stable([[1.0, 0.0], [0.0, 3.0]], step=0.6), is_stable([[1.0, 0.0], [0.0, 3.0]], step=0.7)
    (True, False)
    """
    scaled = step * np.linalg.eigvalsh(np.atleast_2d(np.asarray(hessian, dtype=float)))
    return bool(abs(momentum) < 1 and scaled.min() > 0 and scaled.max() < 2 * (1 + momentum))


def _check_momentum(momentum: float) -> None:
    if not -1 < momentum < 1:
        raise ValueError(f"expected -1 < momentum < 1, got {momentum}: no step is stable outside")


def mean_square_factor(step_curvature: float, momentum: float, relative_variance: float) -> float:
    r"""Factor per update of $\operatorname E\theta^2$ when each update sees the curvature $\lambda\xi$, $\operatorname E\xi=1$, $\operatorname{Var}\xi=s$.

    The spectral radius of the recursion of $(\operatorname E\theta_t^2,\operatorname E\theta_t\theta_{t-1},\operatorname E\theta_{t-1}^2)$
    that follows from $\theta_{t+1}=(1+\beta-\eta\lambda\xi_t)\theta_t-\beta\theta_{t-1}$.

    Args:
        step_curvature: $\eta\lambda$.
        momentum: $\beta$.
        relative_variance: $s$ >= 0.

    >>> mean_square_factor(0.5, 0.0, 2.0)
    0.75
    """  # noqa: E501
    if relative_variance < 0:
        raise ValueError(f"expected relative_variance >= 0, got {relative_variance}")
    m, b = 1 + momentum - step_curvature, momentum
    second = m**2 + step_curvature**2 * relative_variance
    recursion = np.array([[second, -2 * b * m, b**2], [m, -b, 0.0], [1.0, 0.0, 0.0]])
    return float(np.abs(np.linalg.eigvals(recursion)).max())


def largest_mean_square_step(curvature: float, momentum: float, relative_variance: float) -> float:
    r"""Learning rate at which the mean square stops being bounded: $\frac{2(1+\beta)}{\lambda}\big/\bigl(1+s\frac{1+\beta}{1-\beta}\bigr)$.

    For batches of $B$ Gaussian inputs $s=2/B$; in general $s$ falls as $1/B$.

    Args:
        curvature: mean curvature $\lambda$ > 0.
        momentum: $-1<\beta<1$.
        relative_variance: $s$ >= 0, of the batch's curvature over $\lambda^2$.

    Raises:
        ValueError: an argument out of range.

    >>> largest_mean_square_step(1.0, 0.0, 1.0), largest_mean_square_step(2.0, 0.5, 0.0)
    (1.0, 1.5)
    """  # noqa: E501
    _check_momentum(momentum)
    if not (curvature > 0 and relative_variance >= 0):
        raise ValueError(f"expected curvature > 0, relative_variance >= 0, got {curvature}, {relative_variance}")
    ratio = (1 + momentum) / (1 - momentum)
    return 2 * (1 + momentum) / curvature / (1 + relative_variance * ratio)


def least_damping(step_curvature: float, relative_variance: float) -> float:
    r"""Smallest $\gamma=1-\beta$ that is stable in the mean square: zero without such noise, else above $\frac{2s\,\eta\lambda}{4-\eta\lambda}$ to first order.

    Args:
        step_curvature: $0<\eta\lambda<2/(1+s)$, so that momentum zero is stable.
        relative_variance: $s$ >= 0.

    Raises:
        ValueError: a step that is unstable without momentum.

    >>> least_damping(1.0, 0.0), round(least_damping(0.1, 0.001) / (2 * 0.001 * 0.1 / 3.9), 3)
    (0.0, 1.0)
    """  # noqa: E501
    if not 0 < step_curvature < 2 / (1 + relative_variance):
        raise ValueError(f"expected 0 < step_curvature < {2 / (1 + relative_variance)}, got {step_curvature}")
    if relative_variance == 0:
        return 0.0
    excess = lambda g: largest_mean_square_step(1.0, 1 - g, relative_variance) - step_curvature  # noqa: E731
    return float(brentq(excess, 1e-14, 1.0, xtol=1e-14))


def additive_noise_variance(step_curvature: float, momentum: float, kick_variance: float) -> float:
    r"""Stationary $\operatorname E\theta^2$ when every update adds a kick of its own: $\frac{(1+\beta)\,q}{(1-\beta)\,\eta\lambda\,(2(1+\beta)-\eta\lambda)}$.

    It ends exactly where descent with an exact gradient does.

    Args:
        step_curvature: $0<\eta\lambda<2(1+\beta)$.
        momentum: $-1<\beta<1$.
        kick_variance: $q=\eta^2\sigma^2/B$ > 0.

    Returns:
        Infinity where no stationary state exists.

    >>> additive_noise_variance(1.0, 0.0, 1.0), additive_noise_variance(2.5, 0.0, 1.0)
    (1.0, inf)
    """  # noqa: E501
    if not (-1 < momentum < 1 and 0 < step_curvature < 2 * (1 + momentum)):
        return math.inf
    a, b = step_curvature, momentum
    return (1 + b) * kick_variance / ((1 - b) * a * (2 * (1 + b) - a))


def mean_square_limit(batch_size: float, dimension: int, curvature: float = 1.0) -> float:
    r"""Learning rate above which $\operatorname{E}|\theta|^2$ grows: $\eta_{\rm ms}=\frac2h\,\frac B{B+d+1}$.

    Least squares on normal inputs of variance $h$ in each of $d$ directions: the update multiplies $\theta$ by
    $1-\eta C$ with $C$ the batch's second-moment matrix, and $\operatorname{E}C^2=h^2(1+(d+1)/B)$.

    Args:
        batch_size: $B$ > 0, in samples; the limit halves at $d+1$.
        dimension: $d$ >= 1.
        curvature: $h$ > 0.

    Raises:
        ValueError: an argument out of range.

    >>> mean_square_limit(4, dimension=3)
    1.0
    """
    if not (batch_size > 0 and dimension >= 1 and curvature > 0):
        raise ValueError(f"expected positive arguments, got {batch_size}, {dimension}, {curvature}: check the order")
    return largest_mean_square_step(curvature, 0.0, (dimension + 1) / batch_size)


def stability_margin(alpha: float, learning_rate_exponent: float) -> float:
    r"""Mean-square limit over learning rate, one at $\alpha=1$: $2\alpha^{1-x}/(1+\alpha)$ for $\eta\propto\alpha^x$.

    Args:
        alpha: batch size over the one at which the limit is half that of the exact gradient, > 0.
        learning_rate_exponent: $x$: 0 for a constant learning rate, 1/2 for the square-root rule, 1 for the linear one.

    Raises:
        ValueError: an alpha that is not positive.

    >>> stability_margin(4.0, learning_rate_exponent=0.5)
    0.8
    """
    if not alpha > 0:
        raise ValueError(f"expected alpha > 0, got {alpha}: give the batch size over the critical one")
    return float(2 * alpha ** (1 - learning_rate_exponent) / (1 + alpha))
