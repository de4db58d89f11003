"""Tests of ``xor.staircase``."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.xor.configurations import RECONSTRUCTED
from trainphys.xor.staircase import (
    effective_tolerance,
    epochs_from_bias_ratio,
    epochs_from_last_distance,
    last_distance_step,
)


@given(st.floats(0.01, 0.45), st.floats(1e-10, 1e-3), st.integers(1, 60), st.floats(1e-9, 1 - 1e-9))
def test_staircase_inverts_its_steps(rate, tolerance, epochs, within):
    low, high = last_distance_step(epochs, rate=rate, tolerance=tolerance)
    distance = low + within * (high - low)
    assert epochs_from_last_distance(distance, rate=rate, tolerance=tolerance) == epochs


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: epochs_from_last_distance(0.0, rate=0.1, tolerance=1e-7), "distance > 0"),
        (lambda: epochs_from_last_distance(1e308, rate=0.1, tolerance=1e-7), "past counting"),
        (lambda: epochs_from_last_distance(1.0, rate=np.inf, tolerance=1e-7), "rate"),
        (lambda: last_distance_step(0, rate=0.1, tolerance=1e-7), "epochs >= 1"),
        (lambda: last_distance_step(1e6, rate=0.1, tolerance=1e-7), "finite distance"),
        (lambda: epochs_from_bias_ratio([np.inf], rate=0.1), "bias_ratio >= 1 and finite"),
        (lambda: effective_tolerance(RECONSTRUCTED[2]), "full batch on inputs 1"),
    ],
)
def test_wrong_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
