"""Tests of ``chapters.power.a5_instability_modes.swings``."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.chapters.power.a5_instability_modes.laws import swing_window
from trainphys.chapters.power.a5_instability_modes.swings import measured_loss_frequency, measured_swing, run_scaled
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
