"""Tests of ``xor.staircase``."""

from hypothesis import given
from hypothesis import strategies as st

from trainphys.xor.staircase import epochs_from_last_distance, last_distance_step


@given(st.floats(0.01, 0.45), st.floats(1e-10, 1e-3), st.integers(1, 60), st.floats(1e-9, 1 - 1e-9))
def test_staircase_inverts_its_steps(rate, tolerance, epochs, within):
    low, high = last_distance_step(epochs, rate=rate, tolerance=tolerance)
    distance = low + within * (high - low)
    assert epochs_from_last_distance(distance, rate=rate, tolerance=tolerance) == epochs
