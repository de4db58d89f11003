"""Tests of ``laws.temperature``."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_discrete_lyapunov

from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.laws.temperature import (
    mean_loss_temperature,
    mode_product,
    rotation_rate,
    stationary_temperature,
)
from trainphys.simulate.minibatch_sgd import stationary_modes, tilted_quadratic


def quadratic(d=4):
    rng = stream(3, "matrices", d)
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0]
    root = rng.standard_normal((d, d))
    return turn @ np.diag(np.geomspace(0.1, 1, d)) @ turn.T, root @ root.T


@pytest.mark.parametrize(("rate", "momentum"), [(0.1, 0.0), (1.0, 0.0), (0.3, 0.9), (2.5, 0.5)])
def test_temperature_of_each_mode_against_the_lyapunov_equation(rate, momentum):
    h, c = quadratic()
    eye = np.eye(4)
    step = np.block([[eye - rate * h, momentum * eye], [-rate * h, momentum * eye]])
    kick = rate**2 / 8 * np.block([[c, c], [c, c]])
    reference = solve_discrete_lyapunov(step, kick)[:4, :4]
    values, basis = np.linalg.eigh(h)
    law = stationary_temperature(rate, 8, np.diag(basis.T @ c @ basis), momentum=momentum, curvature=values)
    np.testing.assert_allclose(values * np.diag(basis.T @ reference @ basis), law, rtol=1e-9)


@settings(max_examples=40)
@given(st.integers(0, 1000), st.floats(0.01, 0.9), st.integers(1, 64))
def test_mode_products_solve_the_lyapunov_equation(seed, rate, batch):
    rng = np.random.default_rng(seed)
    h = rng.uniform(0.1, 2.0, 3)
    c = (lambda a: a @ a.T)(rng.standard_normal((3, 3)))
    exact = solve_discrete_lyapunov(np.diag(1 - rate * h), rate**2 / batch * c)
    np.testing.assert_allclose(mode_product(rate, batch, c, h[:, None], h[None]), exact, rtol=1e-9, atol=1e-14)
    turn = rate * (np.diag(h) @ exact - exact @ np.diag(h))
    np.testing.assert_allclose(rotation_rate(rate, batch, c, h[:, None], h[None]), turn, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(
        stationary_temperature(rate, batch, np.diag(c), curvature=h), h * np.diag(exact), rtol=1e-9
    )
    mean = mean_loss_temperature(np.diag(h), c, rate, batch)
    assert mean == pytest.approx(np.trace(np.diag(h) @ exact) / 3)


def test_descent_at_rest_has_the_laws_spread_turning_and_loss():
    h, c = np.array([0.5, 2.0]), np.array([[3.0, 1.5], [1.5, 1.0]])
    run = stationary_modes(tilted_quadratic(h, c), 0.05, 2, 3000, 300, np.random.default_rng(1), burn_in=400, every=2)
    for i, j in ((0, 0), (0, 1), (1, 1)):
        found = Estimate.from_samples(run.products[:, i, j])
        assert abs(found.value - mode_product(0.05, 2, c[i, j], h[i], h[j])) < found.tolerance()
    turn = Estimate.from_samples(run.turns[:, 0, 1])
    assert abs(turn.value - rotation_rate(0.05, 2, c[0, 1], *h)) < turn.tolerance() < 0.15 * abs(turn.value)
    mean = run.temperature([0, 1])
    assert abs(mean.value - mean_loss_temperature(np.diag(h), c, 0.05, 2)) < mean.tolerance()


def test_temperature_of_short_steps_and_without_momentum():
    short = stationary_temperature(1e-6, 4, 2.0, momentum=0.9, curvature=1.0)
    assert float(short) == pytest.approx(1e-6 * 2 / (2 * 4 * 0.1), rel=1e-4)
    assert float(stationary_temperature(0.5, 4, 2.0, curvature=1.0)) == pytest.approx(0.5 * 2 / (4 * (2 - 0.5)))
    with pytest.raises(ValueError, match="diverges"):
        stationary_temperature(2.1, 4, 1.0, curvature=1.0)
    with pytest.raises(ValueError, match="momentum"):
        stationary_temperature(0.1, 4, 1.0, momentum=1.0)
    for wrong in ({"learning_rate": 0.0}, {"batch_size": 0}, {"gradient_variance": -1.0}, {"curvature": -1.0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            stationary_temperature(**({"learning_rate": 0.1, "batch_size": 4, "gradient_variance": 1.0} | wrong))


def test_noise_along_one_mode_alone_warms_no_other():
    """Rounding may leave the other one a negative variance of 1e-17."""
    for angle in np.linspace(0.1, 1.5, 15):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        hessian, covariance = turn @ np.diag([1.0, 3.0]) @ turn.T, np.outer(turn[:, 0], turn[:, 0])
        alone = float(stationary_temperature(0.2, 4, 1.0, curvature=1.0))
        assert mean_loss_temperature(hessian, covariance, 0.2, 4) == pytest.approx(alone / 2)
