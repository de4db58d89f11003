"""Tests of ``chapters.power.a1_basic_relations.escape_runs``."""

import pytest

from trainphys.chapters.power.a1_basic_relations.escape_runs import (
    minibatch_escape_time,
    simulated_basin_quality,
    simulated_escape_time,
    solved_escape_time,
)
from trainphys.ensemble import stream
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


@pytest.mark.parametrize("batches", [False, True])
def test_escapes_are_timed_walker_by_walker(batches):
    """The same kicks: drift, then kick, then a look; the level lies a mean overshoot before the goal."""
    if batches:
        rng, rate, scale = stream(5, "minibatch-escape", 4), 0.05, 0.05 * 20.0
        found = minibatch_escape_time(batch_size=4, noise=20.0, learning_rate=0.05, replicas=6, seed=5)
        kick, step = lambda n: [scale * (2 / 4 * k - 1) for k in rng.binomial(4, 0.5, n).tolist()], scale / 2
    else:
        rng, rate, step = stream(5, "escape", 1200), 0.3**2 * 1.2 / 2, 0.3
        found = simulated_escape_time(barrier=1.2, replicas=6, seed=5, step=0.3)
        kick = lambda n: [0.3 * z for z in rng.standard_normal(n).tolist()]  # noqa: E731
    walkers, times, updates = [-1.0] * 6, [], 0
    while walkers:
        moved = [x - rate * 4 * x * (x * x - 1) for x in walkers]
        moved = [x + k for x, k in zip(moved, kick(len(moved)), strict=True)]
        updates += 1
        times += [updates * rate for x in moved if x >= 1 - 0.5826 * step]
        walkers = [x for x in moved if x < 1 - 0.5826 * step]
    assert found.value == pytest.approx(sum(times) / 6)


def test_basin_quality_is_that_of_single_updates():
    found = simulated_basin_quality(position=-1.4, barrier=3.0, learning_rate=0.02, replicas=5, seed=0)
    slope, total = 4 * -1.4 * (1.96 - 1), 0.0
    for z in stream(0, "basin").standard_normal(5).tolist():
        x = -1.4 - 0.02 * slope + (2 * 0.02 / 3.0) ** 0.5 * z
        total += (0.96**2 - (x * x - 1) ** 2) / (0.02 * slope**2) / 5
    assert found.value == pytest.approx(total)
