"""Crossing a barrier by noise: exact mean escape times, and Kramers' limit."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import cumulative_trapezoid

from trainphys.arrays import Array
from trainphys.checks import at_least, finite, one, within

BARRIERS = (0.1, 500.0)  # in temperatures; for higher ones see kramers_time


def double_well(x: ArrayLike) -> Array:
    """Loss $(x^2-1)^2$: two minima, at -1 and 1, and a barrier of height 1 between them."""
    return np.asarray((np.asarray(x, dtype=float) ** 2 - 1) ** 2)


def mean_escape_time(
    barrier: float,
    loss: Callable[[Array], ArrayLike] = double_well,
    *,
    wall: float = -4.0,
    start: float = -1.0,
    end: float = 1.0,
    points: int = 200_001,
) -> float:
    r"""Mean time until noisy descent in one dimension first reaches a point, at temperature $T=1/b$.

    $\tau=b\int_{x_0}^{x_1}dy\,e^{bU(y)}\int_w^ydz\,e^{-bU(z)}$ with $U$ in units of the barrier, $b$ the barrier over
    the temperature. One update of learning rate $\eta$ takes time $\eta$.

    Args:
        barrier: $b=\Delta L/T$, between 0.1 and 500.
        loss: $U$, of an array of positions.
        wall: $w$, a place so high up, or a wall so hard, that no walker passes it.
        start: $x_0$, at or above the wall.
        end: $x_1$, above the start.
        points: of the quadrature.

    Raises:
        ValueError: a barrier out of range, or places out of order.

    Source: Risken (1996), mean first-passage time in one dimension.

    >>> round(mean_escape_time(25.0) / kramers_time(25.0), 2)
    1.02
    """
    within(*BARRIERS, barrier=barrier)
    one(wall=wall, start=start, end=end)
    finite(wall=wall, end=end)
    at_least(3, points=points)
    if not callable(loss):
        raise ValueError(
            f"expected a function of positions as the loss, got {loss!r:.99}: take double_well or your own"
        )
    if not wall <= start < end:
        raise ValueError(f"expected wall <= start < end, got {wall}, {start}, {end}: mirror the loss")
    z = np.linspace(wall, end, points)
    if start not in z:  # the way across begins there
        z = np.concatenate([np.linspace(wall, start, points), np.linspace(start, end, points)[1:]])
    well = barrier * np.asarray(loss(z), dtype=float)
    inner = cumulative_trapezoid(np.exp(-well), z, initial=0)
    across = z >= start
    return float(barrier * np.trapezoid(np.exp(well[across]) * inner[across], z[across]))


def kramers_time(barrier: float) -> float:
    r"""Limit of ``mean_escape_time`` for high barriers: $2\pi e^b/\sqrt{U''(-1)\,|U''(0)|}=2\pi e^b/\sqrt{32}$.

    Source: Kramers (1940).

    >>> round(kramers_time(1.0) / math.e, 4)
    1.1107
    """
    within(*BARRIERS, barrier=barrier)
    return 2 * math.pi / math.sqrt(32) * math.exp(barrier)


def basin_quality(position: float, barrier: float, learning_rate: float) -> float:
    r"""Mean decrease of $U=(x^2-1)^2$ in one noisy update over $\eta U'^2$, exact.

    The next position is normal with mean $m=x-\eta U'$ and variance $s^2=2\eta/b$, and
    $\operatorname{E}U=m^4+6m^2s^2+3s^4-2(m^2+s^2)+1$; at the stationary points -1, 0 and 1 there is no slope.

    >>> round(basin_quality(-1.5, 500.0, 1e-6), 3)
    0.999
    """
    within(*BARRIERS, barrier=barrier)
    slope = 4 * position * (position**2 - 1)
    if slope == 0 or not learning_rate > 0:
        raise ValueError(f"expected a slope and learning_rate > 0, got {slope}, {learning_rate}: move off the minimum")
    m2, s2 = (position - learning_rate * slope) ** 2, 2 * learning_rate / barrier
    after = m2**2 + 6 * m2 * s2 + 3 * s2**2 - 2 * (m2 + s2) + 1
    return ((position**2 - 1) ** 2 - after) / (learning_rate * slope**2)
