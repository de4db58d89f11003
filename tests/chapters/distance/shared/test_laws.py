"""Tests of ``chapters.distance.shared.laws``."""

import numpy as np
import pytest
from sklearn.metrics import r2_score

from trainphys.chapters.distance.shared.laws import rounding_score


def test_a_variance_below_that_of_rounding_is_refused():
    with pytest.raises(ValueError, match="variance > 1/12"):
        rounding_score(0.01)


def test_rounding_leaves_a_twelfth():
    x = np.random.default_rng(0).uniform(1, 36, 200_000)
    n = np.floor(x) + 1
    six_errors_of_the_mean_square = 1e-5
    assert r2_score(n, x + 0.5) == pytest.approx(rounding_score(n.var()), abs=six_errors_of_the_mean_square)
