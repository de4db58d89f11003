"""Tests of ``chapters.cooling.shared.units``."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.chapters.cooling.shared.units import (
    CURVATURE,
    LOSS,
    MOBILITY,
    PARAMETER,
    TIME,
    Dimension,
    UnitChange,
    cooled,
    measured_dimension,
)
from trainphys.systems.coolings import Exponential
from trainphys.systems.losses import double_well


def test_units_multiply_and_measure():
    assert LOSS / PARAMETER**2 == CURVATURE
    units = UnitChange(parameter=3.0, loss=2.0, time=5.0)
    assert units.factor(MOBILITY) == pytest.approx(9 / 10)
    assert measured_dimension(lambda u: u.factor(MOBILITY) * u.factor(CURVATURE)) == TIME**-1
    with pytest.raises(ValueError, match="power"):
        measured_dimension(lambda u: 1.0 + u.factor(LOSS))
    with pytest.raises(ValueError, match="sign"):
        measured_dimension(lambda u: 0.0)
    with pytest.raises(ValueError, match="loss > 0"):
        UnitChange(loss=0.0)


exponent = st.integers(-4, 4).map(lambda n: n / 2)


@given(exponent, exponent, exponent)
def test_any_power_is_found(parameter, loss, time):
    dimension = Dimension(parameter, loss, time)
    found = measured_dimension(lambda units: 0.3 * units.factor(dimension), factor=1.7)
    assert found.parameter == pytest.approx(parameter, abs=1e-9)
    assert found.loss == pytest.approx(loss, abs=1e-9)
    assert found.time == pytest.approx(time, abs=1e-9)


def test_cooling_answers_to_units_and_not_to_the_speed_of_the_clock():
    well, schedule = double_well(1.0, 0.5), Exponential(1.0, 2.0, 1.0, 4.0)
    plain = cooled(well, schedule, 3.0)
    new = cooled(well, schedule, 3.0, UnitChange(parameter=2.0, loss=3.0, time=0.5))
    assert new.square == pytest.approx(4 * plain.square, rel=1e-6)
    assert new.loss == pytest.approx(3 * plain.loss, rel=1e-6)
    assert new.entropy == pytest.approx(plain.entropy + np.log(2), rel=1e-6)
