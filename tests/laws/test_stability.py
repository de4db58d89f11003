"""Tests of ``laws.stability``."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.ensemble import stream
from trainphys.laws.divergence import NoisyStep
from trainphys.laws.stability import (
    growth_factor,
    heavy_ball_matrix,
    is_stable,
    largest_mean_square_step,
    largest_stable_step,
    least_damping,
    mean_square_limit,
    stability_margin,
)


@given(st.floats(4.0, 200.0))
@settings(max_examples=10)
def test_exponent_is_two_at_the_mean_square_limit(batch):
    step = NoisyStep(largest_mean_square_step(1.0, 0.0, 2 / batch), batch)
    assert step.exponent() == pytest.approx(2.0, abs=1e-5)


def test_squared_error_grows_above_the_limit_and_falls_below():
    rng, growth = stream(1, "ensemble"), {}
    for share in (0.8, 1.2):
        theta = np.tile([1.0, 0.0], (40_000, 1))
        for _ in range(3):
            inputs = rng.standard_normal((40_000, 5, 2))
            slope = np.einsum("kbi,kb->ki", inputs, np.einsum("kbi,ki->kb", inputs, theta)) / 5
            theta = theta - share * mean_square_limit(5, 2) * slope
        growth[share] = float((theta**2).sum(axis=1).mean())
    assert growth[0.8] < 1 < growth[1.2]


@given(x=st.floats(0.05, 0.95))
def test_margin_is_greatest_where_its_derivative_says(x):
    alpha = (1 - x) / x
    around = [stability_margin(alpha * f, x) for f in (0.9, 1.0, 1.1)]
    assert np.argmax(around) == 1
    assert stability_margin(1.0, x) == 1.0


numbers = st.floats(0.01, 6.0)
momenta = st.floats(-0.95, 0.95)


def mean_square_factor(step_curvature, momentum, relative_variance):
    """Spectral radius of the recursion of the second moments of theta' = (1 + b - a xi) theta - b theta_before."""
    m, b = 1 + momentum - step_curvature, momentum
    second = m**2 + step_curvature**2 * relative_variance
    recursion = np.array([[second, -2 * b * m, b**2], [m, -b, 0.0], [1.0, 0.0, 0.0]])
    return float(np.abs(np.linalg.eigvals(recursion)).max())


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
