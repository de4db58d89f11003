"""Tests of ``chapters.power.a1_basic_relations.escape_runs``."""

import pytest

from trainphys.chapters.power.a1_basic_relations.escape_runs import simulated_basin_quality, simulated_escape_time
from trainphys.estimate import Estimate
from trainphys.laws.escape import basin_quality, kramers_time, mean_escape_time


def near(found: Estimate, expected: float, sigmas: float = 5.0) -> bool:
    return abs(found.value - expected) <= sigmas * found.stderr


def test_escape_tends_to_kramers_and_walkers_to_the_integral():
    excess = [mean_escape_time(b) / kramers_time(b) - 1 for b in (20.0, 40.0)]
    assert excess[0] / excess[1] == pytest.approx(2, rel=0.1)
    assert near(simulated_escape_time(barrier=1.0, replicas=3000, seed=3), mean_escape_time(1.0))


def test_basin_quality_is_the_mean_of_simulated_updates():
    found = simulated_basin_quality(position=-1.4, barrier=3.0, learning_rate=0.02, replicas=40_000, seed=0)
    assert near(found, basin_quality(-1.4, 3.0, 0.02))
