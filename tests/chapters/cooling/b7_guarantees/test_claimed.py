"""Tests of ``chapters.cooling.b7_guarantees.claimed``."""

import math

import pytest
from scipy.special import erf

from trainphys.chapters.cooling.b7_guarantees.claimed import claimed_success, crowding
from trainphys.laws.success import boltzmann_success, harmonic_success
from trainphys.systems.losses import double_well


def test_harmonic_success_in_closed_form() -> None:
    assert float(harmonic_success(3.0, 1)) == pytest.approx(erf(math.sqrt(3.0)))
    assert float(harmonic_success(3.0, 2)) == pytest.approx(float(claimed_success(3.0)))
    assert float(harmonic_success(3.0, 4)) == pytest.approx(1 - 4 * math.exp(-3.0))
    assert float(harmonic_success(3.0, 2, lag=3.0)) == pytest.approx(1 - math.exp(-1.0))


def test_crowding_decides_the_claimed_bound() -> None:
    for gap in (0.0, 0.3, 1.0):
        for temperature in (0.2, 0.5, 1.0):
            for tolerance in (0.1, 0.29, 0.6, 0.98):
                loss = double_well(1.0, gap)
                holds = boltzmann_success(loss, temperature, tolerance) >= float(
                    claimed_success(tolerance / temperature)
                )
                assert holds == (crowding(loss, temperature, tolerance) <= 1)
