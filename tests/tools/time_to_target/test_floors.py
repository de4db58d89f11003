"""Tests of ``tools.time_to_target.floors``, and of what single losses, humps and rises do to a forecast."""

import math
from contextlib import suppress

import numpy as np
import pytest
from scipy.stats import linregress

from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.floors import HEIGHTS, Opinions, floored, opinions
from trainphys.tools.time_to_target.forecast import time_to_target
from trainphys.tools.time_to_target.loss_tails import effective, fit_laws


@pytest.mark.parametrize("law", ["geometric", "power"])
@pytest.mark.parametrize("told", [False, True])
def test_a_floor_is_found_with_the_way_to_the_target(law, told) -> None:
    t = np.arange(1.0, 401.0)
    curve = 0.2 + (np.exp(-0.02 * t) if law == "geometric" else 2 * t**-0.5)
    seen = np.log(curve[:120] * np.exp(0.001 * np.random.default_rng(2).standard_normal(120)))
    clock = 3.0 * t[:120] if told else None
    found = floored(seen, fit_laws(seen, clock=clock), math.log(curve[199]), clock)
    assert found.floor == pytest.approx(0.2, rel=0.15)
    assert found.gain > (1 if law == "geometric" else -1)  # a law that levels off is like a power law above a floor
    assert found.looks_left == pytest.approx(80, rel=0.15)
    assert floored(seen, fit_laws(seen), math.log(0.1)).looks_left == math.inf


def test_a_tail_without_a_floor_gains_nothing_by_one() -> None:
    y = -0.5 * np.log(np.arange(1.0, 101.0)) + 0.01 * np.random.default_rng(3).standard_normal(100)
    assert floored(y, fit_laws(y), -3.0).gain < 1


def test_a_floor_that_explains_as_much_and_says_otherwise_is_told() -> None:
    t, rng = np.arange(100), np.random.default_rng(4)
    seen = (0.2 + np.exp(-t / 40)) * np.exp(0.01 * rng.standard_normal(100))
    with pytest.raises(
        NotIdentifiable, match=r"tells a tail from a floor, got one .* subtract a known floor"
    ) as refusal:
        time_to_target(seen, 0.19)
    without, above = refusal.value.estimate
    assert without < above
    assert time_to_target(seen - 0.2, 0.05).low < 40 * math.log(20) - 99 < time_to_target(seen - 0.2, 0.05).high


@pytest.mark.parametrize("seed", range(8))
def test_a_single_low_loss_is_no_target_reached(seed) -> None:
    """A public log's kind: L = 12 t^-0.155 with 3 % noise, whose losses dip below the target long before."""
    level = lambda t: 12 * t**-0.155  # noqa: E731
    history = level(np.arange(1, 1501.0)) * np.exp(0.03 * np.random.default_rng(seed).standard_normal(1500))
    history[1400 + seed] = 3.5
    try:
        found = time_to_target(history, 3.6)
    except NotIdentifiable:
        return
    assert found.low < (12 / 3.6) ** (1 / 0.155) - 1500 < found.high


def test_reached_is_what_the_mean_is_below() -> None:
    rng = np.random.default_rng(5)
    noisy = 0.97 ** np.arange(100) * np.exp(0.1 * rng.standard_normal(100))
    now = 0.97**99
    assert time_to_target(noisy, 1.3 * now).tail == "reached"
    with pytest.raises(NotIdentifiable, match="nearer than the noise"):
        time_to_target(noisy, now)
    assert time_to_target(0.97 ** np.arange(100), 1.001 * now).value == 0
    dropped = np.append(np.full(60, 0.5), np.full(5, 0.1))  # five losses in a row
    assert time_to_target(dropped, 0.2).tail == "reached"


@pytest.mark.parametrize("target", [0.01, 0.5, 5.0])
def test_a_metric_that_rises_is_no_loss(target) -> None:
    accuracy = 1 - 0.8 * 0.97 ** np.arange(80)
    with pytest.raises(NotIdentifiable, match="falling loss, got one that rises"):
        time_to_target(accuracy, target)


