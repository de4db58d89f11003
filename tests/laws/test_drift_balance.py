"""Tests of ``laws.drift_balance``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.laws.drift_balance import balancing_exponent, drift_ratio_exponent


@given(st.floats(0.6, 8.0))
def test_the_balancing_exponent_balances(power: float) -> None:
    assert float(drift_ratio_exponent(power, balancing_exponent(power))) == pytest.approx(0.0, abs=1e-12)
