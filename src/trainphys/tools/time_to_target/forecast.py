r"""How many steps a run still needs, from its loss so far: with an interval, or a refusal that says what it lacks.

Two tails are told apart. In a geometric tail the loss falls by one factor a step, $L\propto e^{-\lambda t}$; in a
power-law tail by one factor for each doubling of the time, $L\propto t^{-\alpha}$. Runs mostly lie between the two, so
the forecast is an average over the laws between them (``loss_tails``), each weighed by the last half of the history.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import above_zero, inside, one, positive
from trainphys.errors import NotIdentifiable
from trainphys.tools.axes import given_or_new
from trainphys.tools.time_to_target.floors import OPEN, Opinions, opinions
from trainphys.tools.time_to_target.history import checked_losses, log_means, means, plain, together, without_outliers
from trainphys.tools.time_to_target.looks import Looks, looks
from trainphys.tools.time_to_target.loss_tails import GEOMETRIC, POWER, Laws, fit_laws, outlook
from trainphys.tools.time_to_target.rate_clock import RateClock, rate_clock
from trainphys.tools.time_to_target.rate_noise import HeldUp, held_up, looks_until, without
from trainphys.tools.time_to_target.refusals import (
    AKAIKE,
    ROUNDING,
    refuse_beyond_the_plan,
    refuse_floor,
    refuse_hump,
    refuse_metric,
    refuse_reached_by_noise,
    refuse_rising,
    refuse_scatter,
    refuse_steep,
    refuse_undecided,
    refuse_unsettled,
)
from trainphys.tools.time_to_target.steep import steeper
from trainphys.tools.time_to_target.track_record import past_miss

if TYPE_CHECKING:
    from trainphys.tools.axes import Axes

Tail = Literal["geometric", "power law", "either", "between", "reached"]

LATEST = 5  # losses that lie below a target that is reached: all, or one and the mean
EVIDENCE = math.log(10.0)  # nats: odds of ten to one, Jeffreys' "strong"
WANDER = 0.15  # by which the exponent moves between window and target, from the calibration runs
LARGEST = 700.0  # ln of steps that a number can hold

# Why an interval has no upper end. A law that levels off has to fit better: one that merely cannot be excluded, within
# the 1.35 nats of an interval of 90 %, is there for nearly each target far ahead, so it would tell nothing.
FLOOR = "a law that levels off above the target fits better than those without a floor"
PLAN = "the planned rates end before the upper end of the interval"


# Half widths in units of our own standard error of ln(steps), for losses alone and with norms of the gradient: what
# that of the six kinds of calibration runs which needs most needs for nine forecasts of ten, over five seeds.
# Its test makes these runs again: tests/chapters/distance/c5_applications/calibration_runs.py.
WIDENINGS = {"losses": 2.6, "norms": 2.9}


Asked = tuple[Array, float, Array]  # losses, target, the step of each loss


@dataclass(frozen=True, slots=True)
class RemainingSteps:
    """Forecast of the steps until a loss is reached.

    Attributes:
        value: steps from the last loss of the history.
        low: lower end of the interval.
        high: upper end of the interval; infinite where there is none.
        tail: what the history settles by ten to one: ``geometric``, ``power law``, ``between`` when neither is
            likely, ``either`` when neither is excluded; ``reached`` when nothing is left.
        spread: our standard error of the logarithm of the steps, before widening.
        missed: what earlier forecasts of this run, as far ahead, would have missed by: root mean square of ln(steps).
        evidence: nats in favour of the geometric tail; negative for the power law.
        exponent: mean exponent of the laws, 0 for a power law and 1 for a geometric tail.
        no_upper_end: why the interval has no upper end, in words: ``FLOOR``, ``PLAN``, or both; empty where it has one.
        high_if_reached: upper end if the loss does not level off above the target; infinite beyond the planned rates.
        asked: losses, target, and the step of each loss, for ``plot``.
    """

    value: float
    low: float
    high: float
    tail: Tail
    spread: float
    evidence: float
    exponent: float = math.nan
    missed: float = math.nan
    no_upper_end: str = ""
    high_if_reached: float = math.nan
    asked: Asked | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        """The forecast in a line or two: ``print`` shows it."""
        if self.tail == "reached":
            return "0 steps to go: the target is reached"
        ends = f"from {self.low:.3g} to {self.high:.3g}" if math.isfinite(self.high) else f"{self.low:.3g} or more"
        lines = [f"{self.value:.3g} steps to go; nine runs of ten take {ends}; tail: {self.tail}"]
        if self.no_upper_end:
            lines.append(f"no upper end: {self.no_upper_end}")
        if self.high_if_reached < self.high:
            lines.append(f"if the loss does not level off: {self.high_if_reached:.3g} or fewer")
        return "\n".join(lines)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the loss so far, the target, and the interval in which the forecast lets the two meet."""
        if self.asked is None:
            raise ValueError("expected a forecast by time_to_target, got one that was put together by hand: ask it")
        ax, (losses, target, at) = given_or_new(ax), self.asked
        now = at[-1]
        ax.plot(at, losses, color="#222222", label="loss so far")
        ax.axhline(target, color="#595959", linestyle=":", label="target")
        if self.value > 0:
            high = self.high if math.isfinite(self.high) else 10 * self.value  # an arrow that leaves the picture
            label = "9 runs of 10" + (", no upper end" if math.isinf(self.high) else "")
            ax.plot([now + self.low, now + high], [target] * 2, linewidth=3, label=label)
            ax.plot(now + self.value, target, "o", color=ax.lines[-1].get_color(), label="forecast")
        ax.set(yscale="log", xlabel="step", ylabel="loss")
        ax.legend()
        return ax


