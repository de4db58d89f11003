"""Tests of ``laws.slow_cooling``."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from trainphys.laws.slow_cooling import pointwise_share, quasistatic_ratio, share_divergence, slow_cooling, slowness
from trainphys.simulate.cooling_runs import CoolingRun
from trainphys.systems.coolings import Exponential
from trainphys.systems.grid import Grid
from trainphys.systems.losses import Quartic, double_well, harmonic


def test_slow_cooling_of_a_quadratic_well() -> None:
    found = slow_cooling(harmonic(2.0), 0.3, 0.5, Grid.around(harmonic(2.0), 0.3, 3000))
    assert found.lag_time == pytest.approx(1 / (2 * math.sqrt(2)), rel=1e-3)
    assert found.friction_time == pytest.approx(0.5, rel=1e-3)
    assert found.production == pytest.approx(1 / (4 * 0.5 * 2.0), rel=1e-3)


def test_far_tails_do_no_harm() -> None:
    """There the density is 1e-195, and a difference of sums of order one would be nothing but rounding."""
    found = slow_cooling(harmonic(), 1.0, 1.0, Grid(-30.0, 30.0, 8000))
    assert (found.friction_time, found.production) == pytest.approx((0.5, 0.25), rel=1e-3)


def test_production_of_a_quartic_goes_as_one_over_the_root_of_the_temperature() -> None:
    quartic = Quartic((0, 0, 0, 0, 1.0))
    hot, cold = (slow_cooling(quartic, T, 0.5, Grid.around(quartic, T, 3000)).production for T in (1.0, 0.16))
    assert cold / hot == pytest.approx(2.5, rel=1e-3)


def test_slowness_takes_the_worst_moment_and_all_dimensions() -> None:
    schedule = Exponential(1.0, 10.0, mobility_tau=20.0)
    expected = 10.0 * math.sqrt(8) * math.exp(-30.0 / 20.0)
    assert slowness(harmonic(), schedule, 30.0) == pytest.approx(expected, rel=1e-2)
    assert slowness(harmonic(), schedule, 30.0, 4) == pytest.approx(expected / 2, rel=1e-2)


def test_divergence_of_shares_is_that_of_the_density_once_jumps_freeze() -> None:
    loss, schedule = double_well(1.0, 0.5), Exponential(1.0, 100.0)
    times = np.linspace(0, schedule.duration(0.1), 201)
    run = CoolingRun(loss, schedule, times[-1], cells=600, steps=2000).history()
    assert share_divergence(loss, schedule, times)[-1] == pytest.approx(run.divergence[-1], rel=0.03)


@pytest.mark.parametrize("dimension", [1, 2, 7, 100])
def test_ratio_by_sampling(dimension):
    z2 = np.random.default_rng(dimension).chisquare(dimension, 200_000)
    deviation = np.abs(z2 - dimension)
    error = deviation.std() / dimension / np.sqrt(z2.size)
    assert abs(float(quasistatic_ratio(2.0, dimension)) - deviation.mean() / dimension / 2) < 2.5 * error


@pytest.mark.parametrize("lag", [0.5, 0.95, 1.05, 1.8])
def test_pointwise_share_by_quadrature(lag):
    e = abs(1 - 1 / lag)

    def density(z):
        met = e * abs(z * z - 1) <= 0.1 * z * z
        return met * np.exp(-z * z / 2) * 2 / np.sqrt(2 * np.pi)

    edges = [np.sqrt(e / (e + 0.1))] + ([np.sqrt(e / (e - 0.1))] if e > 0.1 else [])
    share = quad(density, 0, 10, points=edges, limit=400)[0]
    assert float(pointwise_share(lag, 0.1)) == pytest.approx(share, abs=1e-6)


def test_no_wall_matters_to_slow_cooling_however_cold_and_wide() -> None:
    loss = double_well(1.0, 0.5)
    for temperature in (0.1, 0.0125):  # the gap is 5 and 39 temperatures
        near, wide = (
            slow_cooling(loss, temperature, 1.0, g) for g in (Grid.around(loss, temperature, 4000), Grid(-9, 9, 18000))
        )
        assert near.friction_time == pytest.approx(wide.friction_time, rel=2e-3)
        assert near.lag_time == pytest.approx(wide.lag_time, rel=2e-3)


def test_a_lag_lost_to_rounding_is_refused() -> None:
    with pytest.raises(ValueError, match="well above its rounding error"):
        slow_cooling(double_well(1.0), 0.02, 1.0, Grid(-2, 2, 4000))
