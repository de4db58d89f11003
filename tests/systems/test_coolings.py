"""Tests of ``systems.coolings``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from trainphys.systems.coolings import Exponential, OnClock, cooling


def test_documented_schedule() -> None:
    schedule = cooling(2.0, 0.02, 10.0, mobility=0.5, slows=True)
    assert float(schedule.temperature(10.0)) == pytest.approx(0.02)
    assert schedule.mobility_tau == 2 * schedule.tau
    assert float(schedule.mobility(10.0)) == pytest.approx(0.5 * 0.1)
    assert schedule.duration(0.02) == pytest.approx(10.0)
    inside = quad(lambda t: float(schedule.mobility(t)), 0, 7)[0]
    assert float(schedule.clock(7.0)) == pytest.approx(inside)


@given(st.floats(0.1, 3.0), st.floats(0.5, 5.0), st.floats(0.0, 4.0))
def test_clock_inverts(start, tau, time):
    schedule = Exponential(1.0, 2.0, start, tau)
    clock = OnClock(schedule)
    assert float(clock.time(schedule.clock(time))) == pytest.approx(time, abs=1e-6)
    assert float(clock.temperature(schedule.clock(time))) == pytest.approx(float(schedule.temperature(time)), rel=1e-5)
