"""The claimed curves and the corrected law: closed forms against root finders and minimisers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

from trainphys.chapters.power.shared.claimed import (
    claimed_efficiency,
    claimed_efficiency_crossings,
    claimed_fastest_alpha,
    claimed_time,
)
from trainphys.laws.batch_size import cheapest_batch_size, sample_efficiency, steps_to_target

positive = st.floats(1e-3, 1e4)


@given(critical=st.floats(1e-2, 1e6))
def test_branches_of_the_time_cross_where_a_root_finder_says(critical):
    difference = lambda x: -0.5 * x - (math.exp(x) / critical - 1)  # noqa: E731 - in ln alpha
    root = math.exp(brentq(difference, math.log(1e-6), math.log(1e3), xtol=1e-14))
    assert claimed_fastest_alpha(critical) == pytest.approx(root, rel=1e-9)


@given(critical=st.floats(1e-2, 1e8))
def test_claimed_time_is_least_at_the_crossing_and_never_below_one_over_e(critical):
    alpha = claimed_fastest_alpha(critical)
    assert alpha <= math.e**2 * (1 + 1e-12)
    around = claimed_time(alpha * np.array([0.5, 0.99, 1.0, 1.01, 2.0]), critical)
    assert np.argmin(around) == 2
    assert around[2] >= math.exp(-1) * (1 - 1e-12)


def test_a_stability_limit_below_one_contradicts_time_one_at_alpha_one():
    assert claimed_time(1.0, 0.5) > 2.7
    assert claimed_time(1.0, 1.0) == 1.0
    assert claimed_fastest_alpha(5.0) < 5.0


@given(critical=st.floats(1.01, 1e4))
def test_branches_of_the_efficiency_cross_twice_around_the_limit(critical):
    low, high = claimed_efficiency_crossings(critical)
    assert 1 / math.e <= low < 1 < critical < high
    for alpha in (low, high):
        assert math.log(alpha) == pytest.approx(alpha / critical - 1, abs=1e-9)


def test_claimed_efficiency_exceeds_one_unless_capped():
    assert claimed_efficiency(1e-6, 10.0, capped=False) == pytest.approx(math.e, rel=1e-5)
    assert claimed_efficiency(1e-6, 10.0) == 1.0
    with pytest.raises(ValueError, match="critical_alpha >= 1"):
        claimed_efficiency_crossings(0.5)


@given(batch=positive, fewest=positive, critical=positive, sharpness=st.floats(0.5, 50))
def test_corrected_law_stays_between_its_bounds_and_is_the_efficiency_inverted(batch, fewest, critical, sharpness):
    steps = float(steps_to_target(batch, fewest, critical, sharpness))
    assert steps >= max(fewest, fewest * critical / batch) * (1 - 1e-9)
    if sharpness >= 1:
        assert steps <= (fewest + fewest * critical / batch) * (1 + 1e-9)
    samples = fewest * critical
    assert float(sample_efficiency(batch, critical, sharpness)) == pytest.approx(samples / (batch * steps), rel=1e-9)


def test_corrected_law_has_both_limits():
    slope = np.diff(np.log(steps_to_target([1e-3, 2e-3], 10, 100, 1.7))) / np.log(2)
    assert slope == pytest.approx(-1, abs=1e-4)
    assert steps_to_target(1e9, 10, 100, 1.7) == pytest.approx(10)


@given(critical=st.floats(1, 1e4), static=st.floats(1e-2, 1e4), sharpness=st.floats(0.5, 8))
def test_cheapest_batch_is_where_a_minimiser_puts_it(critical, static, sharpness):
    def log_energy(x):
        b = math.exp(x)
        return math.log((static + 0.1 * b) * float(steps_to_target(b, 1.0, critical, sharpness)))

    found = minimize_scalar(
        log_energy, bounds=(math.log(1e-6), math.log(1e12)), method="bounded", options={"xatol": 1e-9}
    )
    assert cheapest_batch_size(critical, static, 0.1, sharpness) == pytest.approx(math.exp(found.x), rel=1e-3)


def test_without_static_power_the_smallest_batch_is_cheapest():
    assert cheapest_batch_size(100, 0.0, 1.0) == 0.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: claimed_time(-1.0, 2.0),
        lambda: claimed_time(1.0, 0.0),
        lambda: claimed_efficiency(0.0, 2.0),
        lambda: steps_to_target(1.0, -5, 100),
        lambda: steps_to_target(1.0, 5, 100, 0.0),
        lambda: sample_efficiency(np.nan, 100.0),
        lambda: cheapest_batch_size(100, -1.0, 1.0),
        lambda: cheapest_batch_size(100, 1.0, 0.0),
    ],
)
def test_arguments_out_of_range_are_refused(call):
    with pytest.raises(ValueError, match="expected"):
        call()
