"""Tests of ``chapters.power.a1_basic_relations.escape_runs``."""

import pytest

from trainphys.chapters.power.a1_basic_relations.escape_runs import (
    minibatch_escape_time,
    simulated_basin_quality,
    simulated_escape_time,
    solved_escape_time,
)
from trainphys.estimate import Estimate
from trainphys.laws.escape import basin_quality, kramers_time, mean_escape_time


def near(found: Estimate, expected: float, sigmas: float = 5.0) -> bool:
    return abs(found.value - expected) <= sigmas * found.stderr


def test_escape_tends_to_kramers_and_walkers_to_the_integral():
    excess = [mean_escape_time(b) / kramers_time(b) - 1 for b in (20.0, 40.0)]
    assert excess[0] / excess[1] == pytest.approx(2, rel=0.1)
    assert near(simulated_escape_time(barrier=1.0, replicas=3000, seed=3), mean_escape_time(1.0))


def test_batches_of_samples_escape_as_their_temperature_says():
    found = minibatch_escape_time(batch_size=4, noise=20.0, learning_rate=0.01, replicas=2000, seed=3)
    assert near(found, mean_escape_time(2.0))


@pytest.mark.parametrize("barrier", [0.5, 4.0, 12.0])
def test_backward_equation_agrees_with_the_integral(barrier):
    found = solved_escape_time(barrier)
    assert abs(found.value - mean_escape_time(barrier)) <= found.tolerance() < 1e-3 * found.value


def test_basin_quality_is_the_mean_of_simulated_updates():
    found = simulated_basin_quality(position=-1.4, barrier=3.0, learning_rate=0.02, replicas=40_000, seed=0)
    assert near(found, basin_quality(-1.4, 3.0, 0.02))
