"""Tests of ``chapters.cooling.b7_guarantees.quench_race``."""

import math

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.chapters.cooling.b7_guarantees.quench_race import (
    quench_against_annealing,
    race_particles,
)
from trainphys.ensemble import stream
from trainphys.laws.success import boltzmann_success, harmonic_success, lagging_success
from trainphys.laws.two_wells import hopping_rate, race_law, upper_share
from trainphys.simulate.success import share_within
from trainphys.systems.coolings import Budget, quench
from trainphys.systems.grid import Grid
from trainphys.systems.losses import Quartic, double_well, harmonic, wells


@pytest.mark.parametrize("slows", [False, True])
def test_race_agrees_with_the_two_state_law(slows: bool) -> None:
    loss, budget = double_well(1.0, 0.5), Budget(1.0, 0.05, 200.0, slows)
    found = quench_against_annealing(loss, budget, 0.3)
    annealing, quenched = race_law(loss, budget, 0.3)
    assert found.annealing.value == pytest.approx(annealing, rel=0.02)
    assert found.quench.value == pytest.approx(quenched, rel=0.02)


def test_race_of_particles_agrees_with_the_density() -> None:
    loss, budget = double_well(0.5, 0.25), Budget(1.0, 0.1, 15.0, True)
    by_density = quench_against_annealing(loss, budget, 0.15)
    by_particles = race_particles(loss, budget, 0.15, 30_000, 0.005, stream(0, "race test"))
    for name in ("annealing", "quench"):
        one, other = getattr(by_particles, name), getattr(by_density, name)
        assert abs(one.value - other.value) < one.tolerance() + other.tolerance()


def test_a_quench_wins_in_one_basin() -> None:
    assert quench_against_annealing(harmonic(), Budget(1.0, 0.05, 5.0), 0.15).ratio.value < 0.5


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="dimension > 0"):
        harmonic_success(1.0, 0)
    with pytest.raises(ValueError, match="at least 3 lags"):
        lagging_success(1.0, [1.0, 1.0])
    with pytest.raises(ValueError, match="tolerance > 0"):
        boltzmann_success(harmonic(), 1.0, 0.0)
    with pytest.raises(ValueError, match="coordinates"):
        share_within([harmonic()], np.zeros((5, 2)), 1.0)
    with pytest.raises(ValueError, match="gap between the wells"):
        race_law(double_well(1.0, 0.5), Budget(1.0, 0.05, 10.0), 0.6)
    with pytest.raises(ValueError, match="two wells"):
        wells(harmonic())
    with pytest.raises(ValueError, match="mirror the loss"):
        wells(Quartic((1.0, 0.5, -2.0, 0.0, 1.0)))
    with pytest.raises(ValueError, match="temperature > 0"):
        hopping_rate(double_well(1.0), 0.0)
    with pytest.raises(ValueError, match="increasing times"):
        upper_share(double_well(1.0), quench(1.0), [0.0])
    with pytest.raises(ValueError, match=r"start in \[0, 1\]"):
        upper_share(double_well(1.0), quench(1.0), [0.0, 1.0], start=2.0)
    with pytest.raises(ValueError, match="0 <= gap"):
        double_well(1.0, 10.0)
    with pytest.raises(ValueError, match="curvature > 0"):
        harmonic(-1.0)
    with pytest.raises(ValueError, match="grows on both sides"):
        Quartic((0, 0, -1, 0, 0))


def test_a_race_is_that_of_single_particles() -> None:
    """Starts drawn from the cells, each contestant with its own schedule, time and noise; failures are counted."""
    loss, budget = double_well(0.5, 0.25), Budget(1.0, 0.3, 2.0, True)
    found, rng = race_particles(loss, budget, 0.25, 80, 0.1, stream(4, "race")), stream(4, "race")
    grid = Grid.around(loss, 1.0, 4000)
    share = np.exp(-loss.value(grid.centres))
    height, tau = lambda v: 0.5 * (v * v - 1) ** 2 - 0.125 * v, 2 / math.log(1 / 0.3)
    lowest = min(height(n / 10_000) for n in range(20_000))
    contestants = {
        "annealing": (lambda t: math.exp(-t / tau), lambda t: math.exp(-t / 2 / tau), 2.0),
        "quench": (lambda t: 0.3, lambda t: 1.0, 2 * tau * (1 - math.sqrt(0.3))),
    }
    for name, (T, eta, duration) in contestants.items():
        start = rng.choice(grid.centres, 80, p=share / share.sum()).tolist()
        key, steps = int(rng.integers(2**64, dtype=np.uint64)), max(2, round(duration / 0.1))
        times = [duration * n / steps for n in range(steps + 1)]
        ends = [
            twins.particle(x, lambda v: 2 * v * (v * v - 1) - 0.125, T, eta, times, twins.normals_of(key, i, steps))[-1]
            for i, x in enumerate(start)
        ]
        failed = sum(height(v) - lowest >= 0.25 for v in ends)
        assert 0 < failed < 80
        assert getattr(found, name).value == pytest.approx(failed / 80)
