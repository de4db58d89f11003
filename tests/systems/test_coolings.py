"""Tests of ``systems.coolings``."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from trainphys.systems.coolings import Budget, Exponential, OnClock, PiecewiseLog, cooling, quench


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


def test_straight_lines_between_knots() -> None:
    lines = PiecewiseLog((0.0, 2.0, 3.0), (4.0, 1.0, 1.0), (1.0, 9.0, 1.0))
    np.testing.assert_allclose(lines.temperature([0, 1, 2.5, 9]), [4.0, 2.0, 1.0, 1.0])
    np.testing.assert_allclose(lines.mobility([0, 1, 2.5]), [1.0, 3.0, 3.0])
    assert lines.temperature(1).shape == ()


def test_what_is_held_stays() -> None:
    held = Exponential(0.5, mobility_start=2.0)
    assert (float(held.temperature(9)), float(held.mobility(9)), float(held.clock(9))) == (0.5, 2.0, 18.0)
    assert float(OnClock(held).time(18.0)) == 9.0
    assert OnClock(held).mobility([1, 2]).tolist() == [1.0, 1.0]
    assert float(quench(0.1, 3.0).mobility(1.0)) == 3.0
    assert Exponential(1.0, 2.0).duration(1.0) == 0.0
    assert Budget(1.0, 0.1, 7.0).quench_duration == 7.0
    assert cooling(1.0, 0.1, 7.0).mobility_tau == math.inf


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: PiecewiseLog((0.0,), (1.0,), (1.0,)), r"two increasing times, got \(0.0,\): sort the knots"),
        (lambda: PiecewiseLog((0.0, 0.0), (1.0, 1.0), (1.0, 1.0)), "two increasing times"),
        (lambda: PiecewiseLog((0.0, 1.0, 0.5), (1.0,) * 3, (1.0,) * 3), "two increasing times"),
        (lambda: PiecewiseLog((0.0, 1.0), (1.0, 0.0), (1.0, 1.0)), "temperatures > 0"),
        (lambda: PiecewiseLog((0.0, 1.0), (1.0, 1.0), (1.0, 0.0)), "mobilities > 0"),
        (lambda: PiecewiseLog((0.0, 1.0), (1.0,), (1.0, 1.0)), "2 temperatures, got 1: give one a knot"),
        (lambda: Exponential(0.0), "start > 0"),
        (lambda: Exponential(1.0, 0.0), "tau > 0"),
        (lambda: Exponential(1.0, 1.0, 0.0), "mobility_start > 0"),
        (lambda: Exponential(1.0, 1.0, 1.0, 0.0), "mobility_tau > 0"),
        (lambda: Exponential(2.0, 1.0).duration(0.0), "0 < end <= 2.0, got 0.0"),
        (lambda: Exponential(2.0, 1.0).duration(2.1), "0 < end <= 2.0, got 2.1"),
        (lambda: cooling(1.0, 0.5, 0.0), "duration > 0"),
        (lambda: cooling(math.inf, 0.5, 1.0), "start > 0 and finite"),
        (lambda: cooling(1.0, 1.0, 1.0), r"end in \(0, 1\)"),
        (lambda: cooling(1.0, 0.0, 1.0), r"end in \(0, 1\)"),
        (lambda: OnClock(Exponential(1.0, 1.0, 3.0, 2.0)).time(6.0), "a clock below 6.0, got 6.0: .* falls too fast"),
        (lambda: OnClock(Exponential(1.0, 1.0, 3.0, 2.0)).time([1.0, 6.0]), "falls too fast"),
    ],
)
def test_what_is_no_schedule_is_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()
