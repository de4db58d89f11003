"""Units, the clock, softmax regression on digits, and the temperatures of mini-batch noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_discrete_lyapunov

from trainphys.chapters.cooling.shared.units import (
    CURVATURE,
    LOSS,
    MOBILITY,
    PARAMETER,
    TIME,
    Dimension,
    UnitChange,
    cooled,
    measured_dimension,
)
from trainphys.estimate import Estimate
from trainphys.laws.clock import updates_clock
from trainphys.laws.temperature import mean_loss_temperature, mode_product, mode_temperature, rotation_rate
from trainphys.simulate.minibatch_sgd import (
    descend,
    diffusion_along,
    mean_ratio,
    noise_level,
    quotient,
    stationary_modes,
    tilted_quadratic,
)
from trainphys.systems.coolings import Exponential, OnClock
from trainphys.systems.losses import double_well
from trainphys.workloads.softmax_regression import SoftmaxRegression, softmax_digits


def random_place(model, seed=0):
    return 0.5 * np.random.default_rng(seed).standard_normal(model.dimension)


@pytest.fixture(scope="module")
def model():
    return softmax_digits(ridge=0.05, pool=4)


def test_gradient_and_hessian_are_the_derivatives_of_the_loss(model):
    theta, step = random_place(model), 1e-5
    units = step * np.eye(model.dimension)
    slope = [(model.loss(theta + u) - model.loss(theta - u)) / (2 * step) for u in units]
    bend = [(model.gradient(theta + u) - model.gradient(theta - u)) / (2 * step) for u in units]
    np.testing.assert_allclose(model.gradient(theta), slope, atol=1e-9)
    np.testing.assert_allclose(model.hessian(theta), bend, atol=1e-9)


def test_gradient_covariance_is_that_of_the_sample_gradients(model):
    theta = random_place(model)
    np.testing.assert_allclose(model.sample_gradients(theta).mean(axis=0), model.gradient(theta), atol=1e-12)
    expected = np.cov(model.sample_gradients(theta).T, bias=True)
    np.testing.assert_allclose(model.gradient_covariance(theta), expected, atol=1e-12)


def test_batches_of_replicas_equal_single_gradients(model):
    theta = np.stack([random_place(model, s) for s in (1, 2)])
    chosen = np.random.default_rng(0).integers(model.samples, size=(2, 5))
    found = model.batch_gradients(theta, chosen)
    expected = [model.sample_gradients(t)[c].mean(axis=0) for t, c in zip(theta, chosen, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_minimum_has_no_gradient_and_the_ridge_bounds_the_curvature(model):
    theta = model.minimum()
    assert np.abs(model.gradient(theta)).max() < 1e-11
    assert np.linalg.eigvalsh(model.hessian(theta)).min() >= model.ridge - 1e-12


def test_gradient_covariance_at_the_minimum_is_the_hessian_where_the_model_is_true():
    rng = np.random.default_rng(3)
    x = np.column_stack([rng.standard_normal((200_000, 2)), np.ones(200_000)])
    labels = np.zeros(len(x), dtype=np.int64)
    base = SoftmaxRegression(x, labels, 3, 1e-9)
    logits = x @ rng.standard_normal((3, 2)) @ base.contrasts.T
    labels = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    true = SoftmaxRegression(x, labels, 3, 1e-9)
    theta = true.minimum()
    np.testing.assert_allclose(true.gradient_covariance(theta), true.hessian(theta), atol=5e-3)


def test_units_multiply_and_measure():
    assert LOSS / PARAMETER**2 == CURVATURE
    units = UnitChange(parameter=3.0, loss=2.0, time=5.0)
    assert units.factor(MOBILITY) == pytest.approx(9 / 10)
    assert measured_dimension(lambda u: u.factor(MOBILITY) * u.factor(CURVATURE)) == TIME**-1
    with pytest.raises(ValueError, match="power"):
        measured_dimension(lambda u: 1.0 + u.factor(LOSS))
    with pytest.raises(ValueError, match="factor > 1"):
        measured_dimension(lambda u: 1.0, factor=1.0)
    with pytest.raises(ValueError, match="sign"):
        measured_dimension(lambda u: 0.0)
    with pytest.raises(ValueError, match="factors"):
        UnitChange(loss=0.0)


exponent = st.integers(-4, 4).map(lambda n: n / 2)


@given(exponent, exponent, exponent)
def test_any_power_is_found(parameter, loss, time):
    dimension = Dimension(parameter, loss, time)
    found = measured_dimension(lambda units: 0.3 * units.factor(dimension), factor=1.7)
    assert found.parameter == pytest.approx(parameter, abs=1e-9)
    assert found.loss == pytest.approx(loss, abs=1e-9)
    assert found.time == pytest.approx(time, abs=1e-9)


def test_cooling_answers_to_units_and_not_to_the_speed_of_the_clock():
    well, schedule = double_well(1.0, 0.5), Exponential(1.0, 2.0, 1.0, 4.0)
    plain = cooled(well, schedule, 3.0)
    new = cooled(well, schedule, 3.0, UnitChange(parameter=2.0, loss=3.0, time=0.5))
    assert new.square == pytest.approx(4 * plain.square, rel=1e-6)
    assert new.loss == pytest.approx(3 * plain.loss, rel=1e-6)
    assert new.entropy == pytest.approx(plain.entropy + np.log(2), rel=1e-6)


@settings(deadline=None)
@given(st.floats(0.1, 3.0), st.floats(0.5, 5.0), st.floats(0.0, 4.0))
def test_clock_inverts(start, tau, time):
    schedule = Exponential(1.0, 2.0, start, tau)
    clock = OnClock(schedule)
    assert float(clock.time(schedule.clock(time))) == pytest.approx(time, abs=1e-6)
    assert float(clock.temperature(schedule.clock(time))) == pytest.approx(float(schedule.temperature(time)), rel=1e-5)


def test_clock_refuses_what_is_never_reached():
    with pytest.raises(ValueError, match="falls too fast"):
        OnClock(Exponential(1.0, 1.0, 1.0, 2.0)).time(2.5)
    np.testing.assert_allclose(updates_clock([0.1, 0.2]), [0, 0.1, 0.3])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.floats(0.01, 0.9), st.integers(1, 64))
def test_mode_products_solve_the_lyapunov_equation(seed, rate, batch):
    rng = np.random.default_rng(seed)
    h = rng.uniform(0.1, 2.0, 3)
    c = (lambda a: a @ a.T)(rng.standard_normal((3, 3)))
    exact = solve_discrete_lyapunov(np.diag(1 - rate * h), rate**2 / batch * c)
    np.testing.assert_allclose(mode_product(rate, batch, c, h[:, None], h[None]), exact, rtol=1e-9, atol=1e-14)
    turn = rate * (np.diag(h) @ exact - exact @ np.diag(h))
    np.testing.assert_allclose(rotation_rate(rate, batch, c, h[:, None], h[None]), turn, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(mode_temperature(rate, batch, np.diag(c), h), h * np.diag(exact), rtol=1e-9)
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


def test_inverse_covariance_as_preconditioner_makes_temperatures_equal():
    h, c = np.array([0.5, 1.0, 2.0]), np.diag([4.0, 0.5, 1.0])
    run = stationary_modes(
        tilted_quadratic(h, c),
        0.01,
        4,
        6000,
        200,
        np.random.default_rng(2),
        burn_in=2000,
        preconditioner=np.linalg.inv(c),
    )
    np.testing.assert_allclose(run.noise, np.eye(3), atol=1e-9)
    for mode in range(3):
        found = run.temperature([mode])
        assert abs(found.value - mode_temperature(0.01, 4, 1.0, run.curvature[mode])) < found.tolerance()


def test_measured_noise_is_that_of_the_data():
    model = tilted_quadratic([1.0, 2.0], [[3.0, 1.0], [1.0, 2.0]])
    level = noise_level(model, [0.0, 0.0], 4, 40_000, np.random.default_rng(0))
    assert abs(level.value - 5.0) < level.tolerance()
    along = diffusion_along(model, [0.0, 0.0], [0.0, 1.0], 0.1, 4, 40_000, np.random.default_rng(1))
    assert abs(along.value - 0.01 * 2.0 / 8) < along.tolerance()


def test_descend_without_noise_is_gradient_descent():
    model = tilted_quadratic([1.0, 2.0], 1e-12 * np.eye(2))
    last = descend(model, [0.1, 0.2], [3, 1], [[1.0, 1.0]], np.random.default_rng(0))
    np.testing.assert_allclose(last, [[0.9 * 0.8, 0.8 * 0.6]], atol=1e-5)


def test_ratios_carry_their_errors():
    rng = np.random.default_rng(0)
    y = rng.exponential(size=(2000, 400)) + 0.5
    x = 2 * y + rng.standard_normal(y.shape)
    found = [mean_ratio(a, b) for a, b in zip(x, y, strict=True)]
    assert np.std([f.value for f in found]) == pytest.approx(np.mean([f.stderr for f in found]), rel=0.08)
    assert quotient(Estimate(1.0, 0.1, 4), Estimate(2.0, 0.0, 9)).stderr == pytest.approx(0.05)


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="pool"):
        softmax_digits(pool=3)
    with pytest.raises(ValueError, match="label noise"):
        softmax_digits(label_noise=2.0)
    with pytest.raises(ValueError, match="ridge"):
        softmax_digits(ridge=0.0)
    with pytest.raises(ValueError, match="parameters"):
        softmax_digits().loss([1.0])
    with pytest.raises(ValueError, match="diverges"):
        mode_temperature(1.0, 1, 1.0, curvature=2.0)
    with pytest.raises(ValueError, match="diverges"):
        mode_product(1.0, 1, 1.0, 2.5, 0.1)
    with pytest.raises(ValueError, match="batch_size"):
        mode_product(0.1, 0, 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="samples"):
        tilted_quadratic([1.0, 1.0], np.eye(2), samples=2)
    with pytest.raises(ValueError, match="multiple"):
        stationary_modes(tilted_quadratic([1.0], [[1.0]]), 0.1, 1, 15, 2, np.random.default_rng(0), burn_in=0, every=10)
    with pytest.raises(ValueError, match="batch size for each"):
        descend(tilted_quadratic([1.0], [[1.0]]), [0.1], [1, 2], [[0.0]], np.random.default_rng(0))
