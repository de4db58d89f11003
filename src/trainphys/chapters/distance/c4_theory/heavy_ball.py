r"""Momentum on y = |w1 x1 + w2 x2 + b|: a second number, the velocity, that the distance does not know."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.systems.input_scales import Scales
from trainphys.xor.landscape import gradient, loss


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
