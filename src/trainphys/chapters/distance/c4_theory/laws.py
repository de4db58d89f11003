"""Heavy-ball momentum on inputs of one: the error epoch by epoch, and its factor in the long run."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array


def heavy_ball_factor(rate: ArrayLike, momentum: ArrayLike) -> Array:
    r"""Factor by which the error shrinks an epoch in the long run, for inputs $\pm1$ and heavy-ball momentum m.

    The larger root, in modulus, of $z^2-(1+m-2\eta)z+m=0$: $\sqrt m$ once
    $m\ge(1-\sqrt{2\eta})^2$, where the error swings; $1-2\eta$ at $m=0$.

    Source: Polyak (1964), USSR Computational Mathematics and Mathematical Physics 4(5), 1-17.

    >>> heavy_ball_factor([0.1, 0.1], [0.0, 0.81]).round(12).tolist()
    [0.8, 0.9]
    """
    eta, m = np.asarray(rate, dtype=float), np.asarray(momentum, dtype=float)
    half = (1.0 + m - 2.0 * eta) / 2.0
    root = half**2 - m
    real = np.abs(half) + np.sqrt(np.maximum(root, 0.0))
    return np.asarray(np.where(root < 0, np.sqrt(m), real))


def heavy_ball_errors(rate: float, momentum: float, epochs: int) -> Array:
    r"""Error after 0, 1, 2, ... epochs from rest as a multiple of the error at the start, for inputs $\pm1$.

    $r_{n+1}=(1+m-2\eta)r_n-mr_{n-1}$, $r_0=1$, $r_1=1-2\eta$; the same in every direction, negative after a swing.

    >>> heavy_ball_errors(0.25, 0.0, 3).tolist()
    [1.0, 0.5, 0.25, 0.125]
    """
    r = [1.0, 1.0 - 2.0 * rate]
    while len(r) <= epochs:
        r.append((1.0 + momentum - 2.0 * rate) * r[-1] - momentum * r[-2])
    return np.array(r[: epochs + 1])
