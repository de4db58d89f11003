"""Tests of ``chapters.cooling.b5_optimal_schedule.start_scan``."""

import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.failures import final_failure
from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import contestant
from trainphys.chapters.cooling.b5_optimal_schedule.start_scan import measured_best_start
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
