"""Tests of ``tools.time_to_target.forecast``."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.floors import Floored, Opinions
from trainphys.tools.time_to_target.forecast import (
    FLOOR,
    WIDENINGS,
    RemainingSteps,
    _tail,
    time_to_target,
    widening_from_runs,
)
from trainphys.tools.time_to_target.loss_tails import GEOMETRIC, POWER, fit_laws, outlook
from trainphys.tools.time_to_target.refusals import refuse_scatter
from trainphys.tools.time_to_target.track_record import past_miss

HISTORY = 0.5 * 0.9 ** np.arange(40)


@given(st.floats(0.02, 0.3), st.floats(0.5, 6.0), st.integers(24, 80))
def test_a_geometric_tail_is_known_exactly(rate: float, depth: float, seen: int) -> None:
    target = math.exp(-rate * (seen - 1) - depth)
    left = time_to_target(np.exp(-rate * np.arange(seen)), target)
    assert left.tail == "geometric"
    assert left.value == pytest.approx(depth / rate, rel=1e-6)
    assert left.low < left.value < left.high


@given(st.floats(0.3, 3.0), st.floats(1.5, 20.0), st.integers(30, 200))
def test_a_power_law_tail_is_known_exactly(alpha: float, factor: float, seen: int) -> None:
    left = time_to_target(np.arange(1.0, seen + 1) ** -alpha, (factor * seen) ** -alpha)
    assert left.tail == "power law"
    assert left.value == pytest.approx((factor - 1) * seen, rel=1e-6)


def test_steps_between_losses_scale_the_answer() -> None:
    history = 0.5 * 0.9 ** np.arange(40)
    one, ten = time_to_target(history, 1e-4), time_to_target(history, 1e-4, every=10)
    assert (10 * one.value, 10 * one.low, 10 * one.high) == pytest.approx((ten.value, ten.low, ten.high))


def test_gradient_norms_settle_what_noise_hides() -> None:
    rng, t = np.random.default_rng(5), np.arange(60.0)
    history = np.exp(-0.02 * t + 0.05 * rng.standard_normal(60))
    with pytest.raises(NotIdentifiable) as refusal:
        time_to_target(history, 0.01)
    geometric, power = refusal.value.estimate
    assert geometric < power
    assert 0.01 < refusal.value.needed_loss < history[-1] * 2
    left = time_to_target(history, 0.01, gradient_norms=np.sqrt(history))
    assert left.tail == "geometric"


def test_a_target_that_is_reached_needs_nothing() -> None:
    left = time_to_target(0.5 * 0.9 ** np.arange(40), 0.4)
    assert (left.value, left.tail) == (0.0, "reached")
    assert (left.low, left.high, left.spread, left.evidence) == (0.0, 0.0, 0.0, 0.0)


def test_conformal_width_is_the_order_statistic() -> None:
    scores = np.random.default_rng(1).permutation(np.arange(1.0, 20.0))
    forecasts = [RemainingSteps(10.0, 9.0, 11.0, "geometric", 0.1, 3.0)] * 19
    assert widening_from_runs(forecasts, 10 * np.exp(0.1 * scores), level=0.9) == pytest.approx(18.0)


@pytest.mark.parametrize(
    ("history", "norms"), [(HISTORY, HISTORY**0.5), (np.arange(1.0, 41.0) ** -1.5, np.arange(1.0, 41.0) ** -1.25)]
)
def test_the_interval_is_the_widened_error_of_the_logarithm(history: np.ndarray, norms: np.ndarray) -> None:
    left, own = time_to_target(history, 1e-4), time_to_target(history, 1e-4, widening=3.0)
    told = time_to_target(history, 1e-4, gradient_norms=norms)
    for found, width in ((left, WIDENINGS["losses"]), (told, WIDENINGS["norms"]), (own, 3.0)):
        assert math.log(found.high / found.value) == pytest.approx(width * found.spread)
        assert math.log(found.value / found.low) == pytest.approx(width * found.spread)
    assert (left.evidence > math.log(10)) == (history is HISTORY)


def test_the_error_joins_the_laws_the_fits_the_exponent_half_a_step_and_past_forecasts() -> None:
    """An exponent moves by 0.15 on the way, by the calibration runs; and the loss is seen once a step."""
    rng = np.random.default_rng(2)
    history = np.exp(-0.05 * np.arange(60) + 0.01 * rng.standard_normal(60))
    for target in (1e-3, 0.9 * history.min()):
        laws = fit_laws(np.log(history))
        left, found = time_to_target(history, target), outlook(laws, math.log(target))
        parts = (found.between_laws, found.within, 0.15 * found.leverage, min(1.0, 0.5 / left.value))
        assert left.missed == past_miss(np.log(history), laws, left.value / 60)
        assert left.spread**2 == pytest.approx(math.sqrt(sum(part**2 for part in parts)) * left.missed)
        assert left.exponent == found.exponent


def test_the_words_for_a_tail_are_settled_by_odds_of_ten_to_one() -> None:
    between = time_to_target(np.exp(-3.0 * np.sqrt(np.arange(1.0, 61.0))), math.exp(-26.0))
    assert between.tail == "between"
    assert between.exponent == pytest.approx(0.5, abs=1e-3)
    laws, near, far = fit_laws(np.log(HISTORY)), -math.log(9.9), -math.log(10.1)
    for ends, word in (
        ((near, near), "either"),
        ((near, far), "geometric"),
        ((far, near), "power law"),
        ((far, far), "between"),
    ):
        laws.evidence[[GEOMETRIC, POWER]] = ends
        assert _tail(laws) == word


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: time_to_target(HISTORY[:19], 1e-4), r"at least 20 losses, got shape \(19,\): look more often"),
        (lambda: time_to_target(HISTORY[None], 1e-4), r"got shape \(1, 40\)"),
        (lambda: time_to_target(HISTORY - 0.1, 1e-4), "losses > 0 and finite"),
        (lambda: time_to_target(np.where(HISTORY < 0.3, 0.0, HISTORY), 1e-4), "losses > 0 and finite"),
        (lambda: time_to_target(np.where(HISTORY > 0.4, np.inf, HISTORY), 1e-4), "leave out the failure"),
        (lambda: time_to_target(HISTORY, 0.0), "target > 0"),
        (lambda: time_to_target(HISTORY, 1e-4, every=0.0), "every > 0"),
        (lambda: time_to_target(HISTORY, 1e-4, widening=-1.0), "widening > 0"),
        (lambda: time_to_target(HISTORY, 1e-4, gradient_norms=-HISTORY), "gradient_norms > 0"),
        (lambda: time_to_target(HISTORY, 1e-4, gradient_norms=HISTORY[1:]), r"each of 40 losses, got shape \(39,\)"),
    ],
)
def test_bad_histories_are_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_twenty_losses_are_enough() -> None:
    assert time_to_target(HISTORY[:20], 1e-4).value == pytest.approx(math.log(0.5 * 0.9**19 / 1e-4) / -math.log(0.9))


def test_a_widening_needs_enough_runs_for_its_level() -> None:
    forecasts, truth = [RemainingSteps(10.0, 9.0, 11.0, "geometric", 0.1, 5.0)] * 9, [11.0] * 9
    assert widening_from_runs(forecasts, truth, level=0.9) == pytest.approx(10 * math.log(1.1))
    for level, runs, needed in ((0.9, 8, 9), (0.91, 9, 11), (0.99, 9, 99)):
        words = rf"level {level:g} and {runs} forecasts: take {needed} runs or more"
        with pytest.raises(ValueError, match=words):
            widening_from_runs(forecasts[:runs], truth[:runs], level=level)
    for level in (0.0, 1.0, 90):
        with pytest.raises(ValueError, match=r"level in \(0, 1\)"):
            widening_from_runs(forecasts, truth, level=level)
    for runs, known in ((9, 8), (8, 9)):
        with pytest.raises(ValueError, match=rf"truth for each of {runs} forecasts, got \({known},\): give as many"):
            widening_from_runs(forecasts[:runs], truth[:known], level=0.5)
    with pytest.raises(ValueError, match="forecasts by time_to_target, got float"):
        widening_from_runs([1.0] * 9, truth)


def test_a_run_that_never_got_there_counts_as_the_farthest():
    forecasts = [RemainingSteps(10.0, 9.0, 11.0, "geometric", 0.1, 5.0)] * 9
    truth = np.array([11.0] * 8 + [math.inf])
    assert widening_from_runs(iter(forecasts), truth, level=0.8) == pytest.approx(10 * math.log(1.1))
    with pytest.raises(ValueError, match=r"got there for level 0\.9, got 1 of 9 that never did"):
        widening_from_runs(forecasts, truth, level=0.9)


def test_what_widening_from_runs_cannot_take_is_refused():
    one = RemainingSteps(10.0, 9.0, 11.0, "geometric", 0.1, 5.0)
    for call, message in (
        (lambda: widening_from_runs([None] * 9, [11.0] * 9), "forecasts by time_to_target, got NoneType"),
        (lambda: widening_from_runs([one] * 9, ["11"] * 9), "real numbers truth"),
        (lambda: widening_from_runs([one] * 9, [11.0] * 9, level=[0.5, 0.6]), "one number level"),
        (lambda: widening_from_runs(one, [11.0]), "take 9 runs or more"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize("name", ["target", "every", "widening"])
@pytest.mark.parametrize("value", [[0.1], [0.1, 0.2], np.array([0.1]), np.array([0.1, 0.2])])
def test_what_is_one_number_is_no_list(name, value):
    with pytest.raises(ValueError, match=f"one number {name}"):
        time_to_target(HISTORY, **({"target": 1e-4} | {name: value}))


def test_a_target_that_is_just_met_is_reached():
    falls = 0.9 ** np.arange(40.0)
    assert time_to_target(falls, float(falls[-1])).tail == "reached"
    assert time_to_target(np.ones(40), 1.0).tail == "reached"
    assert time_to_target(np.maximum(falls, 0.1), 0.1).tail == "reached"


def test_steps_that_count_from_elsewhere_are_named_as_a_cause():
    t = np.arange(1.0, 201.0)
    with pytest.raises(NotIdentifiable, match="or count the steps from the start of this run"):
        time_to_target(t**-0.5, 0.05, steps=1e6 + t)


def test_a_rate_that_noise_hides_is_not_called_a_floor():
    t, words = np.arange(1.0, 301.0), []
    for seed in range(30):
        try:
            time_to_target(t**-0.3 * np.exp(0.3 * np.random.default_rng(seed).standard_normal(300)), 450**-0.3)
        except NotIdentifiable as refusal:
            words.append(str(refusal))
    hidden = [word for word in words if "which the noise hides: give means of some losses and every=" in word]
    assert len(hidden) > 3
    assert sum("levels off" in word for word in words) < len(hidden)


def test_a_widening_needs_values_above_zero():
    solved = RemainingSteps(10.0, 9.0, 11.0, "geometric", 0.1, 5.0)
    reached = RemainingSteps(0.0, 0.0, 0.0, "reached", 0.0, 0.0)
    with pytest.raises(ValueError, match="value > 0"):
        widening_from_runs([solved] * 8 + [reached], [1.0] * 9)
    with pytest.raises(ValueError, match="truth > 0"):
        widening_from_runs([solved] * 9, [1.0] * 8 + [0.0])


def test_losses_that_scatter_by_a_factor_e_are_refused_and_a_bit_less_is_not_scatter():
    with pytest.raises(NotIdentifiable, match="noise is below a factor e, got one of exp"):
        time_to_target(np.where(np.arange(40) % 2, 1e-9, 1e9), 1.0)
    curve, rng = 0.9 ** np.arange(200), np.random.default_rng(1)
    with pytest.raises(NotIdentifiable, match="factor e, got"):
        time_to_target(curve * np.exp(1.2 * rng.standard_normal(200)), 1e-12)
    seen = np.log(curve * np.exp(0.8 * rng.standard_normal(200)))
    refuse_scatter(seen)


NOISY = 2 * np.arange(1.0, 101.0) ** -0.5 * np.exp(0.01 * np.random.default_rng(0).standard_normal(100))


@pytest.mark.parametrize(("gain", "never_gain"), [(-2.0, -3.0), (-0.1, -0.1), (0.1, 0.1), (2.0, 0.1), (2.0, -0.1)])
def test_a_law_that_levels_off_and_fits_better_leaves_no_upper_end(monkeypatch, gain, never_gain) -> None:
    """Better than those without a floor, though one above a lower floor may fit better still."""
    is_open = never_gain > 0
    plain = time_to_target(NOISY, 0.1, gradient_norms=NOISY**1.5)
    second = Floored(0.05, gain, plain.value, never_gain)
    monkeypatch.setattr("trainphys.tools.time_to_target.forecast.opinions", lambda *_: Opinions(second, second))
    found = time_to_target(NOISY, 0.1, every=2.0)
    assert (found.high == math.inf) == is_open == bool(found.no_upper_end)
    assert found.no_upper_end == (FLOOR if is_open else "")
    assert found.low < found.value < found.high_if_reached < math.inf
    assert is_open or found.high == found.high_if_reached


def test_a_forecast_is_printed_with_the_reason_for_an_end_that_is_missing() -> None:
    closed = RemainingSteps(120.0, 80.0, 200.0, "either", 0.1, 0.0, high_if_reached=200.0)
    assert str(closed) == "120 steps to go; nine runs of ten take from 80 to 200; tail: either"
    assert str(replace(closed, high=math.inf, no_upper_end=FLOOR)).splitlines() == [
        "120 steps to go; nine runs of ten take 80 or more; tail: either",
        "no upper end: a law that levels off above the target fits better than those without a floor",
        "if the loss does not level off: 200 or fewer",
    ]
    assert str(time_to_target(HISTORY, 0.4)) == "0 steps to go: the target is reached"
