"""Tests of ``chapters.cooling.b6_estimators_and_adaptation.cooling_time_runs``."""

import math

import numpy as np
import pytest

from tests.laws.test_temperature import quadratic
from trainphys.chapters.cooling.b6_estimators_and_adaptation.cooling_time_runs import (
    entropy_and_divergence,
    slow_limits,
    turned,
)
from trainphys.laws.cooling_plan import dissipation_time, time_to_closeness
from trainphys.laws.gaussian_well import variance_lag
from trainphys.systems.coolings import Exponential


def test_entropy_of_a_matrix_against_its_modes():
    h, _ = quadratic(3)
    made, apart = entropy_and_divergence(h, 30.0, math.exp(2.0))
    values = np.linalg.eigvalsh(h)
    schedule = Exponential(1.0, 30.0)
    times = np.linspace(0, 60, 6001)
    lags = np.array([variance_lag(1.0 * k, schedule, times) for k in values])
    rate = (values[:, None] * (lags - 1) ** 2 / lags).sum(axis=0)
    assert made == pytest.approx(np.trapezoid(rate, times), rel=1e-4)
    assert apart == pytest.approx(((lags[:, -1] - 1 - np.log(lags[:, -1])) / 2).sum(), rel=1e-4)
    with pytest.raises(ValueError, match="positive definite"):
        entropy_and_divergence(np.diag([1.0, -1.0]), 1.0, 2.0)


def test_slow_limits_and_their_laws():
    values = [0.5, 1.0]
    produced, apart = slow_limits(np.diag(values), math.exp(2.0), mobility=0.4)
    assert abs(produced.value - dissipation_time(values, math.exp(2.0), 0.4)) < produced.tolerance()
    assert abs(apart.value - time_to_closeness(values, 1.0, 0.4)) < apart.tolerance()
    assert dissipation_time(values, 10.0, 2.0, 3.0) == pytest.approx(math.log(10) / 24 * 3)


def test_a_turned_hessian_keeps_its_eigenvalues():
    h = turned([0.5, 1.0, 4.0], np.random.default_rng(0))
    assert np.linalg.eigvalsh(h) == pytest.approx([0.5, 1.0, 4.0])
    assert np.abs(np.triu(h, 1)).max() > 0.1
