"""Tests of ``chapters.cooling.b5_optimal_schedule.drift_balance``."""

import math

import numpy as np
import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.drift_balance import (
    measured_balancing_exponent,
    measured_drift_change,
    measured_drift_ratio,
    sgd_temperatures,
)
from trainphys.ensemble import stream
from trainphys.laws.drift_balance import balancing_exponent, drift_ratio, rate_for_temperature
from trainphys.laws.temperature import stationary_temperature
from trainphys.systems.coolings import Exponential
from trainphys.systems.losses import harmonic


def test_drift_ratio_of_particles_and_densities() -> None:
    schedule = Exponential(1.0, 3.0, mobility_tau=6.0)
    found = measured_drift_ratio(harmonic(2.0), schedule, 3.0, 0.01, 20_000, stream(0, "ratio"))
    assert abs(found[0].value - float(drift_ratio(1.0, 2.0))) < found[0].tolerance()
    steep = measured_drift_change(4.0, 0.5, 500.0, fall=30.0)
    assert steep.value == pytest.approx(30 ** (-0.9 * 0.5), rel=0.02)


def test_the_balancing_exponent_is_that_of_the_law() -> None:
    found = measured_balancing_exponent(3.0, tau=1000.0, fall=30.0)
    assert found.value == pytest.approx(float(balancing_exponent(3.0)), rel=0.03)


def test_sgd_temperature_follows_the_rate() -> None:
    rates = 0.1 * np.exp(-np.arange(round(400 * math.log(4))) / 800)
    found = sgd_temperatures(rates, np.full(rates.size, 64.0), 20_000, stream(0, "sgd"))
    assert len(found) == 5
    for moment in (0, 4):
        eta = rates[min(moment * (len(rates) // 4), len(rates) - 1)]
        law = float(stationary_temperature(eta, 64, 1.0, curvature=1.0))
        assert abs(found[moment].value - law) < found[moment].tolerance() + 0.02 * law
    assert float(rate_for_temperature(0.5 * 0.1 / 128, 64, 1.0)) == pytest.approx(0.05)
