"""Tests of ``chapters.cooling.b2_dynamic_equations.scalar_sgd``."""

import math

import numpy as np
import pytest
from scipy import stats

from tests.simulate.test_fokker_planck_2d import SPREAD, gaussian, rotating
from trainphys.chapters.cooling.b2_dynamic_equations.scalar_sgd import (
    einstein_samples,
    reshuffled_noise,
    scalar_updates,
    spread_curvature_noise,
    stable_noise,
    two_point_noise,
    updates_density,
    width,
)
from trainphys.chapters.cooling.b2_dynamic_equations.tilted_noise import NoiseAxes, resting_density
from trainphys.estimate import Estimate
from trainphys.laws.heavy_tails import einstein_ratio, multiplicative_variance, stable_width, tail_index
from trainphys.simulate.fokker_planck_2d import Box, FokkerPlanck2D
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import double_well, harmonic


def test_multiplicative_descent_has_the_laws_variance():
    rng = np.random.default_rng(0)
    states = scalar_updates(lambda x: x, spread_curvature_noise(1.0, 0.5), np.zeros(100_000), np.full(40, 0.3), rng)
    found = Estimate.from_samples(states**2)
    assert abs(found.value - multiplicative_variance(0.3, 1, 1.0, 1.0, 0.5)) < found.tolerance()


@pytest.mark.parametrize("index", [0.7, 1.0, 1.5, 2.0])
def test_stable_descent_has_the_laws_width(index):
    rng = np.random.default_rng(1)
    states = scalar_updates(lambda x: x, stable_noise(index, 1.0), np.zeros(40_000), np.full(60, 0.2), rng)
    quartile = {0.7: stats.levy_stable.ppf(0.75, 0.7, 0), 1.0: 1.0, 1.5: stats.levy_stable.ppf(0.75, 1.5, 0)}
    expected = stable_width(0.2, 1.0, index) * quartile.get(index, np.sqrt(2) * stats.norm.ppf(0.75))
    found = width(states)
    assert abs(found.value - expected) < found.tolerance()


@pytest.mark.parametrize(("rate", "momentum"), [(0.02, 0.0), (0.8, 0.0), (0.05, 0.6)])
def test_einstein_ratio_of_descent(rate, momentum):
    rng, noise = np.random.default_rng(2), two_point_noise(1.0)
    states = scalar_updates(lambda x: x, noise, np.zeros(30_000), np.full(round(10 / rate), rate), rng, momentum)
    found = Estimate.ratio_of_paired(*einstein_samples(lambda x: x, noise, states, rate, rng))
    assert abs(found.value - einstein_ratio(rate, 1.0, momentum, "update")) < found.tolerance()


def test_density_of_updates_follows_the_recursion_of_the_variance():
    grid = Grid(-8.0, 8.0, 300)
    p = updates_density(harmonic(), boltzmann(harmonic(), 0.5, grid), 0.4, 0.8, 3, grid)
    variance = 0.5
    for _ in range(3):
        variance = 0.36 * variance + 2 * 0.4 * 0.8
    assert (p * grid.centres**2).sum() * grid.width == pytest.approx(variance, rel=1e-9)


def test_reshuffled_noise_sums_to_zero_over_an_epoch():
    noise, rng = reshuffled_noise([3.0, 1.0, 8.0]), np.random.default_rng(0)
    assert np.abs(sum(noise(rng, np.zeros(5)) for _ in range(3))).max() < 1e-12


def test_wrong_input_is_refused():
    box, model = rotating(10)
    with pytest.raises(ValueError, match="mass one"):
        model.evolve(np.ones(box.cells), 1.0, 1)
    with pytest.raises(ValueError, match="duration"):
        model.evolve(gaussian(box, SPREAD), 0.0, 1)
    with pytest.raises(ValueError, match="cells"):
        Box((1.0, -1.0), (0.0, 1.0), (4, 4))
    with pytest.raises(ValueError, match="diffusion > 0"):
        FokkerPlanck2D(box, lambda x, y: (x, y), lambda x, y: (0.0, 1.0)).generator()
    with pytest.raises(ValueError, match="walls"):
        resting_density(lambda a, b: (a, b), NoiseAxes(1.0, 1.0, 0.0), 1.0, 20)
    with pytest.raises(ValueError, match="rule"):
        tail_index(0.1, 1, 1.0, 1.0, "klimontovich")
    with pytest.raises(ValueError, match="finite variance"):
        multiplicative_variance(1.0, 1, 1.0, 1.0, 2.0)
    with pytest.raises(ValueError, match="index"):
        stable_width(0.1, 1.0, 3.0)
    with pytest.raises(ValueError, match="diverges"):
        einstein_ratio(2.5, 1.0)
    with pytest.raises(ValueError, match="narrower"):
        updates_density(harmonic(), np.ones(10) / 10, 1e-4, 0.1, 1, Grid(-5.0, 5.0, 10))
    with pytest.raises(ValueError, match="replicas"):
        width([1.0, 2.0])


