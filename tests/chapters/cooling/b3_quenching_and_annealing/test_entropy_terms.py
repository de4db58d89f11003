"""Tests of ``chapters.cooling.b3_quenching_and_annealing.entropy_terms``."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.simulate.test_ornstein_uhlenbeck import random_dynamics, stationary_covariance
from trainphys.book.claims import Claim
from trainphys.chapters.cooling.b3_quenching_and_annealing.entropy_terms import density_terms
from trainphys.chapters.cooling.b3_quenching_and_annealing.laws import gaussian_terms
from trainphys.laws.entropy_rate import EntropyTerms, entropy_rates_after_jump, entropy_rates_in_well
from trainphys.laws.gaussian_well import entropy_production
from trainphys.simulate.ornstein_uhlenbeck import ou_moments
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import double_well

Array = NDArray[np.float64]


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_gaussian_states_of_any_linear_drift(seed: int, d: int) -> None:
    drift, diffusion = random_dynamics(seed, d)
    rng = np.random.default_rng(seed + 1)
    mean, root = rng.standard_normal(d), rng.standard_normal((d, d))
    covariance = root @ root.T + 0.3 * np.eye(d)
    found = gaussian_terms(drift, diffusion, mean, covariance)
    # the velocity of the probability, squared
    velocity = -drift + diffusion @ np.linalg.inv(covariance)
    inverse = np.linalg.inv(diffusion)
    total = np.trace(velocity.T @ inverse @ velocity @ covariance) + mean @ drift.T @ inverse @ drift @ mean
    assert found.total == pytest.approx(total, rel=1e-9)
    assert found.total >= 0
    # the entropy's own slope in time, and the fall of the divergence from the stationary density
    h, still = 1e-5, stationary_covariance(drift, diffusion)
    moved = ou_moments(drift, diffusion, mean, covariance, h)
    change = np.linalg.slogdet(moved[1])[1] - np.linalg.slogdet(covariance)[1]
    scale = found.drift + found.spread + found.curvature
    assert abs(change / 2 / h - found.system) < 1e-3 * scale**2
    fall = (apart(mean, covariance, still) - apart(*moved, still)) / h
    turn = drift - diffusion @ np.linalg.inv(still)  # what upholds the stationary current, and is never given back
    kept = np.trace(turn.T @ inverse @ turn @ (covariance + np.outer(mean, mean)))
    assert kept >= 0
    assert fall >= 0
    assert abs(found.total - kept - fall) < 1e-3 * scale**2


def apart(mean: Array, covariance: Array, still: Array) -> float:
    """Divergence of a Gaussian from the stationary one, centred."""
    inverse = np.linalg.inv(still)
    logs = np.linalg.slogdet(still)[1] - np.linalg.slogdet(covariance)[1]
    return float(np.trace(inverse @ covariance) + mean @ inverse @ mean - len(mean) + logs) / 2


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 4), st.floats(-2, 2))
def test_stationary_states_produce_entropy_only_without_detailed_balance(seed: int, d: int, turn: float) -> None:
    _, diffusion = random_dynamics(seed, d)
    rng = np.random.default_rng(seed)
    root, twist = rng.standard_normal((2, d, d))
    stiffness, twist = root @ root.T / d + 0.3 * np.eye(d), turn * (twist - twist.T)
    drift = (diffusion + twist) @ stiffness  # detailed balance exactly when twist is zero
    still = stationary_covariance(drift, diffusion)
    np.testing.assert_allclose(still, np.linalg.inv(stiffness), atol=1e-8)  # whatever the twist
    found = gaussian_terms(drift, diffusion, np.zeros(d), still)
    law = np.trace(twist.T @ np.linalg.inv(diffusion) @ twist @ stiffness)
    assert found.total == pytest.approx(law, rel=1e-6, abs=1e-8)
    assert found.system == pytest.approx(0, abs=1e-8 * found.spread)
    assert found.drift - found.spread == pytest.approx(found.total, abs=1e-7 * found.drift)  # as the document writes


def test_terms_of_one_well_agree_with_each_other() -> None:
    y, eta, k, T, mean = 2.5, 0.7, 2.0, 0.3, 0.4
    well = entropy_rates_in_well(y, eta, k, k * mean**2 / T)
    full = gaussian_terms(eta * k, eta * T, mean, y * T / k)
    for name in ("drift", "spread", "curvature", "total", "quench_number", "peakedness"):
        assert getattr(full, name) == pytest.approx(float(getattr(well, name)))
    for value, name in zip(entropy_production(y, eta, k), ("total", "medium", "system"), strict=True):
        assert getattr(entropy_rates_in_well(y, eta, k), name) == pytest.approx(float(value))
    jump = entropy_rates_after_jump(y, k, eta)
    assert float(jump.total) == pytest.approx(float(entropy_rates_in_well(y, eta, k).total))


def test_the_claimed_formula_is_medium_less_system() -> None:
    terms = EntropyTerms(*density_terms(double_well(1.0), *_hot_wells()))
    claimed = Claim("B3.2b").stated("s", eta=1.0, beta=1.0, slopes=terms.drift, D=1.0, scores=terms.spread)
    assert claimed == pytest.approx(terms.medium - terms.system)
    assert claimed > 1.5 * terms.total


def _hot_wells() -> tuple[Array, float, float, Grid]:
    grid = Grid(-3, 3, 800)
    return boltzmann(double_well(1.0), 1.0, grid), 0.3, 1.0, grid


def test_terms_are_those_of_a_loop_over_cells() -> None:
    """Mean square slope over T, Fisher information from roots at neighbouring cells, and mean curvature."""
    grid, T, eta = Grid(-1.6, 1.7, 11), 0.4, 1.7
    p = [(i * 7 % 5 + 1) / 10 for i in range(11)]
    found, w = density_terms(double_well(1.0, 0.5), p, T, eta, grid), 0.3
    slope = lambda x: 4 * x * (x * x - 1) - 0.25  # noqa: E731
    x = [-1.6 + w * (i + 0.5) for i in range(11)]
    fisher = 4 * sum(((math.sqrt(b) - math.sqrt(a)) / w) ** 2 * w for a, b in pairwise(p))
    bend = sum(a * (slope(v + w / 2) - slope(v - w / 2)) / w for a, v in zip(p, x, strict=True)) * w
    assert found.drift == pytest.approx(eta / T * sum(a * slope(v) ** 2 for a, v in zip(p, x, strict=True)) * w)
    assert found.spread == pytest.approx(eta * T * fisher)
    assert found.curvature == pytest.approx(eta * bend)


def test_the_spread_of_a_turned_gaussian_is_that_of_drawn_scores() -> None:
    """Mean of g D g for the gradient g of ln p over normal draws, with D that does not commute with the covariance."""
    drift, diffusion = np.array([[1.0, 0.4], [-0.3, 2.0]]), np.array([[1.5, 0.6], [0.6, 0.4]])
    covariance, mean = np.array([[0.5, -0.2], [-0.2, 0.3]]), np.array([0.3, -0.1])
    determinant = 0.5 * 0.3 - 0.04
    inverse = [[0.3 / determinant, 0.2 / determinant], [0.2 / determinant, 0.5 / determinant]]
    draws = np.random.default_rng(5).multivariate_normal(mean, covariance, 20_000)
    spread, heat = np.zeros(20_000), np.zeros(20_000)
    one = [[0.4, -0.6], [-0.6, 1.5]]  # inverse of D, times its determinant
    for k, x in enumerate(draws.tolist()):
        a = [x[i] - float(mean[i]) for i in (0, 1)]
        g = [-sum(inverse[i][j] * a[j] for j in (0, 1)) for i in (0, 1)]
        f = [-sum(float(drift[i, j]) * x[j] for j in (0, 1)) for i in (0, 1)]
        spread[k] = sum(g[i] * float(diffusion[i, j]) * g[j] for i in (0, 1) for j in (0, 1))
        heat[k] = sum(f[i] * one[i][j] * f[j] for i in (0, 1) for j in (0, 1)) / (1.5 * 0.4 - 0.36)
    found = gaussian_terms(drift, diffusion, mean, covariance)
    for value, seen in ((found.spread, spread), (found.drift, heat)):
        error = seen.std() / math.sqrt(20_000)
        assert abs(value - seen.mean()) < 5 * error < 0.05 * value  # five per cent are noticed
