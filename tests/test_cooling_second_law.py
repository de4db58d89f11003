"""The second law for any state, its equality at detailed balance, and entropy production by routes of their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from tests.test_cooling_ornstein_uhlenbeck import DIFFUSION, DRIFT, random_dynamics
from trainphys.chapters.cooling.b3_quenching_and_annealing.entropy_terms import (
    density_terms,
    gaussian_terms,
    housekeeping,
)
from trainphys.chapters.cooling.b3_quenching_and_annealing.fluctuation import gaussian_log_density, path_entropy
from trainphys.chapters.cooling.b3_quenching_and_annealing.linear_ensemble import (
    cloud_production,
    entropy_of_cloud,
    entropy_over,
    linear_paths,
)
from trainphys.chapters.cooling.b3_quenching_and_annealing.quench_runs import moment_rates, paired_run, shifted_well
from trainphys.chapters.cooling.b3_quenching_and_annealing.spacings import produced_by_particles, spacing_entropy
from trainphys.laws.entropy_rate import EntropyTerms, entropy_rates_after_jump, entropy_rates_in_well
from trainphys.laws.gaussian_well import entropy_production
from trainphys.simulate.entropy import production
from trainphys.simulate.langevin import Ensemble
from trainphys.simulate.ornstein_uhlenbeck import ou_moments, stationary_covariance
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic

Array = NDArray[np.float64]
losses = st.builds(
    lambda a, b, c, d: Quartic((0.0, a, b, c, d)),
    st.floats(-2, 2),
    st.floats(-2, 2),
    st.floats(-1, 1),
    st.floats(0.1, 2),
)
temperatures = st.floats(0.05, 5.0)


@settings(max_examples=60, deadline=None)
@given(losses, temperatures, st.integers(0, 10**6))
def test_no_density_loses_entropy(loss: Quartic, temperature: float, seed: int) -> None:
    grid = Grid(-3, 3, 60)
    p = np.random.default_rng(seed).dirichlet(np.full(60, 0.3)) / grid.width  # rough, with empty cells
    found = production(loss, p, temperature, 0.7, grid)
    assert found.total >= -1e-12 * (abs(found.medium) + abs(found.system))
    assert found.total > 0
    still = production(loss, boltzmann(loss, temperature, grid), temperature, 0.7, grid)
    assert still.total < 1e-12  # nothing at detailed balance


@settings(max_examples=40, deadline=None)
@given(losses, losses, temperatures, temperatures)
def test_three_averages_make_the_net_flows(loss: Quartic, start: Quartic, first: float, bath: float) -> None:
    """Quadrature against net flows between cells; they share nothing but the density."""
    found = moment_rates(loss, start, first, bath, 2000, mobility=0.6)
    slack = 2e-3 * (found.terms.drift + found.terms.spread + abs(found.terms.curvature))
    for name in ("total", "medium", "system"):
        assert abs(getattr(found.terms, name) - getattr(found, name).value) < slack + getattr(found, name).tolerance()
    if found.terms.curvature > 0:  # Cauchy-Schwarz
        Q = found.terms.quench_number
        assert found.terms.total >= found.terms.curvature * (Q - 1) ** 2 / Q - slack


@settings(max_examples=60, deadline=None)
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
    kept = housekeeping(drift, diffusion, mean, covariance)
    assert kept >= 0
    assert fall >= 0
    assert abs(found.total - kept - fall) < 1e-3 * scale**2


def apart(mean: Array, covariance: Array, still: Array) -> float:
    """Divergence of a Gaussian from the stationary one, centred."""
    inverse = np.linalg.inv(still)
    logs = np.linalg.slogdet(still)[1] - np.linalg.slogdet(covariance)[1]
    return float(np.trace(inverse @ covariance) + mean @ inverse @ mean - len(mean) + logs) / 2


@settings(max_examples=40, deadline=None)
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
    assert found.claimed == pytest.approx(found.total, abs=1e-7 * found.drift)


def test_terms_of_one_well_agree_with_each_other() -> None:
    y, eta, k, T, mean = 2.5, 0.7, 2.0, 0.3, 0.4
    well = entropy_rates_in_well(y, eta, k, k * mean**2 / T)
    full = gaussian_terms(eta * k, eta * T, mean, y * T / k)
    for name in ("drift", "spread", "curvature", "total", "claimed", "quench_number", "peakedness"):
        assert getattr(full, name) == pytest.approx(float(getattr(well, name)))
    for value, name in zip(entropy_production(y, eta, k), ("total", "medium", "system"), strict=True):
        assert getattr(entropy_rates_in_well(y, eta, k), name) == pytest.approx(float(value))
    jump = entropy_rates_after_jump(y, k, eta)
    assert float(jump.total) == pytest.approx(float(entropy_rates_in_well(y, eta, k).total))


@pytest.mark.parametrize("loss", [Quartic((0, 0, 0, 0, 1)), double_well(1.0, 0.5)])
@pytest.mark.parametrize("ratio", [0.4, 3.0])
def test_a_jump_of_the_bath_is_the_least_production_at_its_quench_number(loss: Quartic, ratio: float) -> None:
    found = moment_rates(loss, loss, 0.6 * ratio, 0.6, 1600)
    law = entropy_rates_after_jump(ratio, found.terms.curvature, 1.0)
    assert abs(found.total.value - float(law.total)) < found.total.tolerance()
    assert float(found.terms.quench_number) == pytest.approx(ratio, rel=1e-4)


def test_the_claimed_formula_is_medium_less_system() -> None:
    terms = density_terms(double_well(1.0), *_hot_wells())
    assert terms.claimed == pytest.approx(terms.medium - terms.system)
    assert terms.claimed > 1.5 * terms.total


def _hot_wells() -> tuple[Array, float, float, Grid]:
    grid = Grid(-3, 3, 800)
    return boltzmann(double_well(1.0), 1.0, grid), 0.3, 1.0, grid


def test_spacings_find_entropies_of_any_shape() -> None:
    rng = np.random.default_rng(3)
    for samples, law in (
        (rng.standard_normal(200_000) * 3, stats.norm.entropy(scale=3)),
        (rng.exponential(size=200_000), 1.0),
        (np.concatenate([rng.normal(-9, 1, 100_000), rng.normal(9, 1, 100_000)]), stats.norm.entropy() + np.log(2)),
    ):
        for spacing in (1, 8):
            assert abs(spacing_entropy(samples, spacing) - float(law)) < 5 * 1.5 / np.sqrt(200_000)
    assert entropy_of_cloud(rng.standard_normal((200_000, 2)) * 3) == pytest.approx(
        2 * stats.norm.entropy(scale=3), abs=0.02
    )


def test_particles_and_density_produce_the_same() -> None:
    run = paired_run(harmonic(), quench(0.25), 2.0, 0.2, 60_000, np.random.default_rng(11), steps=200, cells=800)
    y = 1 + 7 * np.exp(-0.4)
    exact = (7 - np.log(8.0)) / 2 - (y - 1 - np.log(y)) / 2  # fall of the divergence
    assert abs(run.total.value - exact) < run.total.tolerance() + 0.004 * exact
    assert run.terms.total == pytest.approx(exact, rel=0.01)


def test_trajectories_obey_the_integral_relation_while_cooling() -> None:
    rng = np.random.default_rng(2)
    loss, schedule = double_well(1.0, 0.5), Exponential(1.0, 0.5)
    run = paired_run(loss, schedule, 1.0, 0.3, 40_000, rng, steps=300, cells=600)
    assert abs(run.fluctuation.value - 1) < run.fluctuation.tolerance() + 0.01
    assert run.total.value > run.total.tolerance()  # it was not at rest


def test_linear_paths_with_rotation() -> None:
    rng = np.random.default_rng(8)
    drift, diffusion = DRIFT[:2, :2], DIFFUSION[:2, :2]
    mean, covariance, duration = np.array([0.5, -0.2]), np.array([[0.8, 0.1], [0.1, 0.6]]), 0.2
    start = rng.multivariate_normal(mean, covariance, 60_000)
    paths = linear_paths(drift, diffusion, start, duration, 40, rng)
    law = entropy_over(drift, diffusion, mean, covariance, duration)
    found = cloud_production(paths, 50)
    assert abs(found.value - law.total) < found.tolerance()
    assert found.tolerance() < 0.1 * law.total
    end = ou_moments(drift, diffusion, mean, covariance, duration)
    change = gaussian_log_density(paths.start, mean, covariance) - gaussian_log_density(paths.end, *end)
    right = paths.limit(np.exp(-paths.medium - change), np.exp(-paths.medium_coarse - change))
    assert abs(right.value - 1) < right.tolerance()
    backwards = paths.limit(np.exp(paths.medium + change), np.exp(paths.medium_coarse + change))  # the sign turned
    assert backwards.value > 1.5


def test_heat_along_paths_is_of_first_order_in_the_step() -> None:
    """Stationary rotation: the bias of the sum over steps is known, and halves with the step."""
    drift, diffusion = np.array([[2.0, -3.0], [3.0, 2.0]]), np.eye(2)
    rng = np.random.default_rng(4)
    start = rng.multivariate_normal([0, 0], np.eye(2) / 2, 200_000)
    errors = []
    for steps in (4, 8):
        paths = linear_paths(drift, diffusion, start, 0.4, steps, rng)
        errors.append(paths.medium.mean() / (2 * 9 / 2 * 0.4) - 1)
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.3)
    h = 0.1
    assert errors[0] == pytest.approx(np.exp(-2 * h) * np.sin(3 * h) / (3 * h) - 1, abs=0.01)


def test_integrated_terms_are_the_fall_of_the_divergence() -> None:
    still = stationary_covariance(np.diag([1.0, 2.0]), np.eye(2))
    start = np.diag([3.0, 0.1])
    whole = entropy_over(np.diag([1.0, 2.0]), np.eye(2), [1.0, 0.0], start, 1.5)
    end = ou_moments(np.diag([1.0, 2.0]), np.eye(2), [1.0, 0.0], start, 1.5)
    assert whole.total == pytest.approx(apart(np.array([1.0, 0.0]), start, still) - apart(*end, still), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: entropy_rates_in_well(0.0, 1.0, 1.0), "lag"),
        (lambda: entropy_rates_in_well(1.0, 1.0, 1.0, -1.0), "pull >= 0"),
        (lambda: entropy_rates_after_jump(1.0, 0.0, 1.0), "positive"),
        (lambda: gaussian_terms(np.eye(2), np.eye(2), [0, 0], np.zeros((2, 2))), "positive definite covariance"),
        (lambda: density_terms(harmonic(), [1.0, 1.0], 1.0, 1.0, Grid(0, 1, 3)), "3 cells"),
        (lambda: density_terms(harmonic(), [1.0, 1.0], 0.0, 1.0, Grid(0, 1, 2)), "temperature"),
        (lambda: spacing_entropy(np.zeros(100)), "all different"),
        (lambda: spacing_entropy([1.0, 2.0]), "more particles"),
        (lambda: shifted_well(-1.0, 0.0), "curvature"),
        (lambda: produced_by_particles(Ensemble(np.zeros(2), np.zeros((2, 10))), harmonic(), quench(1.0)), "shape"),
        (lambda: linear_paths(1.0, 1.0, np.zeros((5, 1)), 1.0, 3, np.random.default_rng(0)), "even steps"),
        (lambda: entropy_of_cloud([[1.0, 2.0]]), "particles"),
        (
            lambda: path_entropy(
                Ensemble(np.zeros(2), np.zeros((2, 3))), harmonic(), quench(1.0), [1.0], [1.0], Grid(0, 1, 2)
            ),
            "densities on 2 cells",
        ),
    ],
)
def test_bad_input_is_named(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        call()


def test_terms_are_plain_numbers_or_arrays() -> None:
    many = entropy_rates_in_well([1.0, 2.0], 1.0, 1.0)
    assert isinstance(many, EntropyTerms)
    np.testing.assert_allclose(many.total, [0.0, 0.5])
