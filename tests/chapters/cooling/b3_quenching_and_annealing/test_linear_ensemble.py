"""Tests of ``chapters.cooling.b3_quenching_and_annealing.linear_ensemble``."""

import numpy as np
import pytest

from tests.chapters.cooling.b3_quenching_and_annealing.test_entropy_terms import apart
from tests.simulate.test_ornstein_uhlenbeck import DIFFUSION, DRIFT, stationary_covariance
from trainphys.chapters.cooling.b3_quenching_and_annealing.fluctuation import gaussian_log_density
from trainphys.chapters.cooling.b3_quenching_and_annealing.laws import entropy_over
from trainphys.chapters.cooling.b3_quenching_and_annealing.linear_ensemble import cloud_production, linear_paths
from trainphys.simulate.ornstein_uhlenbeck import ou_moments


def test_linear_paths_with_rotation() -> None:
    rng = np.random.default_rng(8)
    drift, diffusion = DRIFT[:2, :2], DIFFUSION[:2, :2]
    mean, covariance, duration = np.array([0.5, -0.2]), np.array([[0.8, 0.1], [0.1, 0.6]]), 0.2
    start = rng.multivariate_normal(mean, covariance, 60_000)
    paths = linear_paths(drift, diffusion, start, duration, 40, rng)
    law = entropy_over(drift, diffusion, mean, covariance, duration)
    found = cloud_production(paths, 50)
    assert abs(found.value - law.total) < found.tolerance()
    assert found.tolerance() < 0.1 * law.total
    end = ou_moments(drift, diffusion, mean, covariance, duration)
    change = gaussian_log_density(paths.start, mean, covariance) - gaussian_log_density(paths.end, *end)
    right = paths.limit(np.exp(-paths.medium - change), np.exp(-paths.medium_coarse - change))
    assert abs(right.value - 1) < right.tolerance()
    backwards = paths.limit(np.exp(paths.medium + change), np.exp(paths.medium_coarse + change))  # the sign turned
    assert backwards.value > 1.5


def test_heat_along_paths_is_of_first_order_in_the_step() -> None:
    """Stationary rotation: the bias of the sum over steps is known, and halves with the step."""
    drift, diffusion = np.array([[2.0, -3.0], [3.0, 2.0]]), np.eye(2)
    rng = np.random.default_rng(4)
    start = rng.multivariate_normal([0, 0], np.eye(2) / 2, 200_000)
    errors = []
    for steps in (4, 8):
        paths = linear_paths(drift, diffusion, start, 0.4, steps, rng)
        errors.append(paths.medium.mean() / (2 * 9 / 2 * 0.4) - 1)
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.3)
    h = 0.1
    assert errors[0] == pytest.approx(np.exp(-2 * h) * np.sin(3 * h) / (3 * h) - 1, abs=0.01)


def test_integrated_terms_are_the_fall_of_the_divergence() -> None:
    still = stationary_covariance(np.diag([1.0, 2.0]), np.eye(2))
    start = np.diag([3.0, 0.1])
    whole = entropy_over(np.diag([1.0, 2.0]), np.eye(2), [1.0, 0.0], start, 1.5)
    end = ou_moments(np.diag([1.0, 2.0]), np.eye(2), [1.0, 0.0], start, 1.5)
    assert whole.total == pytest.approx(apart(np.array([1.0, 0.0]), start, still) - apart(*end, still), rel=1e-6)
