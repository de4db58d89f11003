r"""A second opinion on a loss that falls faster and faster: laws beyond the geometric tail, $x_p$ with p > 1.

Such curves may end in a finite time, as a mean absolute error does under gradient descent. The two tails and what lies
between them are all too slow for them.
"""

import math
from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.tools.time_to_target.floors import gain_over
from trainphys.tools.time_to_target.loss_tails import Laws, coordinate, lines, smearing

EXPONENTS = np.array([1.5, 2.0, 3.0, 5.0])


@dataclass(frozen=True, slots=True)
class Steep:
    """The likeliest law that falls faster and faster."""

    gain: float  # log-likelihood above that of the best law up to the geometric one, nats
    looks_left: float  # until the target, in looks or ticks of the clock


def steeper(y: Array, laws: Laws, log_target: float, clock: Array | None = None, first: int | None = None) -> Steep:
    """ln L as a straight line in x_p for each exponent above one, by the window of the laws.

    >>> from trainphys.tools.time_to_target.loss_tails import fit_laws
    >>> y = -((np.arange(1.0, 41.0) / 40) ** 2)
    >>> found = steeper(y, fit_laws(y), -4.0)
    >>> bool(found.gain > 1), round(found.looks_left, 6)
    (True, 40.0)
    """
    n, half = len(y), len(y) // 2 if first is None else first
    t = np.arange(half + 1.0, n + 1.0) / n if clock is None else clock[half:] / clock[-1]
    x, late = coordinate(t, EXPONENTS), y[half:]
    rate, _, residuals = lines(x, late)
    power = np.where(rate > 0, (residuals**2).sum(axis=1), math.inf)
    best = int(power.argmin())
    if math.isinf(power[best]):
        return Steep(-math.inf, math.inf)
    p, level = EXPONENTS[best], late.mean() + rate[best] * x[best].mean() + smearing(residuals[best])
    ahead = max(float(level - log_target), 0.0) / float(rate[best])
    left = n * float((1.0 + p * ahead) ** (1.0 / p) - 1.0)
    return Steep(gain_over(float(power[best]), residuals[best], laws), left)
