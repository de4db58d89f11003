"""Tests of ``chapters.cooling.b5_optimal_schedule.end_points``."""

import math

import numpy as np
import pytest

from tests.simulate import twins
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


def test_spreads_are_those_of_single_particles() -> None:
    """Each direction with its curvature and its own noise, from equilibrium at the first temperature."""
    schedule, k = Exponential(0.9, 1.1, mobility_start=0.7, mobility_tau=0.8), (1.0, 3.0)
    (squares, loss), rng = measured_spreads(k, schedule, 0.4, 0.1, 3, stream(2, "ends")), stream(2, "ends")
    T, eta = lambda t: 0.9 * math.exp(-t / 1.1), lambda t: 0.7 * math.exp(-t / 0.8)
    start = rng.standard_normal((3, 2)).tolist()
    key, times = int(rng.integers(2**64, dtype=np.uint64)), [0.0, 0.1, 0.2, 0.3, 0.4]
    ends = [
        [
            twins.particle(math.sqrt(0.9 / k[j]) * start[i][j], lambda v, j=j: k[j] * v, T, eta, times,
                           twins.normals_of(key, 3 * j + i, 4))[-1]
            for j in (0, 1)
        ]
        for i in range(3)
    ]  # fmt: skip
    assert [s.value for s in squares] == pytest.approx([sum(x[j] ** 2 for x in ends) / 3 for j in (0, 1)])
    assert loss.value == pytest.approx(sum(k[j] * x[j] ** 2 / 2 for x in ends for j in (0, 1)) / 3)
