"""Tests of ``laws.thermodynamic_length``."""

import numpy as np
import pytest

from trainphys.laws.thermodynamic_length import (
    constant_speed_schedule,
    entropic_friction,
    slow_entropy,
    thermodynamic_length,
)
from trainphys.systems.coolings import cooling
from trainphys.systems.losses import Quartic, double_well, harmonic


@pytest.mark.parametrize(("power", "exponent"), [(2, 0.0), (4, -0.5)])
def test_friction_of_power_wells(power: int, exponent: float) -> None:
    coefficients = [0.0] * 5
    coefficients[power] = 0.7
    loss = Quartic(tuple(coefficients))
    ratio = entropic_friction(loss, 0.1) / entropic_friction(loss, 1.0)
    assert ratio == pytest.approx(0.1**exponent, rel=1e-3)


def test_a_quadratic_well_in_closed_form() -> None:
    assert entropic_friction(harmonic(2.0), 0.3, mobility=0.5) == pytest.approx(0.25, rel=1e-3)
    assert thermodynamic_length(harmonic(4.0), 2.0, 0.1) == pytest.approx(np.log(20.0) / 4, rel=1e-3)
    law = np.log(20.0) ** 2 / (4 * 4.0 * 7.0)  # exponential: the rate ln 20 / 7, for a time 7
    assert slow_entropy(harmonic(4.0), cooling(2.0, 0.1, 7.0), 7.0) == pytest.approx(law, rel=1e-3)


def test_constant_speed_produces_the_squared_length_over_the_time_and_less_than_exponential_cooling() -> None:
    loss = double_well(1.0, 0.5)
    best, least = constant_speed_schedule(loss, 1.0, 0.1, 600.0), thermodynamic_length(loss, 1.0, 0.1) ** 2 / 600.0
    assert (float(best.temperature(0.0)), float(best.temperature(600.0))) == pytest.approx((1.0, 0.1))
    assert best.times[-1] == pytest.approx(600.0)
    assert slow_entropy(loss, best, 600.0) == pytest.approx(least, rel=0.01)
    assert slow_entropy(loss, cooling(1.0, 0.1, 600.0), 600.0) > 1.5 * least
