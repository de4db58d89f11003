r"""How many steps a run still needs, from its loss so far: with an interval, or a refusal that says what it lacks.

Two tails are weighed. In a geometric tail the loss falls by one factor a step, $L\propto e^{-\lambda t}$; in a
power-law tail by one factor for each doubling of the time, $L\propto t^{-\alpha}$. Both are straight lines for $\ln L$,
in $t$ and in $\ln t$. The last half of the history is fitted with each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Tail = Literal["geometric", "power law", "either", "reached"]
SHORTEST = 20  # losses; the fits use half of them
EVIDENCE = math.log(10.0)  # nats: odds of ten to one, Jeffreys' "strong"
ALIKE = 1.5  # forecasts of the two tails within this factor need no choice
BEND = 2.0  # a rate that changes by this factor within the window has not settled
HALF_STEP = 0.5  # of the history: what lies between two losses is not known
# Half width of the interval in units of our own standard error of ln(steps): held nine forecasts of ten of pooled
# networks and noisy quadratics (0.8 to 1.0 of each kind); back-tested on other runs in notebooks/distance/5.
WIDENING = 2.5


@dataclass(frozen=True, slots=True)
class RemainingSteps:
    """Forecast of the steps until a loss is reached.

    Attributes:
        value: steps from the last loss of the history.
        low: lower end of the interval.
        high: upper end of the interval.
        tail: law that the forecast follows; ``either`` when both agree, ``reached`` when nothing is left.
        spread: our standard error of the logarithm of the steps, before widening.
        evidence: nats in favour of the geometric tail; negative for the power law.
    """

    value: float
    low: float
    high: float
    tail: Tail
    spread: float
    evidence: float


class NotIdentifiable(ValueError):
    """The history does not settle the forecast; carries what was found and what would settle it.

    Attributes:
        estimate: steps by the geometric and by the power-law tail; not a number where a tail has no forecast.
        needed_loss: running loss below which the two tails would agree well enough; not a number when unknown.
        needed_history: losses to collect before asking again.
    """

    def __init__(self, message: str, estimate: tuple[float, float], needed_loss: float, needed_history: int) -> None:
        super().__init__(message)
        self.estimate, self.needed_loss, self.needed_history = estimate, needed_loss, needed_history


@dataclass(frozen=True, slots=True)
class _Fit:
    rate: float  # fall of ln L for each unit of x
    error: float  # standard error of the rate, with correlated residuals
    level: float  # fitted ln L at the end
    residuals: Array
    width: float  # of the window, in x
    bend: float  # rate of the later half of the window over that of the earlier half


def time_to_target(
    history: ArrayLike,
    target: float,
    *,
    gradient_norms: ArrayLike | None = None,
    every: float = 1.0,
    widening: float = WIDENING,
) -> RemainingSteps:
    r"""Steps until the loss reaches a target, with an interval for nine runs of ten.

    Geometric: $\ln(L/L^*)/\lambda$. Power law: $t\,[(L/L^*)^{1/\alpha}-1]$. The interval is the value times
    $e^{\pm w\sigma}$, where $\sigma$ joins the errors of the rate and of the present level, the drift of the rate
    within the window, and half the distance of two losses.

    Args:
        history: losses at equal distances from the first step on, > 0, at least 20.
        target: loss $L^*$ to reach, > 0; subtract a known floor from both.
        gradient_norms: norms of the gradient beside the losses, > 0: a slope of $\ln g^2$ on $\ln L$ of 1 speaks for
            the geometric tail, of $1+1/\alpha$ for the power law.
        every: steps between two losses, > 0.
        widening: $w$; from ``widening_from_runs`` for runs like yours.

    Returns:
        Forecast in steps after the last loss.

    Raises:
        ValueError: a history that is too short, or numbers that are not positive and finite.
        NotIdentifiable: the loss does not fall, levels off, has not settled, is within its noise of the target, or
            the tails disagree and the history does not favour one by ten to one.

    >>> left = time_to_target(0.5 * 0.9 ** np.arange(40), 1e-4)
    >>> left.tail, round(left.value, 3)
    ('geometric', 41.839)
    """
    y, steps = _checked(history, target, every, widening)
    if (y < math.log(target)).any():
        return RemainingSteps(0.0, 0.0, 0.0, "reached", 0.0, 0.0)
    t = np.arange(1.0, len(y) + 1.0)
    half = len(y) // 2
    window = slice(half, None)
    fits = _fit(t[window], y[window]), _fit(np.log(t[window]), y[window])
    drop = [fit.level - math.log(target) for fit in fits]
    _refuse_unsettled(fits, len(y))
    if min(drop) <= 0:  # a noisy history whose fit has passed the target before any loss has
        raise NotIdentifiable(
            f"expected a target below the smoothed loss, got {target}: it is nearer than the noise, look again soon",
            (math.nan, math.nan), math.nan, len(y) + 1,
        )  # fmt: skip
    forecasts = drop[0] / fits[0].rate, len(y) * math.expm1(drop[1] / fits[1].rate)
    evidence = _evidence(fits[0].residuals, fits[1].residuals)
    if gradient_norms is not None:
        evidence += _gradient_evidence(gradient_norms, y, window, fits[1].rate)
    alike = max(forecasts) + 1.0 <= ALIKE * (min(forecasts) + 1.0)
    if abs(evidence) < EVIDENCE and not alike:
        raise _undecided(forecasts, fits[1].rate, target, len(y), steps)
    chosen = (0,) if evidence >= EVIDENCE else (1,) if evidence <= -EVIDENCE else (0, 1)
    tail: Tail = "either" if len(chosen) == 2 else "geometric" if chosen == (0,) else "power law"
    value = math.sqrt(math.prod(forecasts[i] for i in chosen)) if len(chosen) == 2 else forecasts[chosen[0]]
    spreads = [_spread(fits[i], drop[i], forecasts[i], power=i == 1) for i in chosen]
    low = min(forecasts[i] * math.exp(-widening * s) for i, s in zip(chosen, spreads, strict=True))
    high = max(forecasts[i] * math.exp(widening * s) for i, s in zip(chosen, spreads, strict=True))
    return RemainingSteps(value * steps, low * steps, high * steps, tail, max(spreads), evidence)


def widening_from_runs(forecasts: Sequence[RemainingSteps], truth: ArrayLike, *, level: float = 0.9) -> float:
    r"""Widening that makes the interval hold this share of runs like the ones given: split-conformal calibration.

    The $\lceil(n+1)\,\text{level}\rceil$-th smallest of $|\ln(\text{truth}/\text{value})|/\sigma$.

    Args:
        forecasts: one for each finished run.
        truth: steps that each run took after its forecast, > 0.
        level: share of runs that the interval shall hold, in (0, 1).

    Raises:
        ValueError: lengths that differ, or too few runs for the level.

    Source: Vovk, Gammerman and Shafer (2005); Lei and others (2018), split conformal prediction.

    >>> one = RemainingSteps(10.0, 9.0, 11.0, "geometric", 0.1, 5.0)
    >>> round(widening_from_runs([one] * 9, [10 * math.exp(0.1)] * 9, level=0.9), 6)
    1.0
    """
    steps = np.asarray(truth, dtype=float)
    n = len(forecasts)
    rank = math.ceil((n + 1) * level) if 0 < level < 1 else n + 1
    if steps.shape != (n,) or rank > n or not (steps > 0).all():
        raise ValueError(
            f"expected a positive truth for each of {n} forecasts and (n + 1) level <= n, got {steps.shape}"
        )
    scores = [abs(math.log(s / f.value)) / f.spread for f, s in zip(forecasts, steps, strict=True)]
    return float(np.sort(scores)[rank - 1])


def tails_agree_within(factor: float) -> float:
    r"""Largest $x=\ln(L/L^*)/\alpha$ at which the two tails differ by no more than a factor: $(e^x-1)/x$ equals it.

    A power law of local rate $\lambda=\alpha/t$ needs $(e^x-1)/x$ times the steps of the geometric tail with that rate.

    Args:
        factor: > 1.

    Raises:
        ValueError: a factor that is not larger than 1.

    >>> x = tails_agree_within(1.5)
    >>> round(math.expm1(x) / x, 9)
    1.5
    """
    if not (factor > 1 and math.isfinite(factor)):
        raise ValueError(f"expected a finite factor > 1, got {factor}: 1.5 allows half as much again")
    low, high = 0.0, 2.0 * math.log(factor) + 2.0 * (factor - 1.0)
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if middle == 0 or math.expm1(middle) < factor * middle else (low, middle)
    return high


def _checked(history: ArrayLike, target: float, every: float, widening: float) -> tuple[Array, float]:
    losses = np.asarray(history, dtype=float)
    if losses.ndim != 1 or len(losses) < SHORTEST:
        raise ValueError(f"expected a history of at least {SHORTEST} losses, got shape {losses.shape}: look more often")
    if not (np.isfinite(losses).all() and (losses > 0).all()):
        raise ValueError(
            "expected losses > 0 and finite, got others: subtract a smaller floor, or leave out the failure"
        )
    if not (target > 0 and every > 0 and widening > 0 and math.isfinite(target + every + widening)):
        raise ValueError(f"expected target, every and widening > 0, got {target}, {every}, {widening}: check the order")
    return np.log(losses), float(every)


def _slope(x: Array, y: Array) -> float:
    dx = x - x.mean()
    return float(-(dx * y).sum() / (dx**2).sum())


def _fit(x: Array, y: Array) -> _Fit:
    """Least squares; the standard error of the rate allows for residuals that follow each other (first order)."""
    m, dx = len(x), x - x.mean()
    rate = _slope(x, y)
    residuals = y - y.mean() + rate * dx
    variance = float((residuals**2).sum()) / (m - 2) * m / _effective(residuals)
    earlier, later = _slope(x[: m // 2], y[: m // 2]), _slope(x[m // 2 :], y[m // 2 :])
    bend = later / earlier if earlier > 0 else math.nan
    return _Fit(
        rate,
        math.sqrt(variance / float((dx**2).sum())),
        float(y.mean() - rate * dx[-1]),
        residuals,
        float(np.ptp(x)),
        bend,
    )


def _effective(residuals: Array) -> float:
    """Independent residuals that these are worth, n (1 - phi) / (1 + phi), at least one.

    The correlation of residuals about a line comes out too small by about (2 + 4 phi) / n; that is put back.
    Source: Kendall (1954) and Marriott and Pope (1954) for the mean, whose numbers a fitted slope doubles.
    """
    n, power = len(residuals), float((residuals**2).sum())
    phi = float((residuals[1:] * residuals[:-1]).sum()) / power if power > 0 else 0.0
    phi = min(max(phi + (2.0 + 4.0 * phi) / n, 0.0), 1.0)
    return max(1.0, n * (1.0 - phi) / (1.0 + phi))


def _evidence(one: Array, other: Array) -> float:
    """Nats by which normal residuals of the first kind are likelier than those of the second.

    The residuals of the better law say how many are independent: those of a wrong law hang together for that reason.
    """
    floor = len(one) * np.finfo(float).eps ** 2
    first, second = float((one**2).sum()) + floor, float((other**2).sum()) + floor
    return 0.5 * _effective(one if first < second else other) * math.log(second / first)


def _gradient_evidence(norms: ArrayLike, y: Array, window: slice, alpha: float) -> float:
    """The same for ln g^2 against ln L: slope 1 (geometric) or 1 + 1/alpha (power law)."""
    g = np.asarray(norms, dtype=float)
    if g.shape != y.shape or not (np.isfinite(g).all() and (g > 0).all()):
        raise ValueError(
            f"expected a gradient norm > 0 beside each of {len(y)} losses, got shape {g.shape}: align them"
        )
    dg, dy = (v[window] - v[window].mean() for v in (2.0 * np.log(g), y))
    return _evidence(dg - dy, dg - (1.0 + 1.0 / alpha) * dy)


def _refuse_unsettled(fits: tuple[_Fit, _Fit], losses: int) -> None:
    geometric, power = fits
    nothing = (math.nan, math.nan)
    if not any(fit.rate > 2.0 * fit.error for fit in fits) or min(geometric.rate, power.rate) <= 0:
        raise NotIdentifiable(
            f"expected a falling loss, got a rate of {geometric.rate:.2g} with error {geometric.error:.2g}: "
            f"wait for {2 * losses} losses, or restart",
            nothing, math.nan, 2 * losses,
        )  # fmt: skip
    if not power.bend > 1.0 / BEND:
        raise NotIdentifiable(
            f"expected a loss that keeps falling, got one that levels off (bend {power.bend:.2g}): a floor above the "
            f"target; restart, lower the learning rate, or wait for {2 * losses} losses",
            nothing, math.nan, 2 * losses,
        )  # fmt: skip
    if not geometric.bend < BEND:
        raise NotIdentifiable(
            f"expected a settled rate, got one that grows (bend {geometric.bend:.2g}): wait for {2 * losses} losses",
            nothing, math.nan, 2 * losses,
        )  # fmt: skip


def _undecided(
    forecasts: tuple[float, float], alpha: float, target: float, losses: int, steps: float
) -> NotIdentifiable:
    needed = target * math.exp(tails_agree_within(ALIKE) * alpha)
    return NotIdentifiable(
        f"expected a history that favours one tail, got {forecasts[0] * steps:.3g} steps by a geometric tail and "
        f"{forecasts[1] * steps:.3g} by a power law: ask again below a loss of {needed:.3g} "
        f"or after {2 * losses} losses",
        (forecasts[0] * steps, forecasts[1] * steps), needed, 2 * losses,
    )  # fmt: skip


def _spread(fit: _Fit, drop: float, steps: float, *, power: bool) -> float:
    """Standard error of ln(steps): of the rate, of the level, of the drift of the rate, and half a step."""
    m = len(fit.residuals)
    level = math.sqrt(float((fit.residuals**2).sum()) / (m - 2) * 4.0 / _effective(fit.residuals))
    ahead = drop / fit.rate  # in t, or in ln t
    gain = ahead / -math.expm1(-ahead) if power else 1.0  # d ln(steps) / d ln(rate)
    drift = abs(math.log(fit.bend)) * (1.0 + ahead / fit.width)  # carried on from the window to the target
    own = gain * math.hypot(fit.error / fit.rate, level / drop, drift)
    return math.hypot(own, HALF_STEP / max(steps, HALF_STEP))
