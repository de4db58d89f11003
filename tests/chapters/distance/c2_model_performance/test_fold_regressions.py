"""Tests of ``chapters.distance.c2_model_performance.fold_regressions``: the twins fit every fold for itself."""

from functools import partial

import numpy as np
import pytest

from trainphys.chapters.distance.c2_model_performance.fold_regressions import power_regressions
from trainphys.chapters.distance.c2_model_performance.regressors import exponential, powers, ridge_without_intercept
from trainphys.chapters.distance.shared.data_sets import data_set
from trainphys.chapters.distance.shared.protocols import PROTOCOLS, cross_validated, splits
from trainphys.chapters.distance.shared.regressors import least_squares

TWINS = {
    "linear regression": least_squares,
    "polynomial, degree 2": partial(powers, 2),
    "polynomial, degree 3": partial(powers, 3),
    "exponential": exponential,
    "linear kernel": ridge_without_intercept,
}


@pytest.mark.parametrize("configuration", range(3))
def test_every_fold_is_fitted_as_alone(configuration):
    """The features of a report: collinear, some constant, some with rows that are far from all others."""
    table, target, run = data_set(configuration, 0, seed=1)
    for protocol in PROTOCOLS:
        parts = splits(run, protocol, 4, 0)
        found = power_regressions(table, target, parts)
        for name, twin in TWINS.items():
            slow = cross_validated(twin, table, target, parts)[1]
            assert np.abs(found[name] - slow).max() < 1e-8 * (1 + np.abs(slow).max()), (name, protocol)
        slow = cross_validated(least_squares, table, np.log(target), parts)[1]
        assert found["log-linear"] == pytest.approx(slow, abs=1e-8)


def test_a_column_may_be_constant_in_a_fold_or_have_one_row_far_away():
    draw = np.random.default_rng(3)
    table = draw.normal(size=(60, 3))
    table[:, 1], table[7, 1], table[:, 2], table[3, 2] = 5.0, 5.1, 1e-3 * table[:, 2], 400.0
    target = np.exp(0.2 * table[:, 0]) + 0.01 * draw.random(60)
    parts = splits(np.repeat(np.arange(6), 10), "runs held out", 6, 0)
    found = power_regressions(table, target, parts)
    for name, twin in TWINS.items():
        slow = cross_validated(twin, table, target, parts)[1]
        assert found[name] == pytest.approx(slow, rel=1e-6, abs=1e-6), name


def test_parts_must_judge_every_row_once():
    rows = np.arange(6)
    with pytest.raises(ValueError, match="use splits"):
        power_regressions(np.eye(6), rows + 1.0, [(rows[2:], rows[:2]), (rows[:4], rows[4:])])
