"""Tests of ``chapters.cooling.b5_optimal_schedule.tuning``."""

import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.failures import final_failure
from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import contestant
from trainphys.chapters.cooling.b5_optimal_schedule.tuning import tuned_exponential_then_quench, tuned_failure
from trainphys.systems.losses import double_well


def test_tuned_ends_are_no_worse_than_given_ones() -> None:
    loss = double_well(1.0, 0.5)
    for name in ("exponential", "linear", "quench", "constant"):
        assert tuned_failure(name, loss, 50.0, 0.3)[1].value < final_failure(
            loss, contestant(name, 1.0, 0.05, 50.0), 0.3
        ).value * (1.001)


def test_a_last_quench_helps_the_tuned_exponential() -> None:
    loss = double_well(1.0, 0.5)
    run, failed = tuned_exponential_then_quench(loss, 50.0, 0.3, 0.05)
    assert failed.value < tuned_failure("exponential", loss, 50.0, 0.3)[1].value
    assert float(run.temperature(50.0)) == pytest.approx(0.05)
    assert float(run.temperature(48.0)) > 0.1
