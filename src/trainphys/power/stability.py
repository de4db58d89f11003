"""When gradient descent with momentum is linearly stable: the exact update matrix, and the matrix that is claimed."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Reading = Literal["oscillator", "descent sign", "as written"]


def heavy_ball_matrix(step_curvature: float, momentum: float = 0.0) -> Floats:
    r"""Matrix of one update of $(\theta, v)$ along a Hessian eigenvector: $v\leftarrow\beta v-\eta\lambda\theta$, $\theta\leftarrow\theta+v$.

    Args:
        step_curvature: $\eta\lambda$, learning rate times Hessian eigenvalue, dimensionless.
        momentum: $\beta$; 0 is plain gradient descent.

    Source: Polyak (1964).

    >>> heavy_ball_matrix(0.5, 0.25).tolist()
    [[0.5, 0.25], [-0.5, 0.25]]
    """  # noqa: E501
    return np.array([[1 - step_curvature, momentum], [-step_curvature, momentum]])


def growth_factor(step_curvature: ArrayLike, momentum: float = 0.0) -> Floats:
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


def claimed_matrix(hessian: ArrayLike, step: float, damping: float, reading: Reading = "as written") -> Floats:
    r"""The block matrix of document A, section 3.1, in three readings; the loss does not depend on the velocity.

    ``as written`` has the blocks $H$, $0$, $-\eta_\mathrm{eff}$, $-\gamma$; ``descent sign`` has $-H$ for $H$;
    ``oscillator`` is the flow that was meant, with the blocks $0$, $1$, $-\eta_\mathrm{eff}H$, $-\gamma$.

    Args:
        hessian: symmetric, shape (n, n), or a number.
        step: $\eta_\mathrm{eff}=\eta\alpha/B_\mathrm{crit}$.
        damping: $\gamma$, per update.

    Returns:
        Shape (2n, 2n); its eigenvalues are growth rates per update.

    >>> claimed_matrix(2.0, step=0.5, damping=0.1, reading="oscillator").tolist()
    [[0.0, 1.0], [-1.0, -0.1]]
    """
    h = np.atleast_2d(np.asarray(hessian, dtype=float))
    one, zero = np.eye(len(h)), np.zeros_like(h)
    if reading == "oscillator":
        return np.block([[zero, one], [-step * h, -damping * one]])
    if reading not in ("descent sign", "as written"):
        raise ValueError(f"expected 'oscillator', 'descent sign' or 'as written', got {reading!r}")
    return np.block([[h if reading == "as written" else -h, zero], [-step * one, -damping * one]])


def flow_rate(matrix: ArrayLike) -> float:
    r"""Growth rate of $\dot x=Mx$: the largest real part of an eigenvalue; stable below zero.

    >>> round(flow_rate([[0.0, 1.0], [-4.0, -1.0]]), 9)
    -0.5
    """
    return float(np.linalg.eigvals(np.asarray(matrix, dtype=float)).real.max())


def trace_determinant_says_stable(matrix: ArrayLike) -> bool:
    r"""The claimed criterion, $\operatorname{tr}M<0$ and $\det M>0$.

    >>> trace_determinant_says_stable([[0.0, 1.0], [-4.0, -1.0]])
    True
    """
    m = np.asarray(matrix, dtype=float)
    return bool(np.trace(m) < 0 and np.linalg.det(m) > 0)


def _check_momentum(momentum: float) -> None:
    if not -1 < momentum < 1:
        raise ValueError(f"expected -1 < momentum < 1, got {momentum}: no step is stable outside")
