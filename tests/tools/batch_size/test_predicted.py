"""Tests of ``tools.batch_size.predicted``."""

import math

import numpy as np
import pytest
from scipy.stats import t as student

from trainphys.estimate import Estimate
from trainphys.tools.batch_size.predicted import Interval, Predicted, added


def test_variances_are_added_as_estimates_add_them():
    parts = [(0.04, 3.0), (0.01, 8.0), (0.09, math.inf)]
    whole = Estimate.combined(0.0, [(1.0, Estimate(0.0, math.sqrt(v), 1, dof)) for v, dof in parts])
    variance, dof = added(*parts)
    assert (math.sqrt(variance), dof) == pytest.approx((whole.stderr, whole.dof))
    assert [float(x) for x in added((0.0, 3.0), (0.0, math.inf))] == [0.0, math.inf]


def test_an_interval_is_students():
    found = Predicted([10.0, 20.0], [0.01, 0.0], [4.0, math.inf])
    factor = math.exp(student.ppf(0.975, 4) * 0.1)
    assert found.interval(0) == Interval(10.0, pytest.approx(10 / factor), pytest.approx(10 * factor))
    assert found.interval(1) == Interval(20.0, 20.0, 20.0)
    assert found.high() == pytest.approx([10 * factor, 20.0])


def test_factors_multiply_and_their_variances_add():
    rng = np.random.default_rng(0)
    a, b = (Predicted(rng.uniform(1, 9, 3), rng.uniform(0, 1, 3), rng.uniform(2, 9, 3)) for _ in range(2))
    product = a * b
    assert product.value == pytest.approx(a.value * b.value)
    for i in range(3):
        variance, dof = added((a.variance[i], a.dof[i]), (b.variance[i], b.dof[i]))
        assert [product.variance[i], product.dof[i]] == pytest.approx([float(variance), float(dof)])


def test_intervals_are_short_in_print():
    assert str(Interval(0.0012345, 0.001, 0.002)) == "0.00123 [0.001, 0.002]"
    assert str(Interval(12345.6, 999.6, 1e9)) == "12,346 [1,000, 1e+09]"


def test_a_list_of_intervals_is_as_short_as_one():
    both = [Interval(70.40655830384777, 66.7226846709493, 74.29382490587047), Interval(2e8, 1.0, math.inf)]
    assert repr(both) == "[70.4 [66.7, 74.3], 2e+08 [1, inf]]"


@pytest.mark.filterwarnings("error")
def test_an_interval_of_a_sweep_that_tells_nothing_has_no_end_and_no_warning():
    found = Predicted([100.0], [1e6], [3.0])
    assert found.interval(0) == Interval(100.0, 0.0, math.inf)
    assert found.high() == [math.inf]
