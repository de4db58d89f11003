"""Stability: the exact condition against runs, mean squares against sampling, Lanczos against a built Hessian."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.chapters.power.a3_stability.claimed import claimed_matrix, flow_rate, trace_determinant_says_stable
from trainphys.chapters.power.a3_stability.descent_runs import (
    damping_found,
    growth_rate,
    largest_momentum_found,
    largest_step_found,
    random_hessian,
    share_of_descents_bounded,
    share_of_flows_bounded,
)
from trainphys.chapters.power.a3_stability.population import (
    largest_mean_square_momentum_found,
    largest_mean_square_step_found,
    largest_momentum_with_kicks,
    mean_square_rate,
    stationary_square,
    zero_crossing,
)
from trainphys.chapters.power.a3_stability.sharpness import (
    critical_steps_found,
    digits_loss,
    first_parameters,
    gradient,
    sharpness_path,
)
from trainphys.laws.stability import (
    additive_noise_variance,
    growth_factor,
    heavy_ball_matrix,
    is_stable,
    largest_mean_square_step,
    largest_stable_step,
    least_damping,
    mean_square_factor,
)
from trainphys.tools.curvature.hessian import largest_eigenpair
from trainphys.tools.curvature.hessian_products import hessian_product

numbers = st.floats(0.01, 6.0)
momenta = st.floats(-0.95, 0.95)


@given(numbers, momenta)
def test_growth_factor_is_the_spectral_radius(a, b):
    radius = np.abs(np.linalg.eigvals(heavy_ball_matrix(a, b))).max()
    assert float(growth_factor(a, b)) == pytest.approx(radius, rel=1e-6)


@given(numbers, momenta)
def test_stable_exactly_below_the_limit(a, b):
    limit = largest_stable_step(1.0, b)
    if abs(a - limit) > 1e-6:
        assert (float(growth_factor(a, b)) < 1) == (a < limit) == is_stable([[1.0]], a, b)


@given(numbers, st.floats(0.0, 0.95), st.floats(0.0, 3.0))
def test_mean_square_limit_is_where_the_moments_stop_shrinking(a, b, s):
    limit = largest_mean_square_step(1.0, b, s)
    if abs(a / limit - 1) > 1e-4:
        assert (mean_square_factor(a, b, s) < 1) == (a < limit)


@given(st.floats(0.05, 1.2), st.floats(1e-4, 0.5))
@settings(max_examples=50)
def test_least_damping_is_at_the_limit(a, s):
    gamma = least_damping(a, s)
    assert mean_square_factor(a, 1 - gamma, s) == pytest.approx(1.0, abs=1e-6)
    assert s * (2 - gamma) / gamma == pytest.approx(2 * (2 - gamma) / a - 1, rel=1e-6)


def test_limits_without_noise_or_momentum():
    assert largest_mean_square_step(2.0, 0.9, 0.0) == pytest.approx(largest_stable_step(2.0, 0.9))
    assert largest_mean_square_step(1.0, 0.0, 2 / 16) == pytest.approx(2 / (1 + 2 / 16))
    assert additive_noise_variance(0.5, 1.0, 1.0) == math.inf


@pytest.mark.parametrize(("a", "b"), [(0.3, 0.0), (1.0, 0.5), (2.7, 0.5), (3.4, 0.5)])
def test_measured_growth_is_the_eigenvalue(a, b):
    curvatures = (0.3, 1.0)
    found = growth_rate(random_hessian(curvatures, 1), a, b, seed=2, updates=8000)
    expected = math.log(growth_factor(a * np.array(curvatures), b).max())
    assert abs(found.value - expected) <= found.tolerance()


def test_largest_step_and_momentum_by_running():
    step = largest_step_found(random_hessian((0.4, 2.0), 3), 0.5, seed=1)
    assert abs(step.value - 1.5) <= step.tolerance()
    assert step.stderr < 0.01
    momentum = largest_momentum_found(1.0, seed=1)
    assert abs(momentum.value - 1.0) <= momentum.tolerance()


def test_three_readings_of_the_claimed_matrix():
    hessian = random_hessian((0.5, 2.0), 0)
    assert flow_rate(claimed_matrix(hessian, 0.1, 0.3)) == pytest.approx(2.0)
    assert flow_rate(claimed_matrix(hessian, 0.1, 0.3, "descent sign")) == pytest.approx(-0.3)
    weak = flow_rate(claimed_matrix(hessian, 1e-2, 1e-3, "oscillator"))
    assert weak == pytest.approx(math.log(growth_factor(1e-2 * np.array([0.5, 2.0]), 1 - 1e-3).max()), rel=1e-3)
    assert not trace_determinant_says_stable(claimed_matrix(2.0, 0.1, 0.3))
    saddle = claimed_matrix(-np.eye(2), 0.1, 0.3, "oscillator")
    assert trace_determinant_says_stable(saddle)
    assert flow_rate(saddle) > 0


def test_shares_of_random_systems_against_eigenvalues():
    matrices = np.random.default_rng(0).standard_normal((500, 3, 3))
    found = share_of_flows_bounded(matrices, seed=0)
    exact = np.mean([flow_rate(m) < 0 for m in matrices])
    assert found.value == pytest.approx(exact, abs=0.01)
    assert share_of_descents_bounded(0.5, 3.0, runs=2000, seed=0).value > 0.98


def test_population_finds_the_mean_square_growth():
    for a, b, batch in ((1.5, 0.0, 4), (1.0, 0.8, 16)):
        rates = [mean_square_rate(a, b, batch, walkers=1000, updates=400, seed=0, task=k) for k in range(8)]
        error = np.std(rates, ddof=1) / math.sqrt(8)
        assert abs(np.mean(rates) - math.log(mean_square_factor(a, b, 2 / batch))) < 6 * error + 0.003


def test_population_limits_and_kicks():
    small = {"walkers": 500, "updates": 200, "groups": 6, "seed": 1}
    found = largest_mean_square_step_found(0.0, 16, (1.6, 1.72, 1.84, 1.95), **small)
    assert found.value == pytest.approx(largest_mean_square_step(1.0, 0.0, 2 / 16), rel=0.02)
    found = largest_mean_square_momentum_found(1.0, 16, (0.86, 0.9, 0.93, 0.96), **small)
    assert found.value == pytest.approx(1 - least_damping(1.0, 2 / 16), rel=0.01)
    kicked = largest_momentum_with_kicks(0.5, (0.8, 0.85, 0.9, 0.95), replicas=200, updates=1000, groups=6, seed=0)
    assert kicked.value == pytest.approx(1.0, abs=0.02)


def test_additive_noise_has_the_stationary_variance():
    found = [stationary_square(0.8, 0.6, replicas=200, updates=600, seed=0, task=k) for k in range(8)]
    error = np.std(found, ddof=1) / math.sqrt(8)
    assert abs(np.mean(found) - additive_noise_variance(0.8, 0.6, 1.0)) < 6 * error


def test_damping_is_one_minus_momentum():
    found = damping_found(0.7, 4, replicas=200, updates=2000, seed=0)
    assert abs(found.value - 0.3) < 6 * found.stderr + 4 / 2000


def test_zero_crossing_needs_a_crossing():
    with pytest.raises(ValueError, match="move the places"):
        zero_crossing(lambda x, task: 1 + x * x, (0.0, 1.0, 2.0, 3.0), groups=2)


def test_lanczos_against_a_built_hessian():
    loss, at = digits_loss((64, 3, 10)), first_parameters(5, (64, 3, 10))
    full = torch.autograd.functional.hessian(loss, at).numpy()
    values = np.linalg.eigvalsh(full)
    found = largest_eigenpair(loss, at, tolerance=1e-8)
    assert found.converged
    assert found.value == pytest.approx(values[-1], rel=1e-8)
    vector = np.random.default_rng(0).standard_normal(len(at))
    np.testing.assert_allclose(hessian_product(loss, at)(vector), full @ vector, atol=1e-10)


def test_gradient_against_finite_differences():
    loss, at = digits_loss((64, 3, 10)), first_parameters(5, (64, 3, 10))
    along = torch.as_tensor(np.random.default_rng(1).standard_normal(len(at)))
    slope = (loss(at + 1e-5 * along) - loss(at - 1e-5 * along)) / 2e-5
    assert float(gradient(loss, at) @ along) == pytest.approx(float(slope), rel=1e-6)


def test_pushed_network_finds_its_own_limit():
    ((rate, top),) = critical_steps_found(step=0.5, updates=60, seeds=(2,))
    assert rate * top == pytest.approx(2.0, rel=1e-3)


def test_training_lowers_the_loss():
    path = sharpness_path(step=0.5, updates=40, looks=3, seed=0)
    assert path.updates == (0, 20, 40)
    assert path.losses[-1] < 0.5 * path.losses[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: largest_stable_step(-1.0), "curvature > 0"),
        (lambda: largest_stable_step(1.0, 1.0), "momentum"),
        (lambda: largest_mean_square_step(1.0, 0.0, -1.0), "relative_variance"),
        (lambda: mean_square_factor(1.0, 0.0, -1.0), "relative_variance"),
        (lambda: least_damping(2.0, 0.1), "step_curvature"),
        (lambda: claimed_matrix(1.0, 1.0, 1.0, "other"), "oscillator"),
        (lambda: largest_eigenpair(lambda x: (x**2).sum(), torch.ones(2, 2)), "flatten"),
        (lambda: largest_eigenpair(lambda x: (x**2).sum(), torch.full((3,), math.nan)), "diverged"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
