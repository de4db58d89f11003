"""Shapes of schedules, the races between them, thermodynamic speed, ends, and the balance of drift and diffusion."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.chapters.cooling.b5_optimal_schedule.drift_balance import (
    measured_drift_change,
    measured_drift_ratio,
    sgd_cooling,
)
from trainphys.chapters.cooling.b5_optimal_schedule.end_points import (
    curvature_range,
    measured_end_temperature,
    measured_spreads,
)
from trainphys.chapters.cooling.b5_optimal_schedule.schedule_race import (
    CONTESTANTS,
    ShapedCooling,
    best_chance_cooling,
    contestant,
    corrugated,
    failure_ratio,
    failure_ratio_law,
    final_failure,
    tuned_failure,
    two_state_failure,
)
from trainphys.chapters.cooling.b5_optimal_schedule.thermodynamic_speed import best_staircase, measured_slow_entropy
from trainphys.chapters.cooling.b7_guarantees.quench_race import quench_against_annealing
from trainphys.ensemble import stream
from trainphys.laws.cooling_plan import final_temperature, freezing_temperature
from trainphys.laws.drift_balance import balancing_exponent, drift_ratio, drift_ratio_exponent, rate_for_temperature
from trainphys.laws.least_dissipation import (
    constant_speed_schedule,
    entropic_friction,
    least_entropy_produced,
    slow_entropy,
    thermodynamic_length,
)
from trainphys.laws.two_wells import Budget
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.success import mass_within
from trainphys.systems.coolings import Exponential, cooling, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic
from trainphys.tools.schedules import shapes as shapes

FALLING = [
    shapes.linear_decay,
    shapes.cosine_decay,
    shapes.step_decay,
    shapes.exponential_decay,
    shapes.inverse_time_decay,
    shapes.logarithmic_decay,
]


@given(st.sampled_from(FALLING), st.floats(1e-4, 1.0), st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_shapes_fall_from_one_to_their_end(shape, end, progress) -> None:
    p = np.sort(progress)
    factors = shape(p, end)
    assert (np.diff(factors) <= 1e-12).all()
    assert shape(0.0, end) == pytest.approx(1.0)
    assert shape(1.0, end) == pytest.approx(end)
    # one by one or all at once: the same to rounding (NumPy's powers differ by a last bit between the two)
    assert [float(shape(x, end)) for x in p] == pytest.approx(factors.tolist(), rel=1e-14)


def test_shapes_in_closed_form() -> None:
    assert shapes.exponential_decay(0.25, 1e-4) == pytest.approx(0.1)
    assert shapes.cosine_decay(1 / 3, 0.0) == pytest.approx(0.75)
    assert shapes.step_decay([0.24, 0.26, 0.51, 0.76], 0.001, drops=3) == pytest.approx([1, 0.1, 0.01, 0.001])
    assert shapes.inverse_time_decay(0.5, 0.2) == pytest.approx(1 / 3)
    # logarithmic cooling: 1/T is linear in the logarithm of time
    t = np.array([1e-2, 1e-1, 1.0])
    inverse = 1 / shapes.logarithmic_decay(t, 0.1, periods=1e9)
    assert np.diff(inverse)[0] == pytest.approx(np.diff(inverse)[1], rel=1e-6)


def test_means_of_shapes() -> None:
    p = np.linspace(0, 1, 1001)
    assert np.trapezoid(shapes.linear_decay(p, 0.2), p) == pytest.approx(0.6)
    assert np.trapezoid(shapes.exponential_decay(p, 0.01), p) == pytest.approx(0.99 / math.log(100), rel=1e-5)


def test_cooling_time_is_that_of_the_schedule() -> None:
    assert float(shapes.cooling_time(7.0, 2.0, 0.02)) == pytest.approx(cooling(2.0, 0.02, 7.0).tau)
    found = measured_end_temperature(200.0, Exponential(1.0, float(shapes.cooling_time(10.0, 1.0, 0.1))), 10.0)
    assert found.value == pytest.approx(0.1, rel=2e-3)


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
        lambda: contestant("magic", 1.0, 0.1, 1.0),
        lambda: corrugated(-1.0, 1.0, 1.0),
        lambda: best_chance_cooling(double_well(1.0, 0.5), 10.0, 0.05, last=1.0),
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


def test_equal_clock_is_equal() -> None:
    for name in CONTESTANTS:
        assert contestant(name, 1.0, 0.05, 30.0, tie=0.5, clock=30.0).clock() == pytest.approx(30.0, rel=1e-3)


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


@pytest.mark.parametrize("name", ["exponential", "linear", "logarithmic", "quench"])
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


def test_tuned_ends_are_no_worse_than_given_ones() -> None:
    loss = double_well(1.0, 0.5)
    for name in ("exponential", "linear", "quench", "constant"):
        assert tuned_failure(name, loss, 50.0, 0.3)[1].value < final_failure(
            loss, contestant(name, 1.0, 0.05, 50.0), 0.3
        ).value * (1.001)


def test_many_basins_have_their_lowest_in_the_middle() -> None:
    x = np.linspace(-3, 3, 601)
    loss = corrugated(0.1, 0.25, 2.0).value(x)
    inner = (loss[1:-1] < loss[:-2]) & (loss[1:-1] < loss[2:])
    assert inner.sum() == 3
    assert x[loss.argmin()] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("power", "exponent"), [(2, 0.0), (4, -0.5)])
def test_friction_of_power_wells(power: int, exponent: float) -> None:
    coefficients = [0.0] * 5
    coefficients[power] = 0.7
    loss = Quartic(tuple(coefficients))
    ratio = entropic_friction(loss, 0.1) / entropic_friction(loss, 1.0)
    assert ratio == pytest.approx(0.1**exponent, rel=1e-3)


def test_thermodynamic_length_bounds_every_schedule() -> None:
    loss = double_well(1.0, 0.5)
    least = thermodynamic_length(loss, 1.0, 0.2) ** 2
    for name in ("exponential", "linear", "cosine", "inverse time"):
        assert slow_entropy(loss, contestant(name, 1.0, 0.2, 1.0), 1.0) > least
    best = constant_speed_schedule(loss, 1.0, 0.2, 1.0)
    assert slow_entropy(loss, best, 1.0) == pytest.approx(least, rel=2e-3)


def test_slow_entropy_against_the_density() -> None:
    found = measured_slow_entropy(harmonic(2.0), lambda d: contestant("linear", 1.0, 0.1, d), (20.0, 40.0, 80.0))
    law = slow_entropy(harmonic(2.0), contestant("linear", 1.0, 0.1, 1.0), 1.0)
    assert found.value == pytest.approx(law, rel=0.01)


def test_staircase_tends_to_the_exact_least_entropy() -> None:
    exact = float(least_entropy_produced(1.0, 0.2, 6.0, 1.0))
    excess = [best_staircase(1.0, 0.2, 6.0, 1.0, n)[1] - exact for n in (5, 10, 20)]
    assert excess[0] > excess[1] > excess[2] > 0
    assert excess[1] / excess[2] == pytest.approx(4.0, rel=0.05)  # second order in the height of the steps
    temperatures, found, geometric = best_staircase(1.0, 0.2, 6.0, 1.0, 8)
    assert found == pytest.approx(geometric, rel=1e-7)
    assert np.diff(np.log(temperatures)) == pytest.approx(math.log(0.2) / 8, rel=1e-4)


def test_freezing_temperature_tends_to_its_logarithm() -> None:
    loss = double_well(1.0, 0.2)
    found = [freezing_temperature(loss, tau) for tau in (1e3, 1e6, 1e9)]
    slopes = np.diff(1 / np.array(found)) / math.log(1e3)  # d(1/T) / d ln tau -> 1/B, from r ~ exp(-B/T)
    barrier = 1 / slopes[-1]
    assert barrier == pytest.approx(0.9, rel=0.08)


def test_curvature_range_of_a_double_well() -> None:
    low, high = curvature_range(double_well(2.0))
    assert (low, high) == (pytest.approx(8.0), pytest.approx(16.0))


def test_equipartition_knows_no_curvature() -> None:
    schedule = quench(final_temperature(0.3, 3))
    squares, loss = measured_spreads((1.0, 2.0, 5.0), schedule, 1.0, 0.002, 20_000, stream(0, "equipartition"))
    assert abs(loss.value - 0.3) < loss.tolerance() + 0.005 * 0.3
    assert abs(squares[2].value - 0.2 / 5) < squares[2].tolerance() + 0.005 * 0.04


@given(st.floats(0.6, 8.0))
def test_the_balancing_exponent_balances(power: float) -> None:
    assert float(drift_ratio_exponent(power, balancing_exponent(power))) == pytest.approx(0.0, abs=1e-12)


def test_drift_ratio_of_particles_and_densities() -> None:
    schedule = Exponential(1.0, 3.0, mobility_tau=6.0)
    found = measured_drift_ratio(harmonic(2.0), schedule, 3.0, 0.01, 20_000, stream(0, "ratio"))
    assert abs(found[0].value - float(drift_ratio(1.0, 2.0))) < found[0].tolerance()
    steep = measured_drift_change(4.0, 0.5, 500.0, fall=30.0)
    assert steep.value == pytest.approx(30 ** (-0.9 * 0.5), rel=0.02)


def test_sgd_temperature_follows_the_rate() -> None:
    ratio, late = sgd_cooling(
        rate_exponent=0.5, batch_exponent=0.0, tau=400.0, duration=400 * math.log(4), rate=0.1, replicas=20_000,
        rng=stream(0, "sgd"),
    )  # fmt: skip
    assert abs(ratio.value - 0.5) < ratio.tolerance() + 1.5 * late * 0.5
    assert float(rate_for_temperature(0.5 * 0.1 / 128, 64, 1.0)) == pytest.approx(0.05)


def test_partial_shapes_travel_through_schedules() -> None:
    run = ShapedCooling(partial(shapes.linear_decay, end=0.5), 2.0, 4.0, tie=1.0, mobility_start=3.0)
    assert float(run.temperature(4.0)) == pytest.approx(1.0)
    assert float(run.mobility(4.0)) == pytest.approx(1.5)
    assert run.clock() == pytest.approx(9.0)
