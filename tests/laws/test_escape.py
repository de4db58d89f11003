"""Tests of ``laws.escape``."""

import math

import pytest
from scipy.integrate import quad

from trainphys.laws.escape import double_well, mean_escape_time


@pytest.mark.parametrize("barrier", [0.5, 2.0, 8.0])
def test_escape_time_by_a_second_quadrature(barrier):
    inner = lambda y: quad(lambda z: math.exp(-barrier * (z * z - 1) ** 2), -4, y)[0]  # noqa: E731
    value = barrier * quad(lambda y: math.exp(barrier * (y * y - 1) ** 2) * inner(y), -1, 1)[0]
    assert mean_escape_time(barrier) == pytest.approx(value, rel=1e-6)


def test_escape_from_any_loss():
    flat = mean_escape_time(3.0, lambda x: 0 * x, wall=-1.0, start=-1.0, end=1.0)
    assert flat == pytest.approx(3.0 * 2.0**2 / 2, rel=1e-8)  # diffusion from a wall: distance squared over 2T
    shifted = mean_escape_time(2.0, lambda x: double_well(x - 1), wall=-3.0, start=0.0, end=2.0)
    assert shifted == pytest.approx(mean_escape_time(2.0), rel=1e-8)
    with pytest.raises(ValueError, match="wall <= start < end"):
        mean_escape_time(2.0, start=1.0, end=-1.0)
