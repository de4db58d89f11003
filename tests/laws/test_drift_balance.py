"""Tests of ``laws.drift_balance``."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from trainphys.laws.drift_balance import (
    balancing_exponent,
    drift_ratio,
    drift_ratio_exponent,
    rate_for_temperature,
)
from trainphys.laws.temperature import stationary_temperature


@given(st.floats(0.6, 8.0))
def test_the_balancing_exponent_balances(power: float) -> None:
    assert float(drift_ratio_exponent(power, balancing_exponent(power))) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("power", "tie"), [(2.0, 0.0), (4.0, 0.5), (1.5, -1.0)])
def test_ratio_and_its_exponent_by_averages_over_the_density(power: float, tie: float) -> None:
    def ratio(T: float) -> float:
        weight, square = (quad(lambda x, q=q: x**q * np.exp(-(x**power) / T), 0, np.inf)[0] for q in (0, 2 * power - 2))
        mobility = T**tie
        return float(np.sqrt(mobility * power**2 * square / weight / (2 * T)))

    assert np.log(ratio(2.0) / ratio(0.5)) / np.log(4.0) == pytest.approx(drift_ratio_exponent(power, tie), rel=1e-6)
    if power == 2:  # x^2 has the curvature 2
        assert ratio(0.5) == pytest.approx(float(drift_ratio(0.5**tie, 2.0)))
        assert float(drift_ratio(3.0, 2.0, 4.0)) == pytest.approx(2 * np.sqrt(3.0))


def test_the_rate_gives_the_temperature() -> None:
    assert stationary_temperature(rate_for_temperature(0.03, 8, 2.5), 8, 2.5) == pytest.approx(0.03)