def time_to_target(
    history: ArrayLike,
    target: float,
    *,
    steps: ArrayLike | None = None,
    gradient_norms: ArrayLike | None = None,
    rates: ArrayLike | None = None,
    every: float = 1.0,
    widening: float | None = None,
) -> RemainingSteps:
    r"""Steps until the loss reaches a target, with an interval for nine runs of ten.

    Geometric: $\ln(L/L^*)/\lambda$. Power law: $t\,[(L/L^*)^{1/\alpha}-1]$. Between them lie the laws
    $-d\ln L/dt\propto t^{p-1}$. The value is the geometric mean over all of them, weighed by the history; the interval
    is the value times $e^{\pm w\sigma}$, where $\sigma$ is the geometric mean of two errors of ln(steps). One is that
    of the laws: their scatter, the errors of rate and level, the exponent's own wandering until the target, and half
    the distance of two losses. The other is what earlier forecasts of this run, as far ahead, missed by. Where a law
    above a floor fits better, the interval holds its forecast too; where one that levels off above the target fits
    better, the interval has no upper end. Where a law that falls faster and faster fits better, the value moves towards
    its forecast, and the interval reaches down to that of this law. A floor that the history does not show yet is not
    foreseen. Of a long log, 1,000 losses or more, the means of neighbours count.

    Args:
        history: losses, > 0, at least 20; without ``steps``, at equal distances from the first step on. A single one
            that lies far off its neighbours counts as their median.
        target: loss $L^*$ to reach, > 0; subtract a known floor from both.
        steps: step at which each loss was seen, counted from the start of the run, >= 0 and rising: for a log with
            uneven distances, or one that begins later. Then without ``every`` and ``rates``: with a schedule,
            interpolate losses and rates to equal distances from the first step on.
        gradient_norms: norms of the gradient of *this* loss beside the losses, > 0: $g^2/L$ falls like $t^{p-1}$. On a
            loss that training does not descend (a part of the samples, a test set) they mislead; leave them out.
        rates: learning rate at each loss and at each planned loss to come, >= 0, when it is not constant: the laws
            then go by the sum of the rates. Where a part $c\,\eta$ of the loss fits too, which falls with the rate as
            what gradient noise holds up does, the forecast counts with it. Without rates the present trend goes on.
        every: steps between two losses, > 0, where all distances are alike.
        widening: $w$; from ``widening_from_runs`` for runs like yours. Else from ``WIDENINGS``, which serve the kind of
            runs that needs most: most other kinds are covered more often than nine times in ten.

    Returns:
        Forecast in steps after the last loss, until the *mean* of noisy losses is at the target; a single low one does
        not count. The upper end is infinite where it lies beyond the planned rates, or where a law that levels off
        above the target fits better; ``no_upper_end`` says which, ``high_if_reached`` the end without such laws.

    Raises:
        ValueError: a history that is too short, numbers that are not positive and finite, or steps that do not rise.
        NotIdentifiable: the losses scatter by a factor e from look to look; the loss does not fall, was lower before,
            lies below the target but above its own start (an accuracy), levels off, has not settled, or is within its
            noise of the target; laws above a floor, or that fall faster and faster, fit better and say otherwise; the
            laws that the history leaves open scatter by more than a factor two; or the planned rates end before the
            target. ``estimate`` then holds the steps by the two readings (geometric and power-law tail, without and
            with a floor, or without and with a fall that quickens), ``needed_loss`` the loss below which the two tails
            would agree, ``needed_samples`` the losses to collect before asking again.

    Source: errors of earlier forecasts from a rolling origin, Tashman (2000); widths by split-conformal calibration on
    six kinds of runs (least squares, sums of exponentials, networks on tumours, wine and irises) that no back-test
    shows.

    >>> left = time_to_target(0.5 * 0.9 ** np.arange(40), 1e-4)
    >>> left.tail, round(left.value, 3)
    ('geometric', 41.839)
    """
    seen, log_norms = _checked(history, target, every, widening, gradient_norms)
    log = _log(seen, log_norms, steps, every, rates)
    asked, y, clock, aim = (np.exp(seen), target, log.whole), log.y, log.clock, math.log(target)
    refuse_scatter(y)
    laws = replace(fit_laws(y, log.norms, log.times, log.at.first), each=log.each)
    refuse_rising(laws)
    below = y[-LATEST:] <= aim + ROUNDING
    if below.all() or (below.any() and _highest(laws) <= aim + ROUNDING):
        refuse_metric(y)
        return RemainingSteps(0.0, 0.0, 0.0, "reached", 0.0, 0.0, high_if_reached=0.0, asked=asked)
    if clock is None:
        refuse_hump(y, laws)
    # norms tell a tail from a floor by themselves, and speak of the descent alone
    floors = opinions(y, laws, aim, log.times, log.at.first) if log.norms is None else None
    noise = held_up(y, laws, clock) if clock and floors else HeldUp((), -math.inf)
    likelier = noise.gain > max(AKAIKE, floors.window.gain if floors else -math.inf)
    answers = _answers(_Question(log, laws, target, widening, floors), noise.open, alone=not likelier)
    doubt = noise.gain - OPEN if likelier else 0.0  # nats from which a law that levels off is not to be excluded
    own, (value, _, _) = answers[0]
    low, high = (log.steps(end) for end in (min(ends[1] for _, ends in answers), max(ends[2] for _, ends in answers)))
    levels_off = floors is not None and floors.heard.never_gain > doubt
    reasons = [FLOOR] * levels_off + [PLAN] * math.isinf(high)
    return replace(
        own, value=log.steps(value), low=low, high=math.inf if reasons else high, no_upper_end="; ".join(reasons),
        high_if_reached=high, asked=asked,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Log:
    """ln L without outliers and what stands beside it; of a long log the means of ``each`` neighbours."""

    y: Array
    norms: Array | None  # ln of the gradient's
    at: Looks
    clock: RateClock | None
    each: int
    whole: Array  # the step of each loss
    least: float  # half the distance of the last two losses

    @property
    def times(self) -> Array | None:
        """Times of the looks where they are not 1, 2, ..."""
        if self.clock is not None:
            return self.clock.seen
        return self.at.at if self.at.told or self.each > 1 else None

    def steps(self, looks: float) -> float:
        """Steps from the last loss, where so many looks are left since the last mean."""
        since = float(self.whole[-1] - self.at.at[-1])  # a mean stands in the middle of its losses
        return max(looks * self.at.mean - since, self.least) if self.each > 1 else looks * self.at.mean


def _log(seen: Array, norms: Array | None, steps: ArrayLike | None, every: float, rates: ArrayLike | None) -> _Log:
    at = looks(steps, len(seen), every)
    if at.told and rates is not None:
        raise ValueError(
            "expected steps or rates, got both: with rates interpolate the losses to equal distances from the first "
            "step on, and give the rates there and every="
        )
    clock = None if rates is None else rate_clock(rates, len(seen))
    y, whole, least = without_outliers(seen), at.at, at.half * at.mean
    each = together(y)
    if each > 1:
        y, at, clock = log_means(y, each), at.in_means(each), clock and clock.in_means(each)
        norms = None if norms is None else means(norms, each)
    return _Log(y, norms, replace(at, mean=each * every) if clock else at, clock, each, whole, least)


Answer = tuple[RemainingSteps, tuple[float, float, float]]  # value, lower and upper end in looks


@dataclass(frozen=True, slots=True)
class _Question:
    """A log, the laws that fit it, and what was asked."""

    log: _Log
    laws: Laws
    target: float
    widening: float | None
    floors: Opinions | None


def _answers(question: _Question, held_up: tuple[float, ...], *, alone: bool) -> list[Answer]:
    """By the laws alone, where they are likely, and with each part that noise may hold up; those that get there."""
    found = [_alone(question)] if alone else []
    for c in held_up:
        try:
            found.append(_at_noise(question, c))
        except NotIdentifiable:
            if not found:
                raise
    if not any(math.isfinite(ends[0]) for _, ends in found):
        refuse_beyond_the_plan(question.laws)
    return sorted(found, key=lambda answer: math.isinf(answer[1][0]))


def _alone(question: _Question) -> Answer:
    """The forecast by the laws alone, with the interval that a law above a floor asks for."""
    laws, floors, log = question.laws, question.floors, question.log
    refuse_unsettled(laws, late=log.at.late)
    refuse_reached_by_noise(laws, question.target)
    own, wide = _by_laws(question, laws, log.y, question.target)
    value = own.value
    ends = value, value * math.exp(-wide), value * math.exp(wide)
    if floors is not None:
        refuse_floor(floors.window, ends, laws)  # that of the whole widens or opens an interval, and refuses nothing
        if floors.heard.gain > 0 and floors.heard.looks_left < math.inf:
            other = max(floors.heard.looks_left, log.at.half)
            ends = value, min(ends[1], other * math.exp(-wide)), max(ends[2], other * math.exp(wide))
    steep = steeper(log.y, laws, math.log(question.target), log.times, log.at.first)
    if steep.gain > 0:
        refuse_steep(steep, value, laws)
        other = max(steep.looks_left, log.at.half)
        share = 1.0 / (1.0 + math.exp(AKAIKE - steep.gain))  # of the steep law: Akaike weights
        value *= (other / value) ** share
        ends = value, min(ends[1], other * math.exp(-wide)), ends[2]
    if log.clock is not None:
        ends = log.clock.looks_left(ends[0]), log.clock.looks_left(ends[1]), log.clock.looks_left(ends[2])
    return own, ends


def _at_noise(question: _Question, c: float) -> Answer:
    """The forecast by the laws of what is left of the loss when gradient noise holds up c times the rate of it."""
    clock = question.log.clock
    assert clock is not None
    y, last = without(question.log.y, c, clock), clock.looks - 1
    laws = replace(fit_laws(y, None, clock.seen), each=question.log.each)
    refuse_reached_by_noise(question.laws, question.target)
    refuse_unsettled(laws)
    level = float(laws.weight @ laws.level)

    @functools.cache
    def needed(look: int) -> float:
        """ln of the looks that the laws need until a planned look's own aim."""
        aim = question.target - c * float(clock.rates[look])
        if aim <= 0:
            return math.inf
        return -math.inf if math.log(aim) >= level else outlook(laws, math.log(aim)).log_steps

    def looks(shift: float) -> float:
        gone = len(y) * (clock.times / clock.times[last] - 1.0)
        moves = (gone > 0) & (clock.rates > 0)  # at a rate of zero the loss stays what it is
        return looks_until(lambda look: bool(moves[look]) and needed(look) + shift <= math.log(gone[look]), clock)

    value = looks(0.0)
    if math.isinf(value):
        refuse_beyond_the_plan(laws)
    aim = min(question.target - c * float(clock.rates[last + int(value)]), 0.999 * math.exp(float(laws.level.min())))
    own, wide = _by_laws(question, laws, y, aim)
    return own, (value, looks(-wide), looks(wide))


def _by_laws(question: _Question, laws: Laws, y: Array, target: float) -> tuple[RemainingSteps, float]:
    """Looks or ticks to a target by laws of some losses, and the half width of the interval of their logarithm."""
    log, at = question.log, question.log.at
    found = outlook(laws, math.log(target))
    refuse_undecided(laws, found, target, at.mean)
    value = math.exp(found.log_steps)
    by_laws = math.hypot(found.between_laws, found.within, WANDER * found.leverage, at.half / max(value, at.half))
    missed = past_miss(y, laws, value / len(y), log.norms, log.times, by_time=at.told)
    spread = math.sqrt(by_laws * missed)
    widening = WIDENINGS["losses" if log.norms is None else "norms"] if question.widening is None else question.widening
    wide = widening * spread
    if not wide + max(0.0, found.log_steps + math.log(at.mean)) < LARGEST:
        raise ValueError(
            f"expected steps that a number can hold, got every={at.mean:g} and widening={question.widening}: take less"
        )
    evidence = float(laws.evidence[GEOMETRIC] - laws.evidence[POWER])
    return RemainingSteps(value, 0.0, 0.0, _tail(laws), spread, evidence, found.exponent, missed), wide


def widening_from_runs(forecasts: Iterable[RemainingSteps], truth: ArrayLike, *, level: float = 0.9) -> float:
    r"""Widening that makes the interval hold this share of runs like the ones given: split-conformal calibration.

    The $\lceil(n+1)\,\text{level}\rceil$-th smallest of $|\ln(\text{truth}/\text{value})|/\sigma$.

    Args:
        forecasts: one for each finished run, with a spread; leave out targets that were reached already.
        truth: steps that each run took after its forecast, > 0; infinite for one that never got there, which counts.
        level: share of runs that the interval shall hold, in (0, 1).

    Raises:
        ValueError: lengths that differ, too few runs for the level, or that got there, or a forecast without a spread.

    Source: Vovk, Gammerman and Shafer (2005); Lei and others (2018), split conformal prediction.

    >>> one = RemainingSteps(10.0, 9.0, 11.0, "geometric", 0.1, 5.0)
    >>> round(widening_from_runs([one] * 9, [10 * math.exp(0.1)] * 9, level=0.9), 6)
    1.0
    """
    one(level=level)
    inside(0, 1, level=level)
    forecasts = [forecasts] if isinstance(forecasts, RemainingSteps) else list(forecasts)
    wrong = [type(f).__name__ for f in forecasts if not isinstance(f, RemainingSteps)]
    if wrong:
        raise ValueError(f"expected forecasts by time_to_target, got {wrong[0]}: give what it returned")
    [steps], n = above_zero(truth=plain(truth)), len(forecasts)
    if steps.shape != (n,):
        raise ValueError(f"expected a truth for each of {n} forecasts, got {steps.shape}: give as many")
    rank = math.ceil((n + 1) * level)
    if rank > n:
        needed = math.ceil(round(level / (1 - level), 9))
        raise ValueError(
            f"expected (n + 1) level <= n, got level {level:g} and {n} forecasts: take {needed} runs or more"
        )
    positive(value=[f.value for f in forecasts], spread=[f.spread for f in forecasts])
    scores = [abs(math.log(s / f.value)) / f.spread for f, s in zip(forecasts, steps, strict=True)]
    found = float(np.sort(scores)[rank - 1])
    if math.isinf(found):
        raise ValueError(
            f"expected runs that got there for level {level:g}, got {int(np.isinf(steps).sum())} of {n} that never "
            "did: take a lower level"
        )
    return found


def _checked(
    history: ArrayLike, target: float, every: float, widening: float | None, norms: ArrayLike | None
) -> tuple[Array, Array | None]:
    losses = checked_losses(history)
    given = {"target": target, "every": every, "widening": 1.0 if widening is None else widening}
    one(**given)
    positive(**given)
    if norms is None:
        return np.log(losses), None
    [g] = positive(gradient_norms=plain(norms))
    if g.shape != losses.shape:
        raise ValueError(
            f"expected a gradient norm beside each of {len(losses)} losses, got shape {g.shape}: align them"
        )
    return np.log(losses), np.log(g)


def _highest(laws: Laws) -> float:
    """Upper end of the present mean of ln L, at two standard errors of a fitted line at its end."""
    return float(laws.weight @ (laws.level + 2.0 * laws.noise * np.sqrt(4.0 / laws.independent)))


def _tail(laws: Laws) -> Tail:
    geometric, power = (laws.evidence[law] > -EVIDENCE for law in (GEOMETRIC, POWER))
    if geometric and power:
        return "either"
    return "geometric" if geometric else "power law" if power else "between"
