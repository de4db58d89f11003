"""When gradient descent with momentum is linearly stable: with an exact gradient, and in the mean square."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from trainphys.arrays import Array
from trainphys.checks import above_zero, finite, inside, numbers, one, positive, spectrum

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
    one(step=step, momentum=momentum)
    h = np.atleast_2d(numbers(hessian=hessian)[0])
    if h.ndim != 2 or h.shape[0] != h.shape[1] or not h.size:
        raise ValueError(f"expected a square Hessian, got shape {h.shape}: give all second derivatives")
    finite(hessian=h, momentum=momentum)
    if not np.allclose(h, h.T, atol=1e-5 * np.abs(h).max()):
        raise ValueError("expected a symmetric Hessian, got another matrix: average it with its transpose")
    positive(step=step)
    scaled = step * np.linalg.eigvalsh(h)
    return bool(abs(momentum) < 1 and scaled.min() > 0 and scaled.max() < 2 * (1 + momentum))


def largest_mean_square_step(curvatures: ArrayLike, batch_size: float, momentum: float = 0.0) -> float:
    r"""Learning rate at which the mean square of the parameters stops being bounded, for batches of Gaussian inputs.

    With $a_i=\eta\lambda_i$ it is where the load of the whole spectrum reaches one,
    $$\sum_i\frac{r_i}{1-r_i}=1,\qquad r_i=\frac{a_i}{B}\,\frac{1+\beta}{(1-\beta)\,(2(1+\beta)-a_i)}:$$
    each direction feels the noise of all others. One direction gives $a=2(1+\beta)/(1+\frac2B\frac{1+\beta}{1-\beta})$,
    and $B\to\infty$ gives ``largest_stable_step``.

    Args:
        curvatures: eigenvalues of the Hessian, the mean over inputs, each > 0; a number or shape (d,).
        batch_size: B > 0; infinite for the exact gradient.
        momentum: $-1<\beta<1$.

    Raises:
        ValueError: an argument out of range.

    Source: second moments of least squares on Gaussian inputs, where $\operatorname E\hat HM\hat H=HMH+
    \frac1B(HMH+H\operatorname{tr}HM)$; derived in chapter A3.

    >>> largest_mean_square_step(1.0, 2), round(largest_mean_square_step([1.0, 1.0, 1.0], 4), 12)
    (1.0, 1.0)
    """
    [curved] = spectrum(curvatures=curvatures)
    batch_size, momentum = one(batch_size=batch_size, momentum=momentum)
    above_zero(batch_size=batch_size)
    inside(-1, 1, momentum=momentum)
    edge = _full_load(batch_size, momentum) / float(curved.max())  # where one direction alone has r = 1
    if math.isinf(batch_size):
        return edge
    return float(
        brentq(lambda rate: _spare(rate * curved, batch_size, momentum), 1e-12 * edge, edge, xtol=1e-15 * edge)
    )


def least_damping(step_curvatures: ArrayLike, batch_size: float) -> float:
    r"""Smallest $\gamma=1-\beta$ that is stable in the mean square, for batches of Gaussian inputs.

    It is the root of ``largest_mean_square_step`` for the momentum; for one direction and a large batch it is
    $\gamma\approx\frac{4}{B}\frac{\eta\lambda}{4-\eta\lambda}$, and zero for the exact gradient.

    Args:
        step_curvatures: $\eta\lambda_i>0$, learning rate times eigenvalues of the Hessian; a number or shape (d,).
        batch_size: B > 0; infinite for the exact gradient.

    Raises:
        ValueError: an argument out of range, or steps that no momentum makes stable.

    Source: ``largest_mean_square_step`` turned round.

    >>> least_damping(1.0, np.inf), round(least_damping(0.1, 2000) / (4 / 2000 * 0.1 / 3.9), 3)
    (0.0, 1.0)
    """
    [steps] = spectrum(step_curvatures=step_curvatures)
    above_zero(batch_size=batch_size)
    if math.isinf(batch_size) and steps.max() < 4:
        return 0.0
    tried = np.geomspace(1e-9, 1.0, 400)
    stable = next((x for x in tried if _spare(steps, batch_size, 1 - x) > 0), None)
    if stable is None:
        raise ValueError(f"expected step_curvatures that some momentum makes stable, got {steps.max():g}: lower it")
    return float(brentq(lambda damping: _spare(steps, batch_size, 1 - damping), 1e-14, stable, xtol=1e-14))


def _full_load(batch_size: float, momentum: float) -> float:
    r"""The $\eta\lambda$ at which $r=1$: $2(1+\beta)/(1+\frac1B\frac{1+\beta}{1-\beta})$."""
    return 2 * (1 + momentum) / (1 + (1 + momentum) / (1 - momentum) / batch_size)


def _spare(steps: Array, batch_size: float, momentum: float) -> float:
    r"""$1-\sum_ir_i/(1-r_i)$, times the smallest $1-r_i$ to stay finite: positive where the mean square is bounded."""
    room = 2 * (1 + momentum) - steps
    if (room <= 0).any():
        return -1.0
    r = steps / batch_size * (1 + momentum) / ((1 - momentum) * room)
    if (r >= 1).any():
        return -1.0
    least = float((1 - r).min())
    return float(least - (least * r / (1 - r)).sum())


def mean_square_limit(batch_size: float, dimension: int, curvature: float = 1.0) -> float:
    r"""Learning rate above which $\operatorname{E}|\theta|^2$ grows: $\eta_{\rm ms}=\frac2h\,\frac B{B+d+1}$.

    Least squares on normal inputs of variance $h$ in each of $d$ directions: the update multiplies $\theta$ by
    $1-\eta C$ with $C$ the batch's second-moment matrix, and $\operatorname{E}C^2=h^2(1+(d+1)/B)$. It halves at
    $B=d+1$.

    >>> mean_square_limit(4, dimension=3)
    1.0
    """
    above_zero(batch_size=batch_size, dimension=dimension)
    positive(curvature=curvature)
    return 2 / curvature * batch_size / (batch_size + dimension + 1)


def stability_margin(alpha: float, learning_rate_exponent: float) -> float:
    r"""Mean-square limit over learning rate, one at $\alpha=1$: $2\alpha^{1-x}/(1+\alpha)$ for $\eta\propto\alpha^x$.

    $\alpha$ is the batch size over the one at which the limit is half that of the exact gradient; x is 0 for a constant
    learning rate, 1/2 for the square-root rule, 1 for the linear one.

    >>> stability_margin(4.0, learning_rate_exponent=0.5)
    0.8
    """
    above_zero(alpha=alpha)
    return float(2 * alpha ** (1 - learning_rate_exponent) / (1 + alpha))