@pytest.mark.parametrize("name", ["two points", "spread", "stable", "reshuffled"])
def test_updates_are_those_of_single_replicas(name):
    """Velocity first; the noise is that at the place before the update, and one draw a replica and update."""
    samples = [3.0, -1.0, 4.0]
    noises = {
        "two points": two_point_noise(0.7),
        "spread": spread_curvature_noise(0.4, 0.9),
        "stable": stable_noise(1.5, 0.6),
        "reshuffled": reshuffled_noise(samples),
    }
    start, rates = [0.5, -1.0, 2.0], [0.3, 0.2, 0.4, 0.1]
    found = scalar_updates(lambda x: x**3, noises[name], start, rates, np.random.default_rng(3), momentum=0.6)
    rng, x, v, orders = np.random.default_rng(3), list(start), [0.0] * 3, []
    for eta in rates:
        if name == "two points":
            noise = [0.7 if bit else -0.7 for bit in rng.integers(2, size=3, dtype=np.int8).tolist()]
        elif name == "spread":
            noise = [math.sqrt(0.4 + 0.9 * a * a) * z for a, z in zip(x, rng.standard_normal(3).tolist(), strict=True)]
        elif name == "stable":  # Chambers, Mallows and Stuck's formula, one number at a time
            angles = [math.pi * (u - 0.5) for u in rng.random(3).tolist()]
            noise = [
                0.6 * math.sin(1.5 * a) / math.cos(a) ** (1 / 1.5) * (math.cos(-0.5 * a) / w) ** (-0.5 / 1.5)
                for a, w in zip(angles, rng.standard_exponential(3).tolist(), strict=True)
            ]
        else:
            if not orders or not orders[0]:
                orders = [list(row) for row in rng.permuted([samples] * 3, axis=1).tolist()]
            noise = [row.pop() - 2.0 for row in orders]  # the mean of the samples
        v = [0.6 * b - eta * (a**3 + n) for a, b, n in zip(x, v, noise, strict=True)]
        x = [a + b for a, b in zip(x, v, strict=True)]
    np.testing.assert_allclose(found, x, rtol=1e-11)


def test_an_epoch_without_replacement_has_every_sample_once():
    noise, rng = reshuffled_noise([3.0, -1.0, 4.0]), np.random.default_rng(1)
    seen = np.array([noise(rng, np.zeros(40)) for _ in range(6)])
    for part in (seen[:3], seen[3:]):
        np.testing.assert_allclose(np.sort(part, axis=0), [[-3.0] * 40, [1.0] * 40, [2.0] * 40])
    assert len({tuple(column) for column in seen[:3].T.tolist()}) == 6  # every order occurs


def test_einstein_samples_are_pairs_of_updates_of_one_state():
    diffusion, temperature = einstein_samples(
        lambda x: 2 * x, two_point_noise(0.7), [0.5, -1.0], 0.3, np.random.default_rng(2)
    )
    rng = np.random.default_rng(2)
    one, other = (rng.integers(2, size=2, dtype=np.int8).tolist() for _ in range(2))
    for i, x in enumerate((0.5, -1.0)):
        moves = [-0.3 * (2 * x + (0.7 if bits[i] else -0.7)) for bits in (one, other)]
        assert diffusion[i] == pytest.approx((moves[0] - moves[1]) ** 2 / 4, abs=1e-15)
        assert temperature[i] == pytest.approx(0.3 * x * 2 * x)


def test_the_density_of_updates_is_a_double_sum():
    grid, rate, T = Grid(-2.0, 2.0, 12), 0.3, 0.8
    x, spread = [-2 + 4 * (i + 0.5) / 12 for i in range(12)], math.sqrt(2 * 0.3 * 0.8)
    slow = p = [(i % 5 + 1) * 0.1 for i in range(12)]
    for _ in range(2):
        slow = [
            sum(
                q * math.exp(-((b - a + rate * (4 * a * (a * a - 1) - 0.25)) ** 2) / (2 * spread**2))
                / (spread * math.sqrt(2 * math.pi)) * 4 / 12
                for a, q in zip(x, slow, strict=True)
            )
            for b in x
        ]  # fmt: skip
    np.testing.assert_allclose(updates_density(double_well(1.0, 0.5), p, rate, T, 2, grid), slow, rtol=1e-10)
