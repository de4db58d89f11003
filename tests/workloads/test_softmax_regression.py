"""Tests of ``workloads.softmax_regression``."""

import numpy as np
import pytest

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
