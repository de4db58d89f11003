r"""The part of a loss that gradient noise holds up, $c\,\eta$: it falls with the rate, not with the sum of the rates.

SGD near a minimum keeps an excess loss in proportion to its learning rate, so the loss is $L=D(\tau)+c\,\eta$ with a
descent D by the sum of the rates. Where a schedule ends low, most of what is left to fall may be the second part.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.tools.time_to_target.floors import OPEN, gain_over
from trainphys.tools.time_to_target.loss_tails import EXPONENTS, Laws, coordinate, fit_laws
from trainphys.tools.time_to_target.rate_clock import RateClock

SHARES = np.linspace(0.05, 0.95, 19)  # of the most that noise can hold up
POINTS = 32  # of the plan, looked at before the place is narrowed down


@dataclass(frozen=True, slots=True)
class HeldUp:
    """What gradient noise may hold up of a loss.

    Attributes:
        open: the likeliest c, and the least and the largest that fit better than none and not much worse than that.
        gain: log-likelihood of the likeliest above that of the best law alone, nats.
    """

    open: tuple[float, ...]
    gain: float


def held_up(y: Array, laws: Laws, clock: RateClock) -> HeldUp:
    r"""Values of c by the last half of ln L: the whole would make them surer than they are, since noise lags its rate.

    >>> from trainphys.tools.time_to_target.rate_clock import rate_clock
    >>> eta = np.linspace(1.0, 0.1, 91)
    >>> clock = rate_clock(eta, 60)
    >>> y = np.log(np.exp(-clock.seen / 10) + 0.2 * eta[:60])
    >>> round(held_up(y, fit_laws(y, clock=clock.seen), clock).open[0], 2)
    0.2
    """
    first = len(y) // 2
    rates = clock.rates[: clock.looks]
    most = float((np.exp(y[rates > 0]) / rates[rates > 0]).min())
    x, late = coordinate(clock.seen[first:] / clock.seen[-1], EXPONENTS), y[first:]
    gains = []
    for c in SHARES * most:
        fits = fit_laws(without(y, c, clock), None, clock.seen, first)
        descent = np.exp(fits.line[:, None] - fits.rate[:, None] * (x - x[:, -1:]))
        residuals = late - np.log(descent + c * rates[first:])
        power = np.where(fits.rate > 0, (residuals**2).sum(axis=1), math.inf)
        best = int(power.argmin())
        gains.append(gain_over(float(power[best]), residuals[best], laws))
    top = max(gains)
    likely = [k for k in range(len(SHARES)) if gains[k] > max(top - OPEN, 0.0)]
    chosen = dict.fromkeys([int(np.argmax(gains)), likely[0], likely[-1]]) if likely else {}
    return HeldUp(tuple(float(SHARES[k] * most) for k in chosen), top)


def without(y: Array, c: float, clock: RateClock) -> Array:
    """ln D: what is left of a loss without the part that noise holds up."""
    return np.log(np.exp(y) - c * clock.rates[: clock.looks])


def looks_until(met: Callable[[int], bool], clock: RateClock) -> float:
    """Looks from the present one to the first planned one at which something is met; infinite beyond the plan.

    >>> from trainphys.tools.time_to_target.rate_clock import rate_clock
    >>> looks_until(lambda look: look >= 24, rate_clock(np.ones(40), 20))
    5.0
    """
    last = clock.looks - 1
    before = last
    for look in np.unique(np.linspace(clock.looks, len(clock.times) - 1, POINTS).astype(int)).tolist():
        if met(look):
            while look - before > 1:
                middle = (before + look) // 2
                before, look = (before, middle) if met(middle) else (middle, look)
            return float(look - last)
        before = look
    return math.inf
