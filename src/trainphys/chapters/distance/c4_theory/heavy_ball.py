r"""Momentum on y = |w1 x1 + w2 x2 + b|: a second number, the velocity, that the distance does not know."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.systems.input_scales import Scales
from trainphys.xor.landscape import gradient, loss


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


def train_heavy_ball(
    starts: ArrayLike, *, rate: float, momentum: float, epochs: int, scales: Scales = (1.0, 1.0)
) -> tuple[Array, Array]:
    r"""Full-batch descent with momentum, $v\leftarrow mv-\eta\nabla L$, $\theta\leftarrow\theta+v$, from rest.

    States have shape (epochs + 1, 3, runs), their losses (epochs + 1, runs).
    """
    theta = np.asarray(starts, dtype=float).T
    states, velocity = [theta], np.zeros_like(theta)
    for _ in range(epochs):
        velocity = momentum * velocity - rate * gradient(states[-1], scales)
        states.append(states[-1] + velocity)
    path = np.stack(states)
    return path, loss(path.transpose(1, 0, 2), scales)
