"""Tests of ``chapters.cooling.b4_optimal_cooling.condition``."""

import numpy as np
import pytest

from trainphys.chapters.cooling.b4_optimal_cooling.condition import condition_of, met_share, slowest_rate, snapshot
from trainphys.laws.slow_cooling import pointwise_share, quasistatic_ratio
from trainphys.laws.two_wells import hopping_rate
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import Grid
from trainphys.systems.losses import double_well, harmonic


def test_snapshot_of_a_trailing_well():
    one = snapshot(harmonic(2.0), Exponential(1.0, 2.0), 4.0)
    y = 1 / (1 - 1 / 8)
    assert one.ratio.value == pytest.approx(float(quasistatic_ratio(y)), rel=2e-3)
    assert one.apart.value == pytest.approx((y - 1 - np.log(y)) / 2, rel=1e-2)
    assert one.rate_within == pytest.approx(2.0, rel=1e-3)
    assert met_share(one, 0.1).value == pytest.approx(float(pointwise_share(y, 0.1)), abs=0.02)
    many = condition_of([one], 20, np.random.default_rng(0), 20_000)
    assert abs(many.ratio.value - float(quasistatic_ratio(y, 20))) < 5 * many.ratio.stderr
    assert many.apart.value == pytest.approx(20 * one.apart.value)


def test_wells_apart_are_settled_within():
    loss = double_well(1.0, 0.5)
    one = snapshot(loss, quench(0.1), 5.0, top=loss.stationary_points()[1])
    assert one.apart_within.value < 1e-3 < 1 < one.apart.value
    grid = Grid.around(loss, 1.0, 800)
    between = slowest_rate(loss, 0.1, 1.0, grid, np.ones(grid.cells, bool))
    assert between < 1e-3 < one.rate_within
    assert between == pytest.approx(hopping_rate(loss, 0.1).rate, rel=0.02)
