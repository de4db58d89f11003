"""When a loss history does not say how many steps are left: what it lacks, as a typed error."""

import math
from collections.abc import Sequence
from typing import NoReturn

import numpy as np
from scipy import optimize

from trainphys.arrays import Array
from trainphys.checks import inside
from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.floors import Floored
from trainphys.tools.time_to_target.history import noise
from trainphys.tools.time_to_target.loss_tails import GEOMETRIC, POWER, Laws, Outlook
from trainphys.tools.time_to_target.steep import Steep

ALIKE = 1.5  # a refusal names the loss at which the two tails would agree within this factor
DOUBT = math.log(2.0)  # laws whose forecasts scatter by more than a factor two say nothing together
NEVER = 0.1  # weight of laws that level off above the target, from which the question is refused
BEND = 2.0  # a rate that changes by this factor within the window has not settled
HUMP = 0.05  # rise of ln L, about five per cent, that is more than rounding
AKAIKE = 1.0  # nats that one more parameter has to gain; Akaike (1974)
LARGEST_NOISE = 1.0  # of ln L, from one look to the next
ROUNDING = 1e-9  # of ln L
LIKELY = 0.01  # weight from which a law counts


def tails_agree_within(factor: float) -> float:
    r"""Largest $x=\ln(L/L^*)/\alpha$ at which the two tails differ by no more than a factor: $(e^x-1)/x$ equals it.

    A power law of local rate $\lambda=\alpha/t$ needs $(e^x-1)/x$ times the steps of the geometric tail with that rate.

    >>> x = tails_agree_within(1.5)
    >>> round(math.expm1(x) / x, 9)
    1.5
    """
    inside(1.0, math.inf, factor=factor)
    wanted = math.log(factor)
    # ln((e^x - 1)/x) = x/2 + ln(sinh(x/2)/(x/2)): neither overflows, nor cancels near zero; the second term is >= 0.
    return float(
        optimize.brentq(lambda x: 0.5 * x + _log_sinhc(0.5 * x) - wanted, 0.0, 2.0 * wanted, xtol=1e-20, rtol=1e-15)
    )


def _log_sinhc(u: float) -> float:
    """ln(sinh(u)/u), for u >= 0."""
    if u < 0.1:
        y = u * u
        return y * (1 / 6 - y * (1 / 180 - y * (1 / 2835 - y / 37800)))
    return math.log(math.sinh(u) / u)


def refuse_reached_by_noise(laws: Laws, target: float) -> None:
    """Refuse a target that a law which counts puts within one residual of the present level."""
    likely = laws.weight > LIKELY
    if (laws.level - laws.noise <= math.log(target))[likely].any():
        raise NotIdentifiable(
            f"expected a target below the smoothed loss, got {target}: it is nearer than the noise; give means of some "
            "losses and every=, or ask again soon",
            needed_samples=laws.losses + 1,
        )


def refuse_scatter(y: Array) -> None:
    r"""Refuse single losses that say nothing, whose noise is above a factor e.

    The noise comes from second differences, which a smooth curve hardly has: $\sum(y_{i-1}-2y_i+y_{i+1})^2/6n$ is its
    variance, $y=\ln L$.
    """
    found = noise(y)
    if found > LARGEST_NOISE:
        raise NotIdentifiable(
            f"expected losses whose noise is below a factor e, got one of exp({found:.2g}) from loss to loss: average "
            "more batches for each loss"
        )


def refuse_metric(y: Array) -> None:
    """Refuse a curve that lies below its target and above its own start: an accuracy, which is on its way up to it.

    The means of the first and of the last tenth are three standard errors apart.
    """
    tenth = len(y) // 10
    rise = float(y[-tenth:].mean() - y[:tenth].mean())
    if rise > 3.0 * noise(y) * math.sqrt(2.0 / tenth) + ROUNDING:
        raise NotIdentifiable(
            f"expected a loss that came down to its target, got one that lies below it and rose by "
            f"{math.expm1(rise):.0%} since the start: give a loss, not an accuracy"
        )


def refuse_rising(laws: Laws) -> None:
    """Refuse a curve that rises: an accuracy, or a run that diverges."""
    if (laws.rate < -2.0 * laws.rate_error).all():
        raise NotIdentifiable(
            f"expected a falling loss, got one that rises by {-laws.rate[GEOMETRIC] / laws.losses:.2g} from loss to "
            "loss in its logarithm: give a loss, not an accuracy, or lower the learning rate",
            needed_samples=2 * laws.losses,
        )


def refuse_hump(y: Array, laws: Laws) -> None:
    """Refuse a loss that has risen in between: tenths of the history lie above an earlier one, beyond the noise."""
    means = np.array([part.mean() for part in np.array_split(y, 10)])
    rise = float((means - np.minimum.accumulate(means)).max())
    if rise > max(HUMP, 3.0 * float(laws.noise.min())):
        raise NotIdentifiable(
            f"expected a loss that falls all along, got one that rose by {math.expm1(rise):.0%} in between: give the "
            "history since then, or the rates if they changed",
            needed_samples=2 * laws.losses,
        )


