"""Claimed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array


def claimed_cooling_time(dimension: ArrayLike, smallest: ArrayLike) -> Array:
    r"""The document's $\tau=d/\lambda_{\min}$, in units of $\int\eta\,dt$; negative where the loss is concave.

    Raises:
        ValueError: a dimension below one, or a least eigenvalue of zero.

    >>> float(claimed_cooling_time(10, 0.5))
    20.0
    """
    d, least = np.asarray(dimension, dtype=float), np.asarray(smallest, dtype=float)
    if np.any(d < 1) or np.any(least == 0):
        raise ValueError(f"expected dimension >= 1 and an eigenvalue other than 0, got {d} and {least}")
    return np.asarray(d / least)


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
