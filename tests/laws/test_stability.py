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
    step = NoisyStep(largest_mean_square_step(1.0, batch), batch)
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


@given(numbers, st.floats(0.0, 0.95), st.floats(0.7, 1e4))
def test_mean_square_limit_is_where_the_moments_stop_shrinking(a, b, batch):
    limit = largest_mean_square_step(1.0, batch, b)
    if abs(a / limit - 1) > 1e-4:
        assert (mean_square_factor(a, b, 2 / batch) < 1) == (a < limit)


def spectrum_factor(steps, momentum, batch_size):
    """Spectral radius of the second moments of all directions at once, for batches of Gaussian inputs.

    Of each direction: the squares of position and velocity and their product; the kick of every direction feeds on the
    squares of all, as the fourth moments of a Gaussian say.
    """
    d = len(steps)
    recursion = np.zeros((3 * d, 3 * d))  # positions squared, position times velocity, velocities squared
    for i, a in enumerate(steps):
        pp, pv, vv = i, d + i, 2 * d + i
        # v' = b v - a p, p' = p + v'
        recursion[vv, [pp, pv, vv]] = a * a, -2 * a * momentum, momentum**2
        recursion[pv, [pp, pv, vv]] = -a + a * a, momentum - 2 * a * momentum, momentum**2
        recursion[pp, [pp, pv, vv]] = (1 - a) ** 2, 2 * momentum * (1 - a), momentum**2
        for row in (pp, pv, vv):
            recursion[row, i] += a * a / batch_size
            recursion[row, :d] += a * steps / batch_size
    return float(np.abs(np.linalg.eigvals(recursion)).max())


@given(st.lists(st.floats(0.05, 2.0), min_size=1, max_size=5), st.floats(0.0, 0.9), st.floats(1.0, 200.0))
@settings(max_examples=50)
def test_the_limit_of_a_spectrum_is_where_its_moments_stop_shrinking(curvatures, momentum, batch):
    curved = np.array(curvatures)
    limit = largest_mean_square_step(curved, batch, momentum)
    assert (
        spectrum_factor(0.999 * limit * curved, momentum, batch)
        < 1
        < spectrum_factor(1.001 * limit * curved, momentum, batch)
    )
    assert spectrum_factor(curved[:1] * 0.3, momentum, batch) == pytest.approx(
        mean_square_factor(0.3 * curved[0], momentum, 2 / batch)
    )


@given(st.lists(st.floats(0.01, 0.3), min_size=1, max_size=5), st.floats(20.0, 500.0))
@settings(max_examples=50)
def test_least_damping_of_a_spectrum_is_at_its_limit(steps, batch):
    damping = least_damping(steps, batch)
    assert largest_mean_square_step(steps, batch, 1 - damping) == pytest.approx(1.0, rel=1e-6)


@given(st.floats(0.05, 1.2), st.floats(4.0, 1e4))
@settings(max_examples=50)
def test_least_damping_is_at_the_limit(a, batch):
    gamma, s = least_damping(a, batch), 2 / batch
    assert mean_square_factor(a, 1 - gamma, s) == pytest.approx(1.0, abs=1e-6)
    assert s * (2 - gamma) / gamma == pytest.approx(2 * (2 - gamma) / a - 1, rel=1e-6)


def test_a_flat_direction_is_not_stable():
    assert not is_stable([[1.0, 0.0], [0.0, 0.0]], 0.1)
    assert heavy_ball_matrix(0.5).tolist() == heavy_ball_matrix(0.5, 0.0).tolist()


def test_limits_without_noise_or_momentum():
    assert largest_mean_square_step(2.0, np.inf, 0.9) == pytest.approx(largest_stable_step(2.0, 0.9))
    assert largest_mean_square_step(1.0, 16) == pytest.approx(2 / (1 + 2 / 16))
    assert largest_mean_square_step(np.full(7, 0.5), 4) == pytest.approx(mean_square_limit(4, 7, 0.5))


def test_a_small_hessian_is_judged_by_its_own_size():
    assert is_stable(1e-9 * np.array([[2.0, 1.0], [1.0, 2.0]]), 1.0)
    with pytest.raises(ValueError, match="symmetric Hessian"):
        is_stable([[1e-9, 5e-9], [0.0, 1e-9]], 1.0)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: is_stable(np.diag([1.0, 3.0]), [1.9, 0.6]), r"one number step, got \[1.9, 0.6\]: call it once"),
        (lambda: is_stable(np.eye(2), 0.1, np.zeros(2)), "one number momentum"),
        (lambda: is_stable(np.zeros((0, 0)), 0.1), r"square Hessian, got shape \(0, 0\)"),
        (lambda: largest_mean_square_step([[2.0, 1.0], [1.0, 2.0]], 4), r"curvatures, one or of shape \(d,\), got"),
        (lambda: least_damping([], 4), r"step_curvatures, one or of shape \(d,\), got shape \(0,\)"),
    ],
)
def test_one_answer_takes_one_question(call, reason):
    with pytest.raises(ValueError, match=f"expected (a )?{reason}"):
        call()
