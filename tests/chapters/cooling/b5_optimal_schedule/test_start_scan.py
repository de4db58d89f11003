"""Tests of ``chapters.cooling.b5_optimal_schedule.start_scan``."""

import math

import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.failures import final_failure
from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import contestant
from trainphys.chapters.cooling.b5_optimal_schedule.start_scan import measured_best_start
from trainphys.simulate.success import failure
from trainphys.systems.coolings import Exponential
from trainphys.systems.losses import double_well, harmonic


def test_neighbouring_starts_fail_more_often() -> None:
    loss = double_well(1.0, 0.5)
    start = measured_best_start(loss, 50.0, 0.05, 0.3, 4.0, cells=200, steps=200).value
    failed = [
        final_failure(loss, contestant("exponential", f * start, 0.05, 50.0), 0.3, cells=200, steps=200).value
        for f in (0.8, 1.0, 1.25)
    ]
    assert failed[1] < min(failed[0], failed[2])


def test_one_basin_wants_no_heat() -> None:
    found = measured_best_start(harmonic(), 5.0, 0.05, 0.15, 4.0, cells=200, steps=100)
    assert found.value == pytest.approx(0.05)
    assert found.stderr > 0


@pytest.mark.parametrize(
    ("height", "gap", "duration", "hottest", "cells", "steps"),
    [(0.8, 0.3, 12.0, 3.0, 40, 16), (1.3, 0.5, 90.0, 4.0, 80, 40)],
)
def test_the_best_start_is_that_of_every_start_in_turn(height, gap, duration, hottest, cells, steps) -> None:
    """Starts two per cent apart, on both grids, once so coarse that they differ; the mobility is not one."""
    loss, end, best = double_well(height, gap), 0.08, []
    for part in (1, 2):
        failed = {}
        start = end
        while start < hottest:
            run = Exponential(start, duration / math.log(start / end) if start > end else math.inf, mobility_start=1.7)
            failed[start] = failure(loss, run, duration, 0.25, 1.0, cells // part, steps // part)
            start *= 1.02
        best.append(min(failed, key=failed.__getitem__))
    found = measured_best_start(loss, duration, end, 0.25, hottest, mobility=1.7, cells=cells, steps=steps)
    assert found.value == pytest.approx(best[0], rel=0.02)
    assert found.tolerance() == pytest.approx(abs(best[0] - best[1]), abs=0.02 * sum(best))
