"""Crossing a barrier by noise: exact mean escape times in a double well, Kramers' limit, and noisy descent itself."""

import math

import numpy as np
from scipy.integrate import cumulative_trapezoid

from trainphys.checks import within

# A walk seen at steps of size s crosses a level on average 0.5826 s too late.
OVERSHOOT = 0.5826
BARRIERS = (0.1, 500.0)  # in temperatures; for higher ones see kramers_time


def mean_escape_time(barrier: float, points: int = 200_001) -> float:
    r"""Mean time from one minimum of $U=(x^2-1)^2$ to the other at temperature $T=1/b$, $b$ the barrier over $T$.

    $\tau=b\int_{-1}^1dy\,e^{bU(y)}\int_{-\infty}^ydz\,e^{-bU(z)}$, in units of the inverse curvature scale: one update
    of learning rate $\eta$ takes time $\eta$.

    Args:
        barrier: $b=\Delta L/T$, between 0.1 and 500.
        points: of the quadrature.

    Raises:
        ValueError: a barrier out of range.

    Source: Risken (1996), mean first-passage time in one dimension.

    >>> round(mean_escape_time(25.0) / kramers_time(25.0), 2)
    1.02
    """
    within(*BARRIERS, barrier=barrier)
    z = np.linspace(-4.0, 1.0, points)
    well = barrier * (z**2 - 1) ** 2
    inner = cumulative_trapezoid(np.exp(-well), z, initial=0)
    across = z >= -1
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
