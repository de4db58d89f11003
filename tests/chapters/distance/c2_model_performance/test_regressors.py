"""Tests of ``chapters.distance.c2_model_performance.regressors``."""

import numpy as np
import pytest
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
