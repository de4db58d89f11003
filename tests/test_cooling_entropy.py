"""Entropy production, divergence and lag: closed forms against the solver, the particles, and each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from trainphys.chapters.cooling.b7_guarantees.heat import entropy_produced
from trainphys.ensemble import stream
from trainphys.laws.gaussian_well import (
    divergence_from_boltzmann,
    entropy_production,
    euler_temperature,
    frozen_temperature,
    particle_divergence,
    steady_lag,
    variance_lag,
)
from trainphys.laws.slow_cooling import slow_cooling, slowness
from trainphys.simulate.cooling_runs import cooling_run, cooling_run_with_error
from trainphys.simulate.entropy import divergence, largest_rise, production
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.langevin import Ensemble, langevin
from trainphys.systems.coolings import Exponential, cooling, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic

QUARTIC = Quartic((0, 0, 0, 0, 1))


@pytest.mark.parametrize("y", [0.5, 1.5, 3.0])
def test_production_of_a_gaussian(y: float) -> None:
    eta, k, T = 0.7, 2.0, 0.3
    grid = Grid(-7 * math.sqrt(y * T / k), 7 * math.sqrt(y * T / k), 2000)
    found = production(harmonic(k), boltzmann(harmonic(k), y * T, grid), T, eta, grid)
    for value, law in zip((found.total, found.medium, found.system), entropy_production(y, eta, k), strict=True):
        assert abs(value - law) < 1e-4 * eta * k


def test_divergence_of_a_gaussian() -> None:
    grid = Grid(-12, 12, 3000)
    found = divergence(boltzmann(harmonic(), 2.0, grid), boltzmann(harmonic(), 1.0, grid), grid)
    assert abs(found - float(divergence_from_boltzmann(2.0))) < 1e-6


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1e-12, 1.0), min_size=20, max_size=20), st.floats(0.05, 5), st.floats(0.1, 3))
def test_second_law_for_any_density(weights: list[float], temperature: float, barrier: float) -> None:
    grid = Grid(-2, 2, 20)
    p = np.array(weights) / (sum(weights) * grid.width)
    found = production(double_well(barrier), p, temperature, 1.0, grid)
    assert found.total >= -1e-9 * (abs(found.medium) + abs(found.system))


def test_total_production_is_the_fall_of_the_divergence_at_constant_temperature() -> None:
    grid, loss = Grid(-2.2, 2.2, 400), double_well(1.0, 0.5)
    p = boltzmann(loss, 1.5, grid)
    dt = 1e-5
    run = evolve(loss, p, quench(0.4), [0.0, dt, 2 * dt], grid, record=[0, 2])
    still = boltzmann(loss, 0.4, grid)
    fall = (divergence(run.density[0], still, grid) - divergence(run.density[1], still, grid)) / (2 * dt)
    middle = evolve(loss, p, quench(0.4), [0.0, dt], grid).density[0]
    assert abs(fall - production(loss, middle, 0.4, 1.0, grid).total) < 1e-4 * fall


def test_convex_losses_at_constant_temperature_only_fall() -> None:
    run = cooling_run(QUARTIC, quench(0.3), 3.0, start=2.0, cells=600, steps=2000)
    assert largest_rise(run.total[run.total > 1e-12]) < 1e-9


def test_power_law_wells_produce_as_a_power_of_temperature_when_slow() -> None:
    """For L = |x|^n the rate of slow cooling goes as T^(2/n - 1): T^(-1/2) for n = 4."""
    slow = Exponential(1.0, 400.0)
    run = cooling_run(QUARTIC, slow, slow.duration(0.1), cells=1500, steps=4000)
    T = slow.temperature(run.times)
    slope = np.polyfit(np.log(T[50:]), np.log(run.total[50:]), 1)[0]
    assert abs(slope + 0.5) < 0.02


def test_lag_has_its_closed_form_at_constant_mobility() -> None:
    k, eta, tau, y0 = 1.5, 0.8, 2.0, 3.0
    times = np.linspace(0, 6, 50)
    c, final = 2 * eta * k - 1 / tau, steady_lag(eta, k, tau)
    expected = final + (y0 - final) * np.exp(-c * times)
    np.testing.assert_allclose(variance_lag(k, Exponential(1.0, tau, eta), times, y0), expected, rtol=1e-6)


def test_trailing_lag_is_lost_when_cooling_is_too_fast() -> None:
    assert steady_lag(1.0, 1.0, 0.5) == math.inf
    assert steady_lag(1.0, 1.0, 50.0) == pytest.approx(1.0101, abs=1e-4)


@pytest.mark.parametrize(("tau", "start"), [(0.5, 1.0), (3.0, 1.0), (1.0, 4.0)])
def test_frozen_temperature_is_where_the_spread_stops(tau: float, start: float) -> None:
    schedule = Exponential(1.0, tau, 1.2, 2 * tau)

    def rate(t: float) -> float:  # the integral solution of the variance, to the end of the clock
        left = float(schedule.clock(math.inf) - schedule.clock(t))
        return 2 * float(schedule.mobility(t) * schedule.temperature(t)) * math.exp(-2 * 1.5 * left)

    variance = start / 1.5 * math.exp(-2 * 1.5 * float(schedule.clock(math.inf))) + quad(rate, 0, 60 * tau)[0]
    assert frozen_temperature(1.5, schedule, start) == pytest.approx(1.5 * variance, rel=1e-6)


def test_slow_cooling_of_a_quadratic_well() -> None:
    found = slow_cooling(harmonic(2.0), 0.3, 0.5, Grid.around(harmonic(2.0), 0.3, 3000))
    assert found.lag_time == pytest.approx(1 / (2 * math.sqrt(2)), rel=1e-3)
    assert found.friction_time == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize("loss", [QUARTIC, double_well(1.0, 0.5)])
def test_slow_cooling_is_the_limit_of_the_solver(loss: Quartic) -> None:
    law = slow_cooling(loss, 0.4, 1.0, Grid.around(loss, 0.4, 3000))
    scaled = []
    for tau in (500.0, 1000.0):
        schedule = Exponential(1.0, tau)
        run = cooling_run(loss, schedule, schedule.duration(0.4), cells=1000, steps=10_000, records=10)
        scaled.append((2 * run.divergence[-1] * tau**2, -run.total[-1] / run.system[-1] * tau))
    lag_square, friction = 2 * np.array(scaled[1]) - np.array(scaled[0])
    assert lag_square == pytest.approx(law.lag_time**2, rel=0.01)
    assert friction == pytest.approx(law.friction_time, rel=0.01)


def test_slowness_takes_the_worst_moment_and_all_dimensions() -> None:
    schedule = Exponential(1.0, 10.0, mobility_tau=20.0)
    expected = 10.0 * math.sqrt(8) * math.exp(-30.0 / 20.0)
    assert slowness(harmonic(), schedule, 30.0) == pytest.approx(expected, rel=1e-2)
    assert slowness(harmonic(), schedule, 30.0, 4) == pytest.approx(expected / 2, rel=1e-2)


def test_heat_of_particles_agrees_with_the_gaussian_law() -> None:
    schedule, times = Exponential(1.0, 1.0), np.linspace(0, 2, 1001)
    start = stream(0, "heat test").standard_normal(100_000)
    ensemble = langevin(harmonic(), start, schedule, times, stream(1, "heat test"), record=np.arange(0, 1001, 20))
    found = entropy_produced(ensemble, harmonic(), schedule, windows=2, groups=50)
    law = entropy_production(variance_lag(1.0, schedule, times), 1.0, 1.0)[0]
    for window, part in zip(found, (law[:501], law[500:]), strict=True):
        assert abs(window.value - np.trapezoid(part, dx=0.002)) < window.tolerance()


def test_particle_divergence_adds_its_coordinates() -> None:
    x = stream(0, "particle divergence").normal(0, [1.0, 2**0.5, 0.5**0.5], (200_000, 3))
    found = particle_divergence(x, 1.0, 1.0)
    assert abs(found.value - divergence_from_boltzmann([1.0, 2.0, 0.5]).sum()) < found.tolerance()


def test_refined_states_an_error_that_covers_the_exact_value() -> None:
    schedule = Exponential(1.0, 2.0)
    found = cooling_run_with_error(lambda run: float(run.total[-1]), harmonic(), schedule, 3.0, cells=400, steps=800)
    law = entropy_production(variance_lag(1.0, schedule, [0.0, 3.0])[-1], 1.0, 1.0)[0]
    assert abs(found.value - law) < found.tolerance()
    assert found.tolerance() < 0.05 * law


def test_documented_schedule() -> None:
    schedule = cooling(2.0, 0.02, 10.0, mobility=0.5, slows=True)
    assert float(schedule.temperature(10.0)) == pytest.approx(0.02)
    assert schedule.mobility_tau == 2 * schedule.tau
    assert float(schedule.mobility(10.0)) == pytest.approx(0.5 * 0.1)
    assert schedule.duration(0.02) == pytest.approx(10.0)
    inside = quad(lambda t: float(schedule.mobility(t)), 0, 7)[0]
    assert float(schedule.clock(7.0)) == pytest.approx(inside)


def test_bad_input() -> None:
    grid, flat = Grid(-1, 1, 10), np.full(10, 0.5)
    with pytest.raises(ValueError, match="density >= 0"):
        production(harmonic(), flat - 1, 1.0, 1.0, grid)
    with pytest.raises(ValueError, match="mobility > 0"):
        production(harmonic(), flat, 1.0, 0.0, grid)
    with pytest.raises(ValueError, match="two densities"):
        divergence(flat, flat[:5], grid)
    with pytest.raises(ValueError, match="two rates"):
        largest_rise([0.0, 0.0])
    with pytest.raises(ValueError, match="multiple of records"):
        cooling_run(harmonic(), quench(1.0), 1.0, steps=10, records=3)
    with pytest.raises(ValueError, match="more particles"):
        entropy_produced(Ensemble(np.arange(2.0), np.zeros((2, 50))), harmonic(), quench(1.0))
    with pytest.raises(ValueError, match="windows that divide"):
        entropy_produced(Ensemble(np.arange(3.0), np.zeros((3, 5000))), harmonic(), quench(1.0), windows=3)
    with pytest.raises(ValueError, match="mobility_tau"):
        frozen_temperature(1.0, Exponential(1.0, 1.0))
    with pytest.raises(ValueError, match="lag > 0"):
        divergence_from_boltzmann(0.0)
    with pytest.raises(ValueError, match="increasing times"):
        variance_lag(1.0, quench(1.0), [0.0])
    with pytest.raises(ValueError, match="shorter steps"):
        euler_temperature(1.0, 1.0, 1.0, 2.0)
    with pytest.raises(ValueError, match="positive arguments"):
        steady_lag(0.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="100 particles"):
        particle_divergence(np.zeros(5), 1.0, 1.0)
    with pytest.raises(ValueError, match="temperature and mobility"):
        slow_cooling(harmonic(), 0.0, 1.0, grid)
    with pytest.raises(ValueError, match="duration > 0"):
        slowness(harmonic(), Exponential(1.0, 1.0), 0.0)
    with pytest.raises(ValueError, match="tau > 0"):
        Exponential(1.0, 0.0)
    with pytest.raises(ValueError, match="end < start"):
        cooling(1.0, 2.0, 1.0)
    with pytest.raises(ValueError, match="expected 0 < end"):
        Exponential(1.0, 1.0).duration(2.0)
