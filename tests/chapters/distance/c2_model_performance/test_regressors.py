"""Tests of ``chapters.distance.c2_model_performance.regressors``."""

import math

import numpy as np
import pytest
import torch
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from tests.chapters.distance.shared.test_regressors import RUN, TABLE, TARGET
from trainphys.chapters.distance.c2_model_performance.laws import lowest_ridge_score
from trainphys.chapters.distance.c2_model_performance.regressors import (
    adam_scores,
    exponential,
    kernel_blocks,
    kernel_mean,
    linear_kernel,
    powers,
    powers_of,
    products,
    ridge_without_intercept,
)
from trainphys.chapters.distance.shared.data_sets import data_set
from trainphys.chapters.distance.shared.protocols import splits, variance_explained
from trainphys.chapters.distance.shared.regressors import standardised


def test_products_are_scikit_learns_and_more_columns_never_lose():
    x, y = TABLE, TARGET
    scaler = StandardScaler().fit(x[:80])
    a, b = scaler.transform(x[:80]), scaler.transform(x[80:])
    z = PolynomialFeatures(2)
    expected = LinearRegression().fit(z.fit_transform(a), y[:80]).predict(z.transform(b))
    assert products(2, x[:80], y[:80], x[80:]) == pytest.approx(expected)
    assert exponential(x, np.exp(x[:, 0]), x) == pytest.approx(np.exp(x[:, 0]))
    line, square, cube = (variance_explained(y, powers(d, x, y, x)) for d in (1, 2, 3))
    assert line < square < cube < variance_explained(y, products(3, x, y, x))


def test_one_inverse_gives_every_held_out_prediction_of_the_kernel():
    parts = [*splits(RUN, "own rows", 4, 0), *splits(RUN, "runs held out", 4, 0)]
    found = kernel_blocks(TABLE, TARGET, parts, width=0.3, ridge=0.05)
    x, mean = standardised(TABLE, TABLE)[0], TARGET.mean()
    slow = [
        KernelRidge(alpha=0.05, kernel="rbf", gamma=0.3).fit(x[fit], TARGET[fit] - mean).predict(x[judge]) + mean
        for fit, judge in parts
    ]
    assert found == pytest.approx(np.concatenate(slow), abs=1e-8)


def test_linear_kernel_is_ridge_regression_and_has_a_floor():
    x = standardised(TABLE, TABLE)[0]
    for ridge in (1e-3, 0.5, 1e3):
        own = linear_kernel(TABLE, TARGET, TABLE, ridge=ridge, single=False)
        assert own == pytest.approx(Ridge(alpha=ridge, fit_intercept=False).fit(x, TARGET).predict(x))
        assert own == pytest.approx(ridge_without_intercept(TABLE, TARGET, TABLE, ridge=ridge))
        assert variance_explained(TARGET, own) >= lowest_ridge_score(TARGET.mean(), TARGET.var())


def test_single_precision_solves_the_same_equation_of_a_table_that_is_well_conditioned():
    own = linear_kernel(TABLE, TARGET, TABLE, ridge=50.0, single=True)
    assert own == pytest.approx(linear_kernel(TABLE, TARGET, TABLE, ridge=50.0, single=False), rel=1e-3, abs=1e-3)


def test_kernel_mean_weighs_the_targets():
    weight = TABLE[:3] @ TABLE.T
    assert kernel_mean(TABLE, TARGET, TABLE[:3]) == pytest.approx(weight @ TARGET / weight.sum(axis=1))


def test_single_precision_breaks_the_linear_kernel_of_a_report():
    table, target, _ = data_set(0, 0, seed=0)
    own = linear_kernel(table, target, table, ridge=1e-3, single=True)
    assert variance_explained(target, own) < lowest_ridge_score(target.mean(), target.var())


def test_adam_reaches_least_squares():
    z = powers_of(TABLE, 2)
    assert z.shape == (120, 8)
    best = variance_explained(TARGET, LinearRegression().fit(z, TARGET).predict(z))
    assert adam_scores(z, TARGET, steps=(200, 8000), rate=0.01)[1] == pytest.approx(best, abs=1e-6)


def test_kernel_blocks_refuse_a_fit_that_leaves_out_unjudged_rows():
    with pytest.raises(ValueError, match="add the rest"):
        kernel_blocks(np.eye(3), np.arange(3.0), [(np.arange(1),) * 2], width=1.0, ridge=1.0)


def test_adam_on_products_of_columns_is_adam_on_rows():
    """PyTorch's own Adam, row by row in double precision, from zero weights; the score after so many steps."""
    table = np.random.default_rng(2).normal(size=(30, 3))
    target = table @ [1.0, -2.0, 0.5] + 3 + 0.3 * np.random.default_rng(3).normal(size=30)
    found = adam_scores(table, target, steps=(1, 4, 9), rate=0.05)
    x, y = torch.from_numpy(table), torch.from_numpy(target)
    weights, bias = torch.zeros(3, dtype=torch.float64, requires_grad=True), torch.zeros(1, dtype=torch.float64)
    bias.requires_grad_(True)
    adam, scores = torch.optim.Adam([weights, bias], 0.05), []
    for step in range(1, 10):
        adam.zero_grad()
        ((x @ weights + bias - y) ** 2).mean().backward()
        adam.step()
        if step in (1, 4, 9):
            scores.append(
                1 - float(((x @ weights + bias - y) ** 2).sum().detach()) / float(((y - y.mean()) ** 2).sum())
            )
    assert found == pytest.approx(scores, abs=1e-6)


def test_powers_and_logarithms_are_fitted_as_written_out():
    """Standardised columns and their powers by the normal equations; exp of the fitted logarithm."""
    rng = np.random.default_rng(4)
    fit, judge = rng.normal(1, 2, (40, 2)), rng.normal(1, 2, (7, 2))
    target = np.exp(0.3 * fit[:, 0] - 0.1 * fit[:, 1] + 0.1 * rng.normal(size=40))
    mean = [sum(c) / 40 for c in fit.T.tolist()]
    spread = [math.sqrt(sum((v - m) ** 2 for v in c) / 40) for c, m in zip(fit.T.tolist(), mean, strict=True)]

    def columns(row, degree):
        z = [(v - m) / s for v, m, s in zip(row, mean, spread, strict=True)]
        return [1.0, *(v**k for k in range(1, degree + 1) for v in z)]

    def predicted(y, degree):
        a = np.array([columns(row, degree) for row in fit.tolist()])
        weights = np.linalg.solve(a.T @ a, a.T @ y).tolist()
        return [sum(w * v for w, v in zip(weights, columns(row, degree), strict=True)) for row in judge.tolist()]

    np.testing.assert_allclose(powers(3, fit, target, judge), predicted(target, 3), rtol=1e-8)
    np.testing.assert_allclose(exponential(fit, target, judge), np.exp(predicted(np.log(target), 1)), rtol=1e-8)
