r"""A second opinion on a loss history: the same laws above a floor, $L=F+e^{a-r\,x_p(t)}$, of unknown height."""

import math
from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.tools.time_to_target.loss_tails import EXPONENTS, Laws, coordinate, effective

HEIGHTS = np.linspace(0.1, 0.95, 18)  # of the present loss
STRIDE = 5  # every fifth law: neighbours hardly differ once a floor is free


@dataclass(frozen=True, slots=True)
class Floored:
    """The likeliest law above a floor."""

    floor: float
    gain: float  # log-likelihood above that of the best law without a floor, nats
    looks_left: float  # until the target, in looks or ticks of the clock; infinite where the floor lies above it


def floored(y: Array, laws: Laws, log_target: float, clock: Array | None = None) -> Floored:
    """The likeliest of the laws above a floor, fitted to the last half of ln L as those without.

    ln(L - F) is a straight line in x_p; laws and floors are compared by the residuals of ln L.

    >>> from trainphys.tools.time_to_target.loss_tails import fit_laws
    >>> y = np.log(0.1 + 0.9 ** np.arange(40))
    >>> found = floored(y, fit_laws(y), math.log(0.101))
    >>> bool(found.gain > 1), abs(found.floor - 0.1) < 0.01
    (True, True)
    """
    n, half = len(y), len(y) // 2
    t = np.arange(half + 1.0, n + 1.0) / n if clock is None else clock[half:] / clock[-1]
    late = np.exp(y[half:])
    now = math.exp(float(laws.weight @ laws.level))
    exponents = EXPONENTS[::-STRIDE]
    x = coordinate(t, exponents)[None]  # heights, laws, looks
    floors = HEIGHTS[:, None, None] * min(now, float(late.min()))
    z = np.log(late - floors)
    dx = x - x.mean(axis=2, keepdims=True)
    rate = -(dx * z).sum(axis=2, keepdims=True) / (dx**2).sum(axis=2, keepdims=True)
    level = z.mean(axis=2, keepdims=True) + rate * x.mean(axis=2, keepdims=True)
    residuals = y[half:] - np.log(floors + np.exp(level - rate * x))
    power = np.where(rate[..., 0] > 0, (residuals**2).sum(axis=2), math.inf)
    height, law = np.unravel_index(int(power.argmin()), power.shape)
    best = int(laws.evidence.argmax())
    plain = float(laws.noise[best]) ** 2 * (n - half - 2)
    found = residuals[height, law][None]
    better = effective(found)[0] if power.min() < plain else laws.independent[best]  # of the better law, as in fit_laws
    gain = 0.5 * float(better) * math.log(max(plain, 1e-30) / max(float(power.min()), 1e-30))
    floor, p = float(floors[height, 0, 0]), float(exponents[law])
    if not math.log(floor) < log_target:
        return Floored(floor, gain, math.inf)
    ahead = float(level[height, law, 0] - math.log(math.exp(log_target) - floor)) / float(rate[height, law, 0])
    inner = 1.0 + p * ahead
    if inner <= 0:
        return Floored(floor, gain, math.inf)
    grown = math.exp(min(ahead, 50.0)) if p == 0 else inner ** (1.0 / p)
    return Floored(floor, gain, n * (grown - 1.0))
