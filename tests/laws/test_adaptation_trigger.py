"""Tests of ``laws.adaptation_trigger``."""

from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.laws.adaptation_trigger import entropy_ratio, trigger_ratio


@settings(max_examples=30)
@given(st.floats(0.05, 50), st.integers(1, 20))
def test_the_trigger_falls_with_the_lag(y, d):
    far = 1 + (y - 1) * 1.5
    if abs(y - 1) > 1e-3 and far > 0:
        assert trigger_ratio(far, d) < trigger_ratio(y, d)
        assert entropy_ratio(far) < entropy_ratio(y)
