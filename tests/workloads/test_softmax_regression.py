"""Tests of ``workloads.softmax_regression``."""

import math

import numpy as np
import pytest
from sklearn.datasets import load_digits

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


def test_single_gradients_are_those_of_a_loop_over_classes(model):
    """Cross-entropy of one sample by differences along every parameter, from logits that are written out."""
    theta, z = random_place(model, 3), model.contrasts.tolist()
    width = len(z[0])

    def loss(t, n):
        x = model.inputs[n].tolist()
        along = [sum(x[f] * t[f * width + k] for f in range(len(x))) for k in range(width)]
        logits = [sum(a * c for a, c in zip(along, row, strict=True)) for row in z]
        return math.log(sum(map(math.exp, logits))) - logits[int(model.labels[n])]

    found = model.sample_gradients(theta)
    for n in (0, 700, 1796):
        for i in range(0, model.dimension, 7):
            ahead, behind = (theta + s * 1e-5 * np.eye(model.dimension)[i] for s in (1, -1))
            slope = (loss(ahead.tolist(), n) - loss(behind.tolist(), n)) / 2e-5
            assert found[n, i] == pytest.approx(slope + model.ridge * theta[i], abs=1e-8)
    mean = sum(loss(theta.tolist(), n) for n in range(model.samples)) / model.samples
    assert model.loss(theta) == pytest.approx(mean + model.ridge / 2 * sum(t * t for t in theta.tolist()))


def test_digits_are_pooled_centred_and_relabelled_one_by_one():
    plain, noisy = softmax_digits(pool=4), softmax_digits(pool=4, label_noise=0.3, seed=5)
    pixels, labels = load_digits(return_X_y=True)
    pooled = [
        [
            sum(float(p[8 * r + c]) / 16 for r in range(a, a + 4) for c in range(b, b + 4)) / 16
            for a in (0, 4)
            for b in (0, 4)
        ]
        for p in pixels
    ]
    means = [sum(row[k] for row in pooled) / len(pooled) for k in range(4)]
    np.testing.assert_allclose(
        plain.inputs, [[*(v - m for v, m in zip(row, means, strict=True)), 1.0] for row in pooled]
    )
    rng = np.random.default_rng(5)
    redrawn = (rng.random(len(labels)) < 0.3).tolist()
    fresh = iter(rng.integers(10, size=sum(redrawn)).tolist())
    assert noisy.labels.tolist() == [next(fresh) if new else int(y) for new, y in zip(redrawn, labels, strict=True)]
    assert (plain.labels == labels).all()
