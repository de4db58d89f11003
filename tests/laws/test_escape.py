"""Tests of ``laws.escape``."""

import math

import pytest
from scipy.integrate import quad

from trainphys.laws.escape import mean_escape_time


@pytest.mark.parametrize("barrier", [0.5, 2.0, 8.0])
def test_escape_time_by_a_second_quadrature(barrier):
    inner = lambda y: quad(lambda z: math.exp(-barrier * (z * z - 1) ** 2), -4, y)[0]  # noqa: E731
    value = barrier * quad(lambda y: math.exp(barrier * (y * y - 1) ** 2) * inner(y), -1, 1)[0]
    assert mean_escape_time(barrier) == pytest.approx(value, rel=1e-6)
