"""Tests of ``laws.batch_size``."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from tests.tools.batch_size.test_operating_point import LAW, SIZES, made
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import (
    alpha_for_stability,
    batch_fraction_for_least_energy,
    batch_fraction_for_power,
    batch_fraction_for_time,
    cheapest_batch_size,
    sample_efficiency,
    steps_to_target,
    updates_saved,
)
from trainphys.laws.noisy_quadratic import tuned_steps
from trainphys.systems.noisy_quadratic import power_law_quadratic
from trainphys.tools.batch_size.new_run import predicted_steps

positive = st.floats(1e-3, 1e4)


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


def test_limits_are_perfect_scaling_and_saturation():
    model = power_law_quadratic(32)
    target = 0.05 * model.initial_loss()
    few, many = tuned_steps(model, 1e-3, target), tuned_steps(model, 2e-3, target)
    assert few.steps / many.steps == pytest.approx(2, rel=1e-3)
    fewest = tuned_steps(model, np.inf, target).steps
    assert tuned_steps(model, 1e6, target).steps == pytest.approx(fewest, rel=1e-3)
    critical = 1e-3 * few.steps / fewest
    for batch in (0.1 * critical, critical, 10 * critical):  # the plain law errs on the slow side
        plain = float(steps_to_target(batch, fewest, critical))
        assert 0.5 * plain < tuned_steps(model, batch, target).steps < plain


def test_intervals_cover_new_measurements():
    rng, hits, count, error = np.random.default_rng(0), 0, 0, 0.04
    for _ in range(60):
        noisy = steps_to_target(SIZES, **LAW) * rng.lognormal(0, error, len(SIZES))
        sweep = made(steps=tuple(Estimate(float(s), error * float(s), 50) for s in noisy))
        for b, interval in zip((6.0, 90.0, 1500.0), predicted_steps(sweep, [6.0, 90.0, 1500.0]), strict=True):
            new = float(steps_to_target(b, **LAW)) * rng.lognormal(0, error)
            hits += interval.low <= new <= interval.high
            count += 1
    share = hits / count
    assert 0.95 - 4 * np.sqrt(0.05 * 0.95 / count) < share


@given(alpha=st.floats(1e-3, 1e3), p=st.floats(0.5, 6))
def test_updates_saved_are_the_slope_of_the_steps(alpha, p):
    step = 1 + 1e-4
    times = [float(steps_to_target(alpha * f, 1.0, 1.0, p)) for f in (1 / step, step)]
    slope = np.log(times[0] / times[1]) / np.log(step**2)
    assert float(updates_saved(alpha, 1.0, p)) == pytest.approx(slope, rel=1e-3, abs=1e-9)


@given(limit=st.floats(0.95, 5), share=st.floats(0.0, 0.9), p=st.floats(0.5, 6))
def test_fractions_keep_their_limits(limit, share, p):
    alpha = batch_fraction_for_time(limit, p)
    assert float(steps_to_target(alpha, 1.0, 1.0, p) / steps_to_target(1.0, 1.0, 1.0, p)) == pytest.approx(limit)
    assert share + (1 - share) * batch_fraction_for_power(limit, share) == pytest.approx(limit)
    assert batch_fraction_for_least_energy(share, p) == cheapest_batch_size(1.0, share, 1 - share, p)


def test_stable_batch_meets_its_own_limit():
    alpha = alpha_for_stability(1.8, 0.3, noise_at_critical=2.0)
    assert 0.3 * alpha * (1 + 2.0 / alpha) == pytest.approx(1.8)


def test_an_endless_batch_takes_the_fewest_updates():
    assert steps_to_target([np.inf], 10.0, 100.0).tolist() == [10.0]
    assert sample_efficiency(np.inf, 100.0) == 0.0