@pytest.mark.parametrize("unit", [1.0, 100.0])
def test_an_accuracy_that_has_settled_is_not_at_a_target_above_it(unit) -> None:
    """It does not rise any more, and lies below its target as a loss does that has reached it."""
    rng, t = np.random.default_rng(8), np.arange(200)
    for top in (0.5, 0.97):
        accuracy = unit * (top - (top - 0.1) * np.exp(-t / 10) + 0.005 * rng.standard_normal(200))
        with pytest.raises(NotIdentifiable, match="give a loss, not an accuracy"):
            time_to_target(accuracy, 0.99 * unit)
    flat = np.exp(0.01 * rng.standard_normal((20, 200)))
    assert {time_to_target(loss, 1.5).tail for loss in flat} == {"reached"}
    assert time_to_target(np.full(40, 0.1), 0.2).tail == "reached"
    fell = np.exp(-t / 20) + 0.1 * t / 200  # rises again, far below the target
    assert time_to_target(fell[:150], 0.2).tail == "reached"


def test_a_loss_that_alternates_says_nothing() -> None:
    with pytest.raises(NotIdentifiable, match=r"noise is below a factor e"):
        time_to_target(np.where(np.arange(60) % 2, 1e-9, 1e9), 1e-3)


def test_a_loss_that_rose_in_between_is_refused() -> None:
    t = np.arange(1.0, 151.0)
    hump = t**-0.5 * (1 + 2 * np.exp(-(((t - 60) / 15) ** 2)))
    with pytest.raises(NotIdentifiable, match=r"falls all along, got one that rose by .* in between"):
        time_to_target(hump, 0.05)
    assert time_to_target(t**-0.5, 0.05).value == pytest.approx(250, rel=1e-3)


def test_a_law_above_a_floor_is_a_line_of_least_squares() -> None:
    """Against scipy at every floor and law: the pair with the smallest residuals of ln L, and its way to the target."""
    t, rng = np.arange(1.0, 151.0) / 150, np.random.default_rng(6)
    y = np.log(0.2 + 2 * np.exp(-4 * t)) + 0.02 * rng.standard_normal(150)
    laws, best = fit_laws(y), (math.inf, 0.0, 0.0)
    now = min(math.exp(laws.weight @ laws.level), math.exp(y[75:].min()))
    for floor in HEIGHTS * now:
        for p in (1.0, 0.75, 0.5, 0.25, 0.0, -0.25, -0.5):
            x = (np.log(t) if p == 0 else (t**p - 1) / p)[75:]
            line = linregress(x, np.log(np.exp(y[75:]) - floor))
            residuals = y[75:] - np.log(floor + np.exp(line.intercept + line.slope * x))
            power = (residuals**2).sum()
            if power < best[0]:
                aim = 0.215 / np.exp(residuals).mean()  # the mean of the loss comes to the target
                ahead = (line.intercept - math.log(aim - floor)) / -line.slope
                end = math.exp(ahead) if p == 0 else (1 + p * ahead) ** (1 / p)
                best = float(power), floor, 150 * (end - 1)
    found = floored(y, laws, math.log(0.215))
    assert (found.floor, found.looks_left) == pytest.approx(best[1:], rel=1e-6)
    plain = float(laws.noise.min()) ** 2 * 73
    assert np.sign(found.gain) == np.sign(plain - best[0])


def test_an_interval_holds_the_forecast_above_a_floor_where_that_fits_better() -> None:
    t, widened = np.arange(150), 0
    for seed in range(60):
        seen = (0.1 + np.exp(-t / 50)) * np.exp(0.02 * np.random.default_rng(seed).standard_normal(150))
        target = 0.1 + math.exp(-190 / 50)
        try:
            found = time_to_target(seen, target)
        except NotIdentifiable:
            continue
        second = floored(np.log(seen), fit_laws(np.log(seen)), math.log(target))
        if second.gain > 0 and second.looks_left < math.inf:
            assert found.low <= max(second.looks_left, 0.5) <= found.high
            widened += found.high / found.value > 1.01 * found.value / found.low
    assert widened > 3


