"""Tests of ``laws.quench``."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from trainphys.laws.quench import (
    drift_only_window,
    quench_number,
    transport_bound,
    variance_excess,
    variance_total_variation,
)


@pytest.mark.parametrize("excess", [0.01, 0.5, 30.0])
def test_total_variation_is_the_area_between_the_densities(excess: float) -> None:
    wide = float(np.sqrt(1 + excess))
    area = quad(lambda x: abs(norm.pdf(x) - norm.pdf(x, scale=wide)), 0, 12 * wide, limit=400)[0]
    assert float(variance_total_variation(excess)) == pytest.approx(area, rel=1e-5)


def test_window_ends_where_the_excess_is_reached() -> None:
    for y0, share in ((0.1, 0.5), (50.0, 0.2)):
        t = float(drift_only_window(y0, 0.7, 2.0, share))
        assert float(variance_excess(y0, 0.7, 2.0, t)) == pytest.approx(share)


def test_ratio_and_number_are_one_quantity_in_relaxation_times() -> None:
    g, h, T = 3.7, 1.9, 0.4
    ratio = np.sqrt(g) / h / np.sqrt(2 * T / h)  # eta |grad L| / sqrt(2 D), with eta = 1/h and D = eta T
    assert 2 * ratio**2 == pytest.approx(float(quench_number(g, h, T)))


def test_excess_is_the_variance_over_that_of_the_drift() -> None:
    T, k, eta, lag, t = 0.4, 1.5, 0.7, 3.0, 0.6
    shrinks = np.exp(-2 * eta * k * t)
    bare = lag * T / k * shrinks
    assert float(variance_excess(lag, eta, k, t)) == pytest.approx(T / k * (1 - shrinks) / bare)


@pytest.mark.parametrize("curvature", [2.0, 0.0, -1.5])
def test_transport_bound_is_reached_from_a_point(curvature: float) -> None:
    """There the noiseless twin is a point, and the distance is the root of the variance."""
    variance = quad(lambda s: 2 * 0.7 * 0.4 * np.exp(-2 * 0.7 * curvature * s), 0, 1.3)[0]
    assert float(transport_bound(0.4, curvature, 0.7, 1.3, dimension=3)) == pytest.approx(np.sqrt(3 * variance))
