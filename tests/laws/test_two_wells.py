"""Tests of ``laws.two_wells``."""

import numpy as np
import pytest

from trainphys.laws.two_wells import best_share, hopping_rate, upper_share
from trainphys.systems.coolings import Budget, PiecewiseLog, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import double_well, wells


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