def test_the_likeliest_law_that_never_reaches_the_target_is_found_by_trying_each() -> None:
    """Floor by floor and law by law; its gain is n_eff / 2 times the logarithm of the squared residuals' ratio."""
    t, rng = np.arange(1.0, 151.0) / 150, np.random.default_rng(6)
    y = np.log(0.2 + 2 * np.exp(-4 * t)) + 0.02 * rng.standard_normal(150)
    laws = fit_laws(y)
    now = min(math.exp(laws.weight @ laws.level), math.exp(y[75:].min()))
    plain = float(laws.noise.min()) ** 2 * 73
    for target in (0.05, 0.18, 0.215):
        best, worth = math.inf, 0.0
        for floor in HEIGHTS * now:
            for p in (1.0, 0.75, 0.5, 0.25, 0.0, -0.25, -0.5):
                x = (np.log(t) if p == 0 else (t**p - 1) / p)[75:]
                line = linregress(x, np.log(np.exp(y[75:]) - floor))
                end = math.inf if p >= 0 else line.intercept + line.slope / -p  # x_p goes on to 1 / |p| and no further
                lowest = floor if p >= 0 else floor + math.exp(end)
                residuals = y[75:] - np.log(floor + np.exp(line.intercept + line.slope * x))
                if lowest >= target and (residuals**2).sum() < best:
                    best = float((residuals**2).sum())
                    worth = float(effective(residuals[None])[0])
        worth = worth if best < plain else float(laws.independent[laws.evidence.argmax()])
        assert floored(y, laws, math.log(target)).never_gain == pytest.approx(0.5 * worth * math.log(plain / best))


def test_a_loss_that_falls_by_no_law_has_none_that_levels_off() -> None:
    y = 0.01 * np.arange(60.0)
    found = floored(y, fit_laws(y), -1.0)
    assert (found.gain, found.never_gain) == (-math.inf, -math.inf)


@pytest.mark.parametrize("tau", [100, 150, 200])
@pytest.mark.parametrize("floor", [0.03, 0.06])
def test_a_floor_that_the_whole_history_shows_counts(tau, floor) -> None:
    """The last half of it fits as well without one, and gave finite ends for targets that are never reached."""
    k, ended = np.arange(1.0, 501.0), 0
    for seed in range(10):
        noise = np.exp(0.03 * np.random.default_rng(seed).standard_normal(500))
        with suppress(NotIdentifiable):
            ended += not time_to_target((2 * np.exp(-k / tau) + floor) * noise, 0.8 * floor).no_upper_end
    assert ended <= 3


def test_the_whole_history_is_heard_only_where_one_law_fits_it() -> None:
    """A fast start that is no part of the law: the last half speaks alone."""
    k = np.arange(1.0, 201.0)
    noise = np.exp(0.01 * np.random.default_rng(0).standard_normal(200))
    y = np.log((k**-0.5 + 3 * (k < 60)) * noise)
    laws = fit_laws(y)
    alone = floored(y, laws, math.log(0.05))
    assert opinions(y, laws, math.log(0.05)) == Opinions(alone, alone)
    y = np.log(k**-0.5 * noise)
    assert opinions(y, fit_laws(y), math.log(0.05)).heard.noise < 0.011


def test_the_whole_history_is_not_heard_where_its_end_excludes_its_floor() -> None:
    """A straight fall from high up looks like one above a floor until its end is seen."""
    k = np.arange(1.0, 201.0)
    y = np.log(np.maximum(np.exp(-k / 40) + 0.05, 0.11 - 0.0004 * k)) + 0.02 * np.random.default_rng(0).standard_normal(
        200
    )
    laws = fit_laws(y)
    found = opinions(y, laws, math.log(0.02))
    assert found.heard is found.window
