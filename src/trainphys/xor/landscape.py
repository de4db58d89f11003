r"""The loss of y = |w1 x1 + w2 x2 + b| on centred XOR: a quadratic bowl minus a ridge, and its minima.

The inputs are $(\pm c_1,\pm c_2)$; the target is 1 where their signs differ and 0 elsewhere. With $p=c_1w_1-c_2w_2$ the
mean squared error is $L=c_1^2w_1^2+c_2^2w_2^2+b^2-\max(|p|,|b|)+\tfrac12$ in every sign cell.
"""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Booleans
from trainphys.checks import finite
from trainphys.systems.input_scales import Scales, widths

SIGNS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
TARGETS = np.array([0.0, 1.0, 1.0, 0.0])


def loss(parameters: ArrayLike, scales: Scales = (1.0, 1.0)) -> Array:
    r"""Mean squared error over the four samples, $L=\tfrac14\sum_i(|w\cdot x_i+b|-t_i)^2$, of parameters (3, ...).

    >>> loss([0.5, -0.5, 0.0]).item(), loss([0.0, 0.0, 0.5]).item()
    (0.0, 0.25)
    """
    theta = as_parameters(parameters)
    return np.asarray(((np.abs(_outputs(theta, scales)) - _column(TARGETS, theta)) ** 2).mean(axis=0))


def gradient(parameters: ArrayLike, scales: Scales = (1.0, 1.0)) -> Array:
    r"""Gradient of the loss, $\tfrac12\sum_i(|s_i|-t_i)\operatorname{sign}(s_i)\,(x_i,1)$; 0 is the slope at a kink.

    >>> gradient([1.0, -1.0, 0.25]).tolist()  # twice the way to (0.5, -0.5, 0)
    [1.0, -1.0, 0.5]
    """
    theta = as_parameters(parameters)
    s = _outputs(theta, scales)
    residual = (np.abs(s) - _column(TARGETS, theta)) * np.sign(s)
    return 0.5 * np.tensordot(_rows(scales).T, residual, axes=1)


def solution(parameters: ArrayLike, scales: Scales = (1.0, 1.0)) -> Array:
    r"""The global minimum on the side of the given states: $\pm(1/2c_1,-1/2c_2,0)$, the sign being that of $p$.

    >>> solution([0.1, 0.4, 0.0]).tolist()
    [-0.5, 0.5, 0.0]
    """
    theta = as_parameters(parameters)
    side = np.where(_lead(theta, scales) >= 0, 1.0, -1.0)
    return np.stack([side * 0.5 / scales[0], side * -0.5 / scales[1], np.zeros_like(side)])


def solvable(parameters: ArrayLike, scales: Scales = (1.0, 1.0)) -> Booleans:
    r"""Whether full-batch descent from here reaches loss 0: the cone $|c_1w_1-c_2w_2|>|b|$.

    From the other cone it ends at $w=0$, $b=\pm\tfrac12$ with loss $\tfrac14$. Exact for $c_1=c_2=1$ and
    $0<\eta\le\tfrac12$, where a run is a straight line to the minimum of its cone.

    Args:
        parameters: (w1, w2, b) along the first axis, shape (3, ...).
        scales: half widths (c1, c2) of the inputs, > 0.

    Raises:
        ValueError: the first axis does not hold three finite parameters, or the scales are not two positive numbers.

    >>> solvable([[0.3, 0.1], [-0.1, 0.1], [0.2, 0.2]]).tolist()
    [True, False]
    """
    theta = as_parameters(parameters)
    return np.asarray(np.abs(_lead(theta, scales)) > np.abs(theta[2]))


def as_parameters(parameters: ArrayLike) -> Array:
    """(w1, w2, b) along the first axis, checked: three finite numbers."""
    theta = np.asarray(parameters, dtype=float)
    if theta.ndim == 0 or theta.shape[0] != 3:
        raise ValueError(f"expected (w1, w2, b) along the first axis, got shape {theta.shape}: transpose the array")
    finite(parameters=theta)
    return theta


def _rows(scales: Scales) -> Array:
    """The four samples with the bias's 1, shape (4, 3)."""
    return np.column_stack([SIGNS * np.asarray(widths(scales)), np.ones(4)])


def _outputs(theta: Array, scales: Scales) -> Array:
    return np.tensordot(_rows(scales), theta, axes=1)  # samples, ...


def _column(values: Array, theta: Array) -> Array:
    return values.reshape((-1,) + (1,) * (theta.ndim - 1))


def _lead(theta: Array, scales: Scales) -> Array:
    """p, the output's difference between the two samples of target 1, halved."""
    c1, c2 = widths(scales)
    return np.asarray(c1 * theta[0] - c2 * theta[1])
