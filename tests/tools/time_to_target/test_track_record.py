"""Tests of ``tools.time_to_target.track_record``."""

import math

import numpy as np
import pytest

from trainphys.tools.time_to_target.forecast import WIDENINGS, time_to_target
from trainphys.tools.time_to_target.loss_tails import fit_laws, outlook
from trainphys.tools.time_to_target.track_record import LEAST, past_miss

T = np.arange(1.0, 101.0)
BENT = -0.02 * T - 0.4 * np.log(T) + 0.01 * np.random.default_rng(3).standard_normal(100)


def by_hand(y: np.ndarray, stretches: list[tuple[int, int]]) -> float:
    """Forecasts from a start, which see what was before it alone, to the level that the loss then had at an end."""
    squares = []
    for start, end in stretches:
        there, then = fit_laws(y[:end]), fit_laws(y[:start])
        forecast = outlook(then, float(there.weight @ there.level)).log_steps
        squares.append((math.log(end - start) - forecast) ** 2)
    return math.sqrt(sum(squares) / 3)


@pytest.mark.parametrize(
    ("ahead", "stretches"),
    [
        (0.25, [(80, 100), (64, 80), (48, 60)]),
        (4.0, [(50, 100), (40, 80), (30, 60)]),
        (1e-9, [(97, 100), (77, 80), (58, 60)]),
    ],
)
def test_three_earlier_forecasts_as_far_ahead_are_held_against_what_came(ahead, stretches) -> None:
    """At most half of the log ahead, and at least three hundredths."""
    assert past_miss(BENT, fit_laws(BENT), ahead) == pytest.approx(by_hand(BENT, stretches), rel=1e-9)


def test_a_run_that_was_forecast_well_gets_the_narrower_interval() -> None:
    """Both have the same last half, so the same laws; the start of one would have misled, that of the other not."""
    smooth = np.exp(0.01 * np.random.default_rng(0).standard_normal(100)) * T**-0.5
    misleading = np.where(T <= 50, smooth * (50 / T) ** 0.8, smooth)
    good, bad = (time_to_target(history, 0.08) for history in (smooth, misleading))
    assert good.value == bad.value
    assert good.missed < bad.missed / 3
    assert good.low > bad.low
    assert good.high_if_reached < bad.high_if_reached
    assert good.spread / bad.spread == pytest.approx(math.sqrt(good.missed / bad.missed))
    for found in (good, bad):
        assert math.log(found.value / found.low) == pytest.approx(WIDENINGS["losses"] * found.spread)


def test_an_exact_law_never_missed_and_its_interval_has_a_width_all_the_same() -> None:
    for y in (-0.5 * np.log(T), -0.03 * T):
        assert past_miss(y, fit_laws(y), 0.7) == LEAST


RARER, LATE = T**2, 50 * (T + 300.0)
SLOWING = np.append(1.0, 1.0 + np.cumsum(np.linspace(1.0, 0.1, 99)))  # a clock of rates


@pytest.mark.parametrize(("times", "by_time", "first"), [(RARER, True, 70), (LATE, True, 0), (SLOWING, False, 50)])
def test_looks_anywhere_are_forecast_by_their_times(times, by_time, first) -> None:
    """A tail that is geometric in the time is forecast exactly; whoever took looks for times would have missed."""
    y = -3.0 * times / times[-1]
    assert past_miss(y, fit_laws(y, None, times, first), 0.3, None, times, by_time=by_time) == LEAST
    assert times is LATE or past_miss(y, fit_laws(y), 0.3) > 0.05


def test_fits_by_time_use_the_second_half_of_the_time_before_a_start() -> None:
    """From 0.58 of the time back to 0.29, where the steep beginning is over; half of these looks reach back to it."""
    y = -3.0 * RARER / RARER[-1] + 20.0 * np.maximum(0.28 - RARER / RARER[-1], 0.0)
    laws = fit_laws(y, None, RARER, 70)
    assert past_miss(y, laws, 0.03, None, RARER, by_time=True) == LEAST
    assert past_miss(y, laws, 0.03, None, RARER) > 10 * LEAST


def test_norms_are_seen_by_earlier_forecasts_too() -> None:
    y = -0.02 * T + 0.03 * np.random.default_rng(1).standard_normal(100)
    norms = 0.5 * (-0.02 * T)  # g^2 / L is constant: geometric
    assert past_miss(y, fit_laws(y, norms), 0.5, norms) < past_miss(y, fit_laws(y), 0.5)


def test_an_early_loss_that_did_not_fall_counts_as_a_failed_forecast() -> None:
    y = np.where(T < 75, 0.01 * T, 0.75 - 0.05 * (T - 75))
    assert past_miss(y, fit_laws(y), 0.4) > math.sqrt(2 / 3)  # a factor e each


def test_a_fall_that_no_early_law_foresaw_counts_as_a_failed_forecast() -> None:
    """A loss that levels off until look 60 and then falls: forecasts to looks 100 and 80 fail, that to 60 holds."""
    y = np.where(T <= 60, 2.0 * (T / 50) ** -0.5, 2.0 * 1.2**-0.5 - 0.3 * (T - 60))
    assert past_miss(y, fit_laws(y), 1.0) == pytest.approx(math.sqrt(2 / 3), abs=1e-3)


def test_a_clock_that_stands_still_from_start_to_end_has_no_forecast() -> None:
    times = np.concatenate([np.arange(1.0, 10.0), [9.5, 9.5], np.linspace(15.0, 16.0, 20)])
    y = -0.1 * times
    assert past_miss(y, fit_laws(y, None, times), 0.03, None, times) == pytest.approx(math.sqrt(2 / 3), abs=1e-3)
