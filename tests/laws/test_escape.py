"""Tests of ``laws.escape``."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from trainphys.laws.escape import basin_quality, double_well, mean_escape_time


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


def test_quality_of_a_noisy_update_by_the_mean_over_its_noise():
    x, barrier, rate = -1.7, 2.0, 0.05
    slope = 4 * x * (x * x - 1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(10)
    after = weights @ double_well(x - rate * slope + math.sqrt(2 * rate / barrier) * nodes) / weights.sum()
    expected = (float(double_well(x)) - after) / (rate * slope**2)
    assert basin_quality(x, barrier, rate) == pytest.approx(expected, rel=1e-10)


def test_a_walk_may_start_anywhere():
    whole, near = mean_escape_time(2.0), mean_escape_time(2.0, start=0.9999917)
    assert mean_escape_time(2.0, start=-0.9999917) == pytest.approx(whole, rel=1e-4)
    across, _ = quad(lambda y: math.exp(2 * (y**2 - 1) ** 2), 0.9999917, 1.0)
    below, _ = quad(lambda z: math.exp(-2 * (z**2 - 1) ** 2), -4.0, 1.0)
    assert near == pytest.approx(2 * across * below, rel=1e-4)
    for places in ({"wall": -math.inf}, {"end": math.inf}, {"end": [1.0]}, {"points": 2}):
        with pytest.raises(ValueError, match="expected .*" + next(iter(places))):
            mean_escape_time(2.0, **places)