def refuse_floor(second: Floored, steps: Sequence[float], laws: Laws) -> None:
    """Refuse when a law above a floor fits better by more than its parameter, and is a factor two off the interval."""
    _, low, high = steps
    if second.gain > AKAIKE and not low / 2.0 <= second.looks_left <= high * 2.0:
        left, low, high = (laws.each * looks for looks in (second.looks_left, low, high))
        there = "never at the target" if math.isinf(left) else f"{left:.3g} losses from it"
        raise NotIdentifiable(
            f"expected a history that tells a tail from a floor, got one that fits better above a floor of "
            f"{second.floor:.3g}, {there}, than without one, {low:.3g} to {high:.3g} losses from the target: subtract "
            f"a known floor, or wait for {2 * laws.losses} losses",
            (laws.each * steps[0], left),
            needed_samples=2 * laws.losses,
        )


def refuse_steep(steep: Steep, looks: float, laws: Laws) -> None:
    """Refuse when a law that falls faster and faster fits better by more than its parameter, in half the steps."""
    value, left = laws.each * looks, laws.each * steep.looks_left
    if steep.gain > AKAIKE and left < value / 2.0:
        raise NotIdentifiable(
            f"expected a loss that falls by one factor a step or ever more slowly, got one that falls faster and "
            f"faster: {left:.3g} losses to the target rather than {value:.3g}; give the rates if they change, or wait "
            f"for {2 * laws.losses} losses",
            (value, left),
            needed_samples=2 * laws.losses,
        )


def refuse_beyond_the_plan(laws: Laws) -> NoReturn:
    """Refuse a target that the planned rates do not reach."""
    raise NotIdentifiable(
        f"expected planned rates that reach the target, got {laws.losses} losses and a plan that ends above it: plan "
        "more steps, or rates that stay up longer",
        needed_samples=2 * laws.losses,
    )


def refuse_unsettled(laws: Laws, *, late: bool = False) -> None:
    """Refuse a loss that does not fall, levels off, or falls ever faster; ``late``: the log begins far from zero."""
    later = 2 * laws.losses
    wait = f"wait for {later} losses" + ", or count the steps from the start of this run" * late
    ends = [POWER, GEOMETRIC]
    if not (laws.rate > 2.0 * laws.rate_error)[ends].any() or laws.rate.min() <= 0:
        raise NotIdentifiable(
            f"expected a falling loss, got a fall of {laws.rate[GEOMETRIC] / laws.losses:.2g} in its logarithm from "
            f"loss to loss, with error {laws.rate_error[GEOMETRIC] / laws.losses:.2g}: {wait}, or restart",
            needed_samples=later,
        )
    for law, unsettled in ((POWER, not laws.bend[POWER] > 1.0 / BEND), (GEOMETRIC, not laws.bend[GEOMETRIC] < BEND)):
        if unsettled and abs(laws.bend[law] - 1.0) < 2.0 * laws.bend_error[law]:
            raise NotIdentifiable(
                f"expected a settled rate, got one of {laws.bend[law]:.2g} +- {laws.bend_error[law]:.2g} of that "
                f"before, which the noise hides: give means of some losses and every=, or {wait}",
                needed_samples=later,
            )
    if not laws.bend[POWER] > 1.0 / BEND:
        raise NotIdentifiable(
            f"expected a loss that keeps falling, got one that levels off (bend {laws.bend[POWER]:.2g}): a floor above "
            f"the target; restart, lower the learning rate, or {wait}",
            needed_samples=later,
        )
    if not laws.bend[GEOMETRIC] < BEND:
        raise NotIdentifiable(
            f"expected a settled rate, got one that grows (bend {laws.bend[GEOMETRIC]:.2g}): {wait}",
            needed_samples=later,
        )


def refuse_undecided(laws: Laws, found: Outlook, target: float, every: float) -> None:
    """Refuse laws that disagree by more than a factor two, or that may level off above the target."""
    geometric, power = (math.exp(found.by_law[law]) * every for law in (GEOMETRIC, POWER))
    if found.never > NEVER or found.between_laws > DOUBT:
        needed = target * math.exp(tails_agree_within(ALIKE) * float(laws.rate[POWER]))
        raise NotIdentifiable(
            f"expected a history that favours one tail, got {geometric:.3g} steps by a geometric tail, {power:.3g} "
            f"by a power law and {found.never:.0%} for levelling off: ask again below a loss of {needed:.3g} or after "
            f"{2 * laws.losses} losses",
            (geometric, power),
            needed_loss=needed,
            needed_samples=2 * laws.losses,
        )
