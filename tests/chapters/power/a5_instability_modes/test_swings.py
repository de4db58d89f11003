"""Tests of ``chapters.power.a5_instability_modes.swings``."""

import cmath
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.chapters.power.a5_instability_modes.laws import swing_window
from trainphys.chapters.power.a5_instability_modes.swings import measured_loss_frequency, measured_swing, run_scaled
from trainphys.ensemble import stream
from trainphys.laws.divergence import NoisyStep, explosion_probability
from trainphys.laws.oscillation import critical_coupling, critical_coupling_of_updates, loss_frequency, update_frequency
from trainphys.laws.stability import heavy_ball_matrix


@given(st.floats(0.01, 3.9), st.floats(0.0, 0.99))
def test_swing_is_the_angle_of_the_leading_eigenvalue(a, b):
    values = np.linalg.eigvals(heavy_ball_matrix(a, b))
    leading = values[np.argmax(np.abs(values))]
    low, high = swing_window(b)
    if min(abs(a - low), abs(a - high)) > 1e-3:
        assert update_frequency(a, b) == pytest.approx(abs(np.angle(leading)), abs=1e-6)
    assert 0 <= loss_frequency(a, b) <= math.pi


@pytest.mark.parametrize(("a", "b"), [(0.03, 0.98), (0.8, 0.6), (2.4, 0.5)])
def test_counted_swing_and_spectrum_of_the_loss(a, b):
    values = run_scaled(a, b, updates=20_000, seed=3)
    swing, loss = measured_swing(values), measured_loss_frequency(values)
    assert abs(swing.value - update_frequency(a, b)) <= swing.tolerance()
    assert abs(loss.value - loss_frequency(a, b)) <= loss.tolerance()
    assert run_scaled(a, b, updates=10, seed=3).shape == (10,)


def test_the_frequency_of_weak_damping_is_the_root_of_the_step():
    assert update_frequency(1e-4, 1 - 1e-7) == pytest.approx(math.sqrt(1e-4), rel=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NoisyStep(-1.0, 16), "step_curvature"),
        (lambda: NoisyStep(1.0, 1), "batch_size"),
        (lambda: explosion_probability(1.0, 16, 0.5), r"factor in \(1, inf\)"),
        (lambda: update_frequency(1.0, 1.0), "momentum"),
        (lambda: swing_window(-0.1), "momentum"),
        (lambda: critical_coupling(2.0, 1.0), "must swing"),
        (lambda: critical_coupling(0.1, 1.0, "other"), "balanced gain"),
        (lambda: critical_coupling_of_updates(0.1, 0.5), "line width"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_scaled_run_is_one_of_floats_without_its_trend():
    """The run itself, and the straight line of least squares through the logarithms of its length."""
    a, b, n = 0.7, 0.6, 40
    (theta, v), places, logs = stream(5, "swing").standard_normal(2).tolist(), [], []
    for _ in range(n):
        v = b * v - a * theta
        theta += v
        places.append(theta)
        logs.append(math.log(theta * theta + v * v) / 2)
    middle, level = (n - 1) / 2, sum(logs) / n
    slope = sum((t - middle) * x for t, x in enumerate(logs)) / sum((t - middle) ** 2 for t in range(n))
    slow = [x / math.exp(level + slope * (t - middle)) for t, x in enumerate(places)]
    assert run_scaled(a, b, updates=n, seed=5) == pytest.approx(slow)


@pytest.mark.parametrize("turn", [0.4, 1.1, 2.6])
def test_swings_are_counted_and_peaks_found_one_by_one(turn):
    """Changes of sign in the last three quarters; the spectrum as a sum over updates for each frequency of a line."""
    values = [math.cos(turn * t + 0.3) * (1 + t / 24) for t in range(120)]  # without a window the last peak is off
    late = values[30:]
    changes = sum(x * y < 0 for x, y in pairwise(late))
    found = measured_swing(np.array(values))
    assert (found.value, found.tolerance()) == pytest.approx((math.pi * changes / 89, math.pi / 89))
    mean, powers = sum(x * x for x in late) / 90, []
    for k in range(46):
        terms = [
            (x * x - mean) * (1 - math.cos(2 * math.pi * t / 89)) / 2 * cmath.exp(-2j * math.pi * k * t / 90)
            for t, x in enumerate(late)
        ]
        powers.append(abs(sum(terms)))
    peak = measured_loss_frequency(np.array(values))
    assert peak.value == pytest.approx(2 * math.pi * powers.index(max(powers)) / 90)
    assert peak.tolerance() == pytest.approx(2 * math.pi / 90)
