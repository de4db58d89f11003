"""Tests of ``chapters.cooling.b5_optimal_schedule.failures``."""

import math

import numpy as np
import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.failures import failure_ratio, final_failure
from trainphys.chapters.cooling.b5_optimal_schedule.laws import (
    best_chance_cooling,
    failure_ratio_law,
    two_state_failure,
)
from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import CONTESTANTS, ShapedCooling, contestant
from trainphys.chapters.cooling.b7_guarantees.quench_race import quench_against_annealing
from trainphys.laws.cooling_plan import final_temperature, freezing_temperature
from trainphys.laws.drift_balance import balancing_exponent, drift_ratio, rate_for_temperature
from trainphys.laws.thermodynamic_length import constant_speed_schedule, slow_entropy, thermodynamic_length
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.success import mass_within
from trainphys.systems.coolings import Budget, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import double_well, harmonic
from trainphys.tools.schedules import shapes as shapes


@pytest.mark.parametrize(
    "call",
    [
        lambda: shapes.linear_decay(1.5),
        lambda: shapes.exponential_decay(0.5, 0.0),
        lambda: shapes.cosine_decay(0.5, -0.1),
        lambda: shapes.step_decay(0.5, drops=0),
        lambda: shapes.logarithmic_decay(0.5, periods=0.0),
        lambda: shapes.cooling_time(1.0, 1.0, 2.0),
        lambda: ShapedCooling(shapes.constant_shape, -1.0, 1.0),
        lambda: thermodynamic_length(harmonic(), 0.1, 1.0),
        lambda: constant_speed_schedule(harmonic(), 1.0, 0.1, 0.0),
        lambda: slow_entropy(harmonic(), quench(1.0), 0.0),
        lambda: freezing_temperature(double_well(1.0, 0.5), 1e-6),
        lambda: final_temperature(0.0, 3),
        lambda: drift_ratio(0.0, 1.0),
        lambda: balancing_exponent(0.5),
        lambda: rate_for_temperature(0.1, 0.5, 1.0),
        lambda: two_state_failure(double_well(1.0, 0.5), quench(0.1), 10.0, 0.6),
    ],
)
def test_bad_input_is_refused_with_a_cure(call) -> None:
    with pytest.raises(ValueError, match=r"expected .* got .*"):
        call()


def test_only_the_clock_matters_to_a_density() -> None:
    """A falling mobility is the same run as its temperatures on the clock at mobility one."""
    tied = contestant("exponential", 1.0, 0.05, 30.0, tie=0.5)
    tau = tied.duration / math.log(20)
    s = 2 * tau * (1 - np.exp(-np.linspace(0, tied.duration, 401) / (2 * tau)))  # clock

    class OnClock:
        def temperature(self, x):
            return (1 - np.asarray(x) / (2 * tau)) ** 2

        def mobility(self, x):
            return np.ones_like(np.asarray(x, dtype=float))

    loss = double_well(1.0, 0.5)
    grid = Grid.around(loss, 1.0, 400)
    end = evolve(loss, boltzmann(loss, 1.0, grid), OnClock(), s, grid).density[0]
    found = final_failure(loss, tied, 0.3, cells=400, steps=400)
    assert 1 - mass_within(loss, end, 0.3, grid) == pytest.approx(found.value, rel=1e-3)


def test_final_failure_is_that_of_the_race() -> None:
    loss, budget = double_well(1.0, 0.5), Budget(1.0, 0.05, 60.0)
    earlier = quench_against_annealing(loss, budget, 0.3)
    pair = contestant("exponential", 1.0, 0.05, 60.0), contestant("quench", 1.0, 0.05, 60.0)
    ours = [final_failure(loss, schedule, 0.3).value for schedule in pair]
    assert ours == pytest.approx([earlier.annealing.value, earlier.quench.value], rel=1e-3)


@pytest.mark.parametrize("name", ["exponential", "linear", "slow logarithm", "quench"])
def test_two_state_law_for_every_shape(name: str) -> None:
    loss, schedule = double_well(1.5, 0.6), contestant(name, 1.0, 0.05, 200.0)
    assert final_failure(loss, schedule, 0.36).value == pytest.approx(
        two_state_failure(loss, schedule, 200.0, 0.36), rel=0.02
    )


def test_best_chance_beats_every_shape_and_meets_its_law() -> None:
    loss = double_well(1.2, 0.5)
    best = best_chance_cooling(loss, 300.0, 0.05)
    found = final_failure(loss, best, 0.3).value
    assert found == pytest.approx(two_state_failure(loss, best, 300.0, 0.3), rel=0.02)
    assert found < min(final_failure(loss, contestant(n, 1.0, 0.05, 300.0), 0.3).value for n in CONTESTANTS)


def test_ratio_law_in_one_basin() -> None:
    pair = contestant("linear", 1.0, 0.05, 30.0), contestant("quench", 1.0, 0.05, 30.0)
    found = failure_ratio(harmonic(), *pair, 0.15, cells=1600)
    assert abs(found.value - failure_ratio_law(harmonic(), *pair, 0.15)) < found.tolerance() + 0.01
    assert found.value > 2
