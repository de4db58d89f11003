"""Tests of ``simulate.entropy``."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulate import twins
from tests.simulate.test_cooling_runs import QUARTIC
from trainphys.laws.gaussian_well import divergence_from_boltzmann, entropy_production
from trainphys.simulate.cooling_runs import CoolingRun
from trainphys.simulate.entropy import divergence, history, largest_rise, production
from trainphys.simulate.fokker_planck import evolve
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import Densities, Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic


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


@settings(max_examples=30)
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
    run = CoolingRun(QUARTIC, quench(0.3), 3.0, start=2.0, cells=600, steps=2000).history()
    assert largest_rise(run.total[run.total > 1e-12]) < 1e-9


losses = st.builds(
    lambda a, b, c, d: Quartic((0.0, a, b, c, d)),
    st.floats(-2, 2),
    st.floats(-2, 2),
    st.floats(-1, 1),
    st.floats(0.1, 2),
)


temperatures = st.floats(0.05, 5.0)


@settings(max_examples=60)
@given(losses, temperatures, st.integers(0, 10**6))
def test_no_density_loses_entropy(loss: Quartic, temperature: float, seed: int) -> None:
    grid = Grid(-3, 3, 60)
    p = np.random.default_rng(seed).dirichlet(np.full(60, 0.3)) / grid.width  # rough, with empty cells
    found = production(loss, p, temperature, 0.7, grid)
    assert found.total >= -1e-12 * (abs(found.medium) + abs(found.system))
    assert found.total > 0
    still = production(loss, boltzmann(loss, temperature, grid), temperature, 0.7, grid)
    assert still.total < 1e-12  # nothing at detailed balance


def test_entropy_is_that_of_a_loop_over_faces() -> None:
    """Four records of a run with falling temperature and mobility: each is judged at its own moment."""
    loss, grid = double_well(1.0, 0.5), Grid(-1.6, 1.7, 11)
    schedule, times = Exponential(0.9, 0.6, mobility_start=1.3, mobility_tau=0.4), np.array([0.1, 0.3, 0.4, 0.9])
    p = np.random.default_rng(0).uniform(0.5, 2, (4, 11))
    p /= p.sum(axis=1, keepdims=True) * grid.width
    found = history(loss, Densities(times, p), schedule, grid)
    heights = [float(loss.value(x)) for x in grid.centres]
    for n, t in enumerate(times.tolist()):
        T, eta = 0.9 * math.exp(-t / 0.6), 1.3 * math.exp(-t / 0.4)
        slow = twins.entropy_rates(p[n].tolist(), heights, grid.width, T, eta)
        rest = twins.boltzmann_of(heights, grid.width, T)
        rates = production(loss, p[n], T, eta, grid)
        assert (rates.total, rates.medium, rates.system) == pytest.approx(slow, rel=1e-11)
        assert (found.total[n], found.medium[n], found.system[n]) == pytest.approx(slow, rel=1e-11)
        assert found.divergence[n] == pytest.approx(twins.divergence_of(p[n].tolist(), rest, grid.width), rel=1e-11)
        assert divergence(p[n], rest, grid) == pytest.approx(found.divergence[n], rel=1e-12)


def test_largest_rise_is_that_of_all_pairs() -> None:
    r = np.random.default_rng(1).uniform(0, 1, 30).tolist()
    slow = max((r[t] - r[s]) / (r[t] + r[s]) for t in range(30) for s in range(t))
    assert largest_rise(r) == pytest.approx(slow, rel=1e-12)
