"""Tests of ``laws.two_wells``."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import minimize_scalar

from trainphys.laws.two_wells import (
    Budget,
    best_hopping_share,
    best_hopping_temperature,
    best_share,
    hopping_rate,
    upper_share,
)
from trainphys.systems.coolings import PiecewiseLog, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import double_well, wells


def test_hopping_optimum_by_another_optimiser():
    B, gap, rate, u0 = 1.0, 0.4, 3.0, 0.4

    def fall(T, u):
        return -rate * np.exp(-B / T) * (u - np.exp(-gap / T))

    for u in (0.3, 0.05):
        best = minimize_scalar(lambda T, u=u: fall(T, u), bounds=(0.02, 3.0), method="bounded", options={"xatol": 1e-9})
        assert float(best_hopping_temperature(u, B, gap)) == pytest.approx(best.x, rel=1e-5)
    run = solve_ivp(
        lambda t, u: [fall(float(best_hopping_temperature(u[0], B, gap)), u[0])], (0, 500), [u0], rtol=1e-9, atol=1e-12
    )
    assert float(best_hopping_share(500.0, u0, rate, B, gap)) == pytest.approx(run.y[0, -1], rel=1e-6)
    early, late = best_hopping_share([1e8, 1e10], u0, rate, B, gap)
    assert np.log(early / late) / np.log(100) == pytest.approx(gap / B, rel=1e-3)


def test_no_tried_schedule_beats_the_best_share():
    loss, t = double_well(1.0, 0.5), np.linspace(0, 60, 7)
    first = hopping_rate(loss, 1.0).upper_share
    best = best_share(loss, t, first, 0.05, 1.0)[0][-1]
    rng = np.random.default_rng(0)
    for _ in range(6):
        T = np.exp(np.sort(rng.uniform(np.log(0.08), np.log(0.7), 7))[::-1])
        tried = PiecewiseLog(tuple(t), tuple(T), (1.0,) * 7)
        assert upper_share(loss, tried, t, first)[-1] >= best * (1 - 1e-4)


def test_upper_share_at_equilibrium_and_relaxing() -> None:
    loss = double_well(1.0, 0.5)
    found = hopping_rate(loss, 0.3)
    grid = Grid.around(loss, 0.3, 4000)
    left = boltzmann(loss, 0.3, grid)[grid.centres < wells(loss).top].sum() * grid.width
    assert found.upper_share == pytest.approx(left, abs=2e-3)
    t = np.array([0.0, 5.0, 20.0])
    relaxed = upper_share(loss, quench(0.3), t, start=0.9)
    expected = found.upper_share + (0.9 - found.upper_share) * np.exp(-found.rate * t)
    np.testing.assert_allclose(relaxed, expected, rtol=1e-5)


def test_equal_clock() -> None:
    budget = Budget(1.0, 0.01, 10.0, slows=True)
    assert budget.quench_duration == pytest.approx(2 * budget.annealing.tau * (1 - 0.1))
    assert Budget(1.0, 0.01, 10.0).quench_duration == 10.0
