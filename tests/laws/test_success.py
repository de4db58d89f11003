"""Tests of ``laws.success``."""

import math

import numpy as np
import pytest

from trainphys.ensemble import stream
from trainphys.laws.success import boltzmann_success, harmonic_success, lagging_success
from trainphys.systems.losses import Quartic, harmonic, level_wells


def test_lagging_success_against_samples() -> None:
    lags = np.array([1.0, 1.3, 2.0, 4.0])
    z = stream(1, "lags").standard_normal((400_000, 4))
    share = ((z**2 * lags).sum(axis=1) / 2 < 4.0).mean()
    assert abs(lagging_success(4.0, lags) - share) < 5 * math.sqrt(0.25 / 400_000)


@pytest.mark.parametrize("d", [3, 10, 100])
def test_lagging_success_of_equal_lags(d: int) -> None:
    assert lagging_success(d / 2, [1.5] * d) == pytest.approx(float(harmonic_success(d / 2, d, 1.5)), abs=1e-6)


def test_harmonic_success_in_closed_form() -> None:
    assert float(harmonic_success(3.0, 1)) == pytest.approx(math.erf(math.sqrt(3.0)))
    assert float(harmonic_success(3.0, 2)) == pytest.approx(1 - math.exp(-3.0))
    assert float(harmonic_success(3.0, 4)) == pytest.approx(1 - 4 * math.exp(-3.0))
    assert float(harmonic_success(3.0, 2, lag=3.0)) == pytest.approx(1 - math.exp(-1.0))


def test_quadrature_agrees_with_the_quadratic_and_the_quartic_law() -> None:
    assert boltzmann_success(harmonic(3.0), 0.2, 0.5) == pytest.approx(float(harmonic_success(2.5, 1)), abs=1e-6)
    quartic = Quartic((0, 0, 0, 0, 2.0))  # loss over T is a gamma variable of shape 1/4
    assert boltzmann_success(quartic, 0.2, 0.5) == pytest.approx(float(harmonic_success(2.5, 0.5)), abs=1e-4)


@pytest.mark.parametrize("curvature", [1e-8, 1e8])
def test_quadrature_finds_wells_of_any_width(curvature: float) -> None:
    assert boltzmann_success(harmonic(curvature), 1.0, 3.0) == pytest.approx(float(harmonic_success(3.0, 1)), abs=1e-6)
    assert boltzmann_success(level_wells(1.0, curvature), 0.05, 0.1) == pytest.approx(
        boltzmann_success(level_wells(1.0, 8.0), 0.05, 0.1), rel=1e-6
    )
