"""Tests of ``chapters.cooling.b5_optimal_schedule.shaped_cooling``."""

from functools import partial

import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import CONTESTANTS, ShapedCooling, contestant
from trainphys.tools.schedules import shapes as shapes


def test_equal_clock_is_equal() -> None:
    for name in CONTESTANTS:
        assert contestant(name, 1.0, 0.05, 30.0, tie=0.5, clock=30.0).clock() == pytest.approx(30.0, rel=1e-3)


def test_partial_shapes_travel_through_schedules() -> None:
    run = ShapedCooling(partial(shapes.linear_decay, end=0.5), 2.0, 4.0, tie=1.0, mobility_start=3.0)
    assert float(run.temperature(4.0)) == pytest.approx(1.0)
    assert float(run.mobility(4.0)) == pytest.approx(1.5)
    assert run.clock() == pytest.approx(9.0)
