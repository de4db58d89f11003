"""Tests of ``chapters.distance.shared.regressors``."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from trainphys.chapters.distance.shared.regressors import least_squares

RNG = np.random.default_rng(5)
TABLE, TARGET, RUN = RNG.normal(size=(120, 4)), RNG.normal(5.0, 2.0, size=120), np.repeat(np.arange(12), 10)


def test_regression_is_scikit_learns():
    x, y = TABLE, TARGET
    scaler = StandardScaler().fit(x[:80])
    a, b = scaler.transform(x[:80]), scaler.transform(x[80:])
    assert least_squares(x[:80], y[:80], x[80:]) == pytest.approx(LinearRegression().fit(a, y[:80]).predict(b))
