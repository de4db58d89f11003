"""Time to close a gap in the loss: how far the gradient should change along the way, and descent itself."""

from collections.abc import Callable

import numpy as np

from trainphys.arrays import Array
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.systems.noisy_quadratic import NoisyQuadratic


def expected_fall(gap: float, squared_gradient: float, curvature_along: float) -> float:
    r"""Share that the squared gradient should lose on the way, from the start: $2\Delta L\,g^{\mathsf T}Hg/|g|^4$.

    >>> expected_fall(0.01, squared_gradient=1.0, curvature_along=1.0)
    0.02
    """
    return 2 * gap * curvature_along / squared_gradient**2


def descent_losses(
    loss: Callable[[Array], float],
    gradient: Callable[[Array], Array],
    start: Array,
    learning_rate: float,
    updates: int,
) -> Array:
    """Loss before and after each of a number of gradient-descent updates, shape (updates + 1,).

    >>> descent_losses(lambda x: float(x @ x) / 2, lambda x: x, np.ones(1), 0.5, 2).tolist()
    [0.5, 0.125, 0.03125]
    """
    point, losses = np.array(start, dtype=float), [loss(start)]
    for _ in range(updates):
        point = point - learning_rate * gradient(point)
        losses.append(loss(point))
    return np.array(losses)


def noisy_gap(
    *, model: NoisyQuadratic, learning_rate: float, batch_size: float, updates: int, pairs: int, seed: int
) -> Estimate:
    """Mean fall of the loss in a number of noisy updates from all parameters at one.

    Runs come in pairs whose noise differs in sign, so that what is linear in the noise cancels.
    """
    rng = stream(seed, "noisy-gap", round(1000 * batch_size))
    h, spread = np.array(model.curvature), np.sqrt(np.array(model.noise) / batch_size)
    theta = np.ones((2, pairs, h.size))
    for _ in range(updates):
        noise = spread * rng.standard_normal((pairs, h.size))
        theta -= learning_rate * (h * theta + np.array([noise, -noise]))
    return Estimate.from_samples(model.initial_loss() - (0.5 * theta**2 @ h).mean(axis=0))
