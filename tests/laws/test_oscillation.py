"""Tests of ``laws.oscillation``."""

import math

import numpy as np
import pytest

from trainphys.laws.oscillation import (
    critical_coupling,
    critical_coupling_of_updates,
    loss_frequency,
    update_frequency,
)
from trainphys.laws.stability import heavy_ball_matrix

GAMMA, OMEGA = 0.3, 1.3


def growth(coupling: float, gains: tuple[float, float]) -> complex:
    """Rates of the two modes as they stand: positions and velocities."""
    square = np.array([[OMEGA**2, coupling**2], [coupling**2, OMEGA**2]])
    return np.linalg.eigvals(np.block([[np.zeros((2, 2)), np.eye(2)], [-square, -np.diag(gains)]]))


def test_split_modes_lie_one_width_apart() -> None:
    rates = growth(critical_coupling(GAMMA, OMEGA), (GAMMA, GAMMA))
    low, high = np.unique(np.abs(rates.imag).round(9))
    assert high - low == pytest.approx(GAMMA)


def test_balanced_gain_grows_below_its_coupling_alone() -> None:
    g = critical_coupling(GAMMA, OMEGA, "balanced gain")
    assert growth(0.99 * g, (GAMMA, -GAMMA)).real.max() > 1e-3
    assert growth(1.01 * g, (GAMMA, -GAMMA)).real.max() < 1e-6


def test_a_direction_turns_downwards_whatever_the_damping() -> None:
    g = critical_coupling(GAMMA, OMEGA, "instability")
    assert growth(0.99 * g, (GAMMA, GAMMA)).real.max() < 0 < growth(1.01 * g, (GAMMA, GAMMA)).real.max()


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("step_curvature", [1e-4, 0.5, 1.0, 2.2, 3.5, 5.0])
def test_angle_is_that_of_the_leading_eigenvalue(step_curvature: float, momentum: float) -> None:
    values = np.linalg.eigvals(heavy_ball_matrix(step_curvature, momentum))
    angle = abs(np.angle(values[np.argmax(np.abs(values))]))
    assert update_frequency(step_curvature, momentum) == pytest.approx(angle, abs=1e-9)
    assert loss_frequency(step_curvature, momentum) == pytest.approx(abs(np.angle(np.exp(2j * angle))), abs=1e-9)


def test_coupled_updates_part_by_one_width() -> None:
    k = critical_coupling_of_updates(0.5, 0.7) ** 2
    assert update_frequency(0.5 + k, 0.7) - update_frequency(0.5 - k, 0.7) == pytest.approx(-math.log(0.7))
