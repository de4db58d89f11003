"""Tests of ``chapters.cooling.b5_optimal_schedule.drift_balance``."""

import math

import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.drift_balance import (
    measured_drift_change,
    measured_drift_ratio,
    sgd_cooling,
)
from trainphys.ensemble import stream
from trainphys.laws.drift_balance import drift_ratio, rate_for_temperature
from trainphys.systems.coolings import Exponential
from trainphys.systems.losses import harmonic


def test_drift_ratio_of_particles_and_densities() -> None:
    schedule = Exponential(1.0, 3.0, mobility_tau=6.0)
    found = measured_drift_ratio(harmonic(2.0), schedule, 3.0, 0.01, 20_000, stream(0, "ratio"))
    assert abs(found[0].value - float(drift_ratio(1.0, 2.0))) < found[0].tolerance()
    steep = measured_drift_change(4.0, 0.5, 500.0, fall=30.0)
    assert steep.value == pytest.approx(30 ** (-0.9 * 0.5), rel=0.02)


def test_sgd_temperature_follows_the_rate() -> None:
    ratio, late = sgd_cooling(
        rate_exponent=0.5, batch_exponent=0.0, tau=400.0, duration=400 * math.log(4), rate=0.1, replicas=20_000,
        rng=stream(0, "sgd"),
    )  # fmt: skip
    assert abs(ratio.value - 0.5) < ratio.tolerance() + 1.5 * late * 0.5
    assert float(rate_for_temperature(0.5 * 0.1 / 128, 64, 1.0)) == pytest.approx(0.05)
