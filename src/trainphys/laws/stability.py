"""When gradient descent with momentum is linearly stable: with an exact gradient, and in the mean square."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from trainphys.arrays import Array
from trainphys.checks import above_zero, finite, inside, not_below, positive

Reading = Literal["oscillator", "descent sign", "as written"]


def heavy_ball_matrix(step_curvature: float, momentum: float = 0.0) -> Array:
    r"""One update of $(\theta, v)$ along a Hessian eigenvector: $v\leftarrow\beta v-\eta\lambda\theta$, $\theta\leftarrow\theta+v$.

    Source: Polyak (1964).

    >>> heavy_ball_matrix(0.5, 0.25).tolist()
    [[0.5, 0.25], [-0.5, 0.25]]
    """  # noqa: E501
    return np.array([[1 - step_curvature, momentum], [-step_curvature, momentum]])


def growth_factor(step_curvature: ArrayLike, momentum: float = 0.0) -> Array:
    r"""Factor per update, the larger $|z|$ of $z^2-(1+\beta-\eta\lambda)z+\beta=0$; stable below one.

    Args:
        step_curvature: $\eta\lambda$, learning rate times Hessian eigenvalue, any real number.
        momentum: $\beta$, any real number; the velocity is not averaged, $v\leftarrow\beta v-\eta g$.

    Raises:
        ValueError: an argument that is not finite.

    Source: Polyak (1964).

    >>> growth_factor([0.5, 3.0]).tolist()
    [0.5, 2.0]
    """
    [a] = finite(step_curvature=step_curvature)
    finite(momentum=momentum)
    half = (1 + momentum - a) / 2
    root = np.sqrt(np.asarray(half**2 - momentum, dtype=complex))
    return np.asarray(np.maximum(np.abs(half + root), np.abs(half - root)), dtype=float)


def largest_stable_step(curvature: float, momentum: float = 0.0) -> float:
    r"""Learning rate $2(1+\beta)/\lambda$ at which descent with an exact gradient stops being stable.

    Args:
        curvature: largest Hessian eigenvalue $\lambda$ > 0, loss per squared parameter.
        momentum: $-1<\beta<1$.

    Raises:
        ValueError: curvature or momentum out of range; a direction that does not rise has no limit.

    Source: Polyak (1964).

    >>> largest_stable_step(4.0), largest_stable_step(4.0, momentum=0.9)
    (0.5, 0.95)
    """
    positive(curvature=curvature)
    inside(-1, 1, momentum=momentum)
    return 2 * (1 + momentum) / curvature


def is_stable(hessian: ArrayLike, step: float, momentum: float = 0.0) -> bool:
    r"""Whether every eigenvalue of the Hessian has $0<\eta\lambda_i<2(1+\beta)$ and $|\beta|<1$.

    Args:
        hessian: symmetric, shape (n, n).
        step: learning rate $\eta$ > 0.
        momentum: $\beta$.

    Raises:
        ValueError: a Hessian that is not finite, square and symmetric, a momentum that is not finite, or a step that is
            not positive.

    Source: Polyak (1964).

    >>> is_stable([[1.0, 0.0], [0.0, 3.0]], step=0.6), is_stable([[1.0, 0.0], [0.0, 3.0]], step=0.7)
    (True, False)
    """
    h = np.atleast_2d(np.asarray(hessian, dtype=float))
    if h.ndim != 2 or h.shape[0] != h.shape[1]:
        raise ValueError(f"expected a square Hessian, got shape {h.shape}: give all second derivatives")
    finite(hessian=h, momentum=momentum)
    if not np.allclose(h, h.T):
        raise ValueError("expected a symmetric Hessian, got another matrix: average it with its transpose")
    positive(step=step)
    scaled = step * np.linalg.eigvalsh(h)
    return bool(abs(momentum) < 1 and scaled.min() > 0 and scaled.max() < 2 * (1 + momentum))


def largest_mean_square_step(curvature: float, momentum: float, relative_variance: float) -> float:
    r"""Learning rate at which the mean square stops being bounded, when each update sees a curvature of its own.

    $$\eta=\frac{2(1+\beta)}{\lambda}\Big/\Bigl(1+s\,\frac{1+\beta}{1-\beta}\Bigr)$$
    For batches of $B$ Gaussian inputs $s=2/B$; in general $s$ falls as $1/B$.

    Args:
        curvature: mean curvature $\lambda$ > 0.
        momentum: $-1<\beta<1$.
        relative_variance: $s$ >= 0, of the batch's curvature over $\lambda^2$.

    Raises:
        ValueError: an argument out of range.

    Source: the second moments of $\theta_{t+1}=(1+\beta-\eta\lambda\xi_t)\theta_t-\beta\theta_{t-1}$.

    >>> largest_mean_square_step(1.0, 0.0, 1.0), largest_mean_square_step(2.0, 0.5, 0.0)
    (1.0, 1.5)
    """
    positive(curvature=curvature)
    inside(-1, 1, momentum=momentum)
    not_below(0, relative_variance=relative_variance)
    ratio = (1 + momentum) / (1 - momentum)
    return 2 * (1 + momentum) / curvature / (1 + relative_variance * ratio)


def least_damping(step_curvature: float, relative_variance: float) -> float:
    r"""Smallest $\gamma=1-\beta$ that is stable in the mean square, when each update sees a curvature of its own.

    Zero without such noise; else the root of ``largest_mean_square_step``, to first order
    $\gamma=\frac{2s\,\eta\lambda}{4-\eta\lambda}$.

    Args:
        step_curvature: $0<\eta\lambda<2/(1+s)$, so that momentum zero is stable.
        relative_variance: $s$ >= 0, of the batch's curvature over $\lambda^2$.

    Raises:
        ValueError: a step that is unstable without momentum, or a negative variance.

    Source: ``largest_mean_square_step`` turned round.

    >>> least_damping(1.0, 0.0), round(least_damping(0.1, 0.001) / (2 * 0.001 * 0.1 / 3.9), 3)
    (0.0, 1.0)
    """
    not_below(0, relative_variance=relative_variance)
    inside(0, 2 / (1 + relative_variance), step_curvature=step_curvature)
    if relative_variance == 0:
        return 0.0
    excess = lambda g: largest_mean_square_step(1.0, 1 - g, relative_variance) - step_curvature  # noqa: E731
    return float(brentq(excess, 1e-14, 1.0, xtol=1e-14))


def mean_square_limit(batch_size: float, dimension: int, curvature: float = 1.0) -> float:
    r"""Learning rate above which $\operatorname{E}|\theta|^2$ grows: $\eta_{\rm ms}=\frac2h\,\frac B{B+d+1}$.

    Least squares on normal inputs of variance $h$ in each of $d$ directions: the update multiplies $\theta$ by
    $1-\eta C$ with $C$ the batch's second-moment matrix, and $\operatorname{E}C^2=h^2(1+(d+1)/B)$. It halves at
    $B=d+1$.

    >>> mean_square_limit(4, dimension=3)
    1.0
    """
    above_zero(batch_size=batch_size, dimension=dimension)
    return largest_mean_square_step(curvature, 0.0, (dimension + 1) / batch_size)


def stability_margin(alpha: float, learning_rate_exponent: float) -> float:
    r"""Mean-square limit over learning rate, one at $\alpha=1$: $2\alpha^{1-x}/(1+\alpha)$ for $\eta\propto\alpha^x$.

    $\alpha$ is the batch size over the one at which the limit is half that of the exact gradient; x is 0 for a constant
    learning rate, 1/2 for the square-root rule, 1 for the linear one.

    >>> stability_margin(4.0, learning_rate_exponent=0.5)
    0.8
    """
    above_zero(alpha=alpha)
    return float(2 * alpha ** (1 - learning_rate_exponent) / (1 + alpha))
