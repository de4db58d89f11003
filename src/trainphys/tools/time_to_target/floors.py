r"""A second opinion on a loss history: the same laws above a floor, $L=F+e^{a-r\,x_p(t)}$, of unknown height."""

import math
from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.tools.time_to_target.history import noise
from trainphys.tools.time_to_target.loss_tails import (
    EXPONENTS,
    FARTHEST,
    Laws,
    coordinate,
    effective,
    fit_laws,
    smearing,
)

HEIGHTS = np.linspace(0.1, 0.95, 18)  # of the present loss
EARLY = 10  # the first tenth of a history may lie before its law
OPEN = 1.35  # nats below the likeliest that an interval of 90 % holds
FITS = 1.1  # times the noise: residuals up to there hold no more than it
STRIDE = 5  # every fifth law: neighbours hardly differ once a floor is free


@dataclass(frozen=True, slots=True)
class Floored:
    """The likeliest law above a floor, and the likeliest one that stays above the target."""

    floor: float
    gain: float  # log-likelihood above that of the best law without a floor, nats
    looks_left: float  # until the target, in looks or ticks of the clock; infinite where it is never reached
    never_gain: float  # the gain of the likeliest law that never reaches the target; -inf where none falls
    noise: float = math.inf  # standard deviation of the residuals of ln L about the likeliest law


@dataclass(frozen=True, slots=True)
class Opinions:
    """The likeliest law above a floor by the window of the laws, and by as much of the history as is heard."""

    window: Floored
    heard: Floored


def opinions(y: Array, laws: Laws, log_target: float, clock: Array | None = None, first: int | None = None) -> Opinions:
    """Both opinions; all but the first tenth of the history is heard where it speaks clearly, else the window alone.

    The window, mostly the last half, leaves many floors open that the whole shows. The whole is heard where it fits to
    the noise, and its floor is not excluded by the window.

    >>> from trainphys.tools.time_to_target.loss_tails import fit_laws
    >>> rng = np.random.default_rng(0)
    >>> y = np.log(0.1 + np.exp(-np.arange(200) / 60)) + 0.03 * rng.standard_normal(200)
    >>> found = opinions(y, fit_laws(y), math.log(0.08))
    >>> bool(found.window.gain < 1 < found.heard.gain)
    True
    """
    early, late = len(y) // EARLY, floored(y, laws, log_target, clock, first)
    whole = floored(y, fit_laws(y, None, clock, early), log_target, clock, early)
    if whole.noise > FITS * noise(y):
        return Opinions(late, late)
    there = floored(y, laws, log_target, clock, first, floors=np.array([whole.floor]))
    return Opinions(late, whole if there.gain > -OPEN else late)


def floored(
    y: Array, laws: Laws, log_target: float, clock: Array | None = None, first: int | None = None,
    *, floors: Array | None = None,
) -> Floored:  # fmt: skip
    """The likeliest of the laws above a floor, fitted to the same window of ln L as those without.

    ln(L - F) is a straight line in x_p; laws and floors are compared by the residuals of ln L. A law never reaches the
    target where its floor lies above it, or where it levels off between the two.

    >>> from trainphys.tools.time_to_target.loss_tails import fit_laws
    >>> y = np.log(0.1 + 0.9 ** np.arange(40))
    >>> found = floored(y, fit_laws(y), math.log(0.101))
    >>> bool(found.gain > 1), abs(found.floor - 0.1) < 0.01
    (True, True)
    """
    n, half = len(y), len(y) // 2 if first is None else first
    t = np.arange(half + 1.0, n + 1.0) / n if clock is None else clock[half:] / clock[-1]
    late = np.exp(y[half:])
    now = math.exp(float(laws.weight @ laws.level))
    exponents = EXPONENTS[::-STRIDE]
    x = coordinate(t, exponents)[None]  # heights, laws, looks
    highest = float(late.min())
    heights = HEIGHTS * min(now, highest) if floors is None else np.minimum(floors, HEIGHTS[-1] * highest)
    floors = heights[:, None, None]
    z = np.log(late - floors)
    dx = x - x.mean(axis=2, keepdims=True)
    rate = -(dx * z).sum(axis=2, keepdims=True) / (dx**2).sum(axis=2, keepdims=True)
    level = z.mean(axis=2, keepdims=True) + rate * x.mean(axis=2, keepdims=True)
    residuals = y[half:] - np.log(floors + np.exp(level - rate * x))
    falls = rate[..., 0] > 0
    power = np.where(falls, (residuals**2).sum(axis=2), math.inf)
    aims = log_target - smearing(residuals)  # the mean behind the logarithms is at the target
    left = _looks_left(n, floors[..., 0], level[..., 0], np.where(falls, rate[..., 0], 1.0), exponents, aims)
    gains = []
    for asked in (power, np.where(np.isinf(left), power, math.inf)):
        place = np.unravel_index(int(asked.argmin()), power.shape)
        gains.append(gain_over(float(asked[place]), residuals[place], laws))
    height, law = np.unravel_index(int(power.argmin()), power.shape)
    scatter = math.sqrt(float(power[height, law]) / (n - half))
    return Floored(float(floors[height, 0, 0]), gains[0], float(left[height, law]), gains[1], scatter)


def _looks_left(n: int, floors: Array, level: Array, rate: Array, p: Array, aims: Array) -> Array:
    """Looks from the last one to the target by every floor and law, infinite where it is never reached."""
    above = np.exp(aims) - floors
    ahead = (level - np.log(np.where(above > 0, above, 1.0))) / rate
    inner = 1.0 + p * ahead
    grown = np.where(p == 0, ahead, np.log(np.where(inner > 0, inner, 1.0)) / np.where(p == 0, 1.0, p))
    return np.where((above > 0) & (inner > 0), n * np.expm1(np.minimum(grown, FARTHEST)), math.inf)


def gain_over(power: float, residuals: Array, laws: Laws) -> float:
    """Log-likelihood of a law above a floor over that of the best without, by the noise of the better one."""
    best = int(laws.evidence.argmax())
    plain = float(laws.noise[best]) ** 2 * (len(residuals) - 2)
    independent = float(effective(residuals[None])[0] if power < plain else laws.independent[best])
    return 0.5 * independent * math.log(max(plain, 1e-30) / max(power, 1e-30)) if power < math.inf else -math.inf
