"""Stability in the mean square: gradient noise that grows with the parameter lowers the limit, other noise does not."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq

from trainphys.power.stability import _check_momentum


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
