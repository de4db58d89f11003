"""Tests of ``chapters.cooling.b5_optimal_schedule.fixed_batch``."""

import math

import numpy as np
import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.fixed_batch import final_losses, tuned_losses
from trainphys.laws.temperature import stationary_temperature


def test_a_constant_rate_comes_to_its_temperature() -> None:
    rates = np.full((1, 3000), 0.2)
    found = final_losses(rates, np.array([1.0]), 0.5)[0]
    assert found == pytest.approx(float(stationary_temperature(0.2, 1, 0.5, curvature=1.0)) / 2)


def test_noisy_runs_end_with_the_exact_mean_loss() -> None:
    rng, curvatures = np.random.default_rng(0), np.array([0.1, 1.0])
    rates = 0.3 * 0.95 ** np.arange(60)
    theta = rng.standard_normal((100_000, 2)) / np.sqrt(curvatures)
    for rate in rates:
        theta -= rate * (curvatures * theta + np.sqrt(0.2 * curvatures) * rng.standard_normal(theta.shape))
    losses = (curvatures * theta**2 / 2).mean(axis=1)
    exact = final_losses(rates[None, :], curvatures, 0.2)[0]
    assert abs(losses.mean() - exact) < 5 * losses.std() / np.sqrt(len(losses))


def test_one_curvature_wants_one_over_time() -> None:
    rows = {row["shape"]: row["loss"] for row in tuned_losses(decades=(0,), updates=1000, noise=1.0)}
    u = 1.0
    for _ in range(1000):  # the rate that lowers u most in one update, k = c = 1
        rate = u / (u + 1.0)
        u = (1 - rate) ** 2 * u + rate**2
    assert rows["inverse time"] == pytest.approx(u / 2, rel=0.02)
    assert all(loss > u / 2 for loss in rows.values())


def test_the_spread_is_carried_from_update_to_update() -> None:
    rates, curvatures = [[0.5, 0.2, 0.1], [1.0, 0.3, 0.05]], [0.2, 1.0]
    slow = []
    for row in rates:
        spreads = []
        for k in curvatures:
            square = 1 / k  # mean square of the parameter
            for rate in row:
                square = (1 - rate * k) ** 2 * square + rate**2 * 0.4 * k
            spreads.append(k * square)
        slow.append(sum(spreads) / 2 / 2)
    assert final_losses(np.array(rates), np.array(curvatures), 0.4) == pytest.approx(slow)


FALLS = {
    "exponential": lambda p, f: f**p,
    "inverse time": lambda p, f: 1 / (1 + (1 / f - 1) * p),
    "linear": lambda p, f: 1 - (1 - f) * p,
    "cosine": lambda p, f: f + (1 - f) * (1 + math.cos(math.pi * p)) / 2,
    "step": lambda p, f: f ** (min(math.floor(p * 5), 4) / 4),
}


@pytest.mark.parametrize("decades", [0, 1])
def test_the_search_finds_what_trying_every_pair_of_rates_finds(decades: int) -> None:
    """Ten updates, noise of 0.3: first rates 12 % apart up to 1.5, last ones 26 % apart up to the first."""
    curvatures = [10 ** (-decades * i / 15) for i in range(16)] if decades else [1.0]

    def loss(shape, first, fall):
        rates, total = [first * shape(n / 10, fall) for n in range(10)], 0.0
        for k in curvatures:
            u = 1.0
            for rate in rates:
                u = (1 - rate * k) ** 2 * u + (rate * k) ** 2 * 0.3
            total += u
        return total / len(curvatures) / 2

    rows = tuned_losses(decades=(decades,), updates=10, noise=0.3)
    assert [row["shape"] for row in rows] == list(FALLS)
    for row in rows:
        shape = FALLS[row["shape"]]
        tried = min(loss(shape, 1.5 / 1.12**i, 1 / 1.26**j) for i in range(24) for j in range(22))
        assert row["decades"] == decades
        assert row["loss"] == pytest.approx(loss(shape, row["first rate"], row["fall"]))
        assert 0.985 * tried < row["loss"] < 1.003 * tried
