"""Tests of ``chapters.cooling.b2_dynamic_equations.scalar_sgd``."""

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
from trainphys.systems.losses import harmonic


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
