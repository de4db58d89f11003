"""SGD at a fixed batch size in wells of many curvatures: the exact spread, under schedules with tuned ends."""

import itertools
import math
from collections.abc import Callable
from functools import partial

import numba as nb
import numpy as np

from trainphys.arrays import Array
from trainphys.tools.schedules.shapes import (
    cosine_decay,
    exponential_decay,
    inverse_time_decay,
    linear_decay,
    step_decay,
)

SHAPES: dict[str, Callable[..., Array]] = {
    "exponential": exponential_decay,
    "inverse time": inverse_time_decay,
    "linear": linear_decay,
    "cosine": cosine_decay,
    "step": partial(step_decay, drops=4),
}
DIRECTIONS = 16  # curvatures, equal factors apart


@nb.njit
def final_losses(rates, curvatures, noise):  # type: ignore[no-untyped-def]
    r"""Mean loss per direction after the last update, for each row of learning rates.

    $u\leftarrow(1-\eta k)^2u+\eta^2k^2c$ with $u=k\langle\theta^2\rangle$ from one; the gradient noise of a direction
    has the variance $ck$, as in least squares with independent errors.
    """
    found = np.empty(rates.shape[0])
    for row in range(rates.shape[0]):
        u = np.ones(curvatures.size)
        for n in range(rates.shape[1]):
            for i in range(curvatures.size):
                step = rates[row, n] * curvatures[i]
                u[i] = (1 - step) ** 2 * u[i] + step**2 * noise
        found[row] = u.mean() / 2
    return found


def tuned_losses(*, decades: tuple[int, ...], updates: int, noise: float) -> list[dict[str, str | float]]:
    """Lowest final loss of each shape, first and last rate searched on grids that shrink, for curvatures up to one."""
    rows: list[dict[str, str | float]] = []
    progress = np.arange(updates) / updates
    for spread, (name, shape) in itertools.product(decades, SHAPES.items()):
        curvatures = np.geomspace(10.0**-spread, 1.0, DIRECTIONS) if spread else np.ones(1)
        centre, span = np.log([0.1, 0.03]), np.array([3.0, 4.0])
        lowest = math.inf
        for _ in range(6):
            moves = itertools.product(np.linspace(-1, 1, 7), repeat=2)
            ends = [np.minimum(centre + span * np.array(move), [math.log(1.5), 0.0]) for move in moves]
            rates = np.array([np.exp(first) * shape(progress, float(np.exp(fall))) for first, fall in ends])
            losses = final_losses(rates, curvatures, noise)
            lowest, centre, span = float(losses.min()), ends[int(losses.argmin())], span * 0.5
        rate, fall = np.exp(centre)
        rows.append({"decades": spread, "shape": name, "loss": lowest, "first rate": float(rate), "fall": float(fall)})
    return rows
