"""Tests of ``laws.thermodynamic_length``."""

import pytest

from trainphys.laws.thermodynamic_length import entropic_friction
from trainphys.systems.losses import Quartic


@pytest.mark.parametrize(("power", "exponent"), [(2, 0.0), (4, -0.5)])
def test_friction_of_power_wells(power: int, exponent: float) -> None:
    coefficients = [0.0] * 5
    coefficients[power] = 0.7
    loss = Quartic(tuple(coefficients))
    ratio = entropic_friction(loss, 0.1) / entropic_friction(loss, 1.0)
    assert ratio == pytest.approx(0.1**exponent, rel=1e-3)
