"""Tests of ``chapters.cooling.b5_optimal_schedule.end_points``."""

import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.end_points import (
    curvature_range,
    measured_end_temperature,
    measured_spreads,
)
from trainphys.ensemble import stream
from trainphys.laws.cooling_plan import final_temperature
from trainphys.systems.coolings import Exponential, cooling, quench
from trainphys.systems.losses import double_well
from trainphys.tools.schedules import shapes as shapes


def test_cooling_time_is_that_of_the_schedule() -> None:
    assert float(shapes.cooling_time(7.0, 2.0, 0.02)) == pytest.approx(cooling(2.0, 0.02, 7.0).tau)
    found = measured_end_temperature(200.0, Exponential(1.0, float(shapes.cooling_time(10.0, 1.0, 0.1))), 10.0)
    assert found.value == pytest.approx(0.1, rel=2e-3)


def test_curvature_range_of_a_double_well() -> None:
    low, high = curvature_range(double_well(2.0))
    assert (low, high) == (pytest.approx(8.0), pytest.approx(16.0))


def test_equipartition_knows_no_curvature() -> None:
    schedule = quench(final_temperature(0.3, 3))
    squares, loss = measured_spreads((1.0, 2.0, 5.0), schedule, 1.0, 0.002, 20_000, stream(0, "equipartition"))
    assert abs(loss.value - 0.3) < loss.tolerance() + 0.005 * 0.3
    assert abs(squares[2].value - 0.2 / 5) < squares[2].tolerance() + 0.005 * 0.04
