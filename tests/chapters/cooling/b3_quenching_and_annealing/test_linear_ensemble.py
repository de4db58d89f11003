"""Tests of ``chapters.cooling.b3_quenching_and_annealing.linear_ensemble``."""

import math

import numpy as np
import pytest

from tests.chapters.cooling.b3_quenching_and_annealing.test_entropy_terms import apart
from tests.simulate import twins
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


def test_paths_and_their_work_are_those_of_single_particles() -> None:
    """Exact steps from equations integrated by hand; the force at the middle of each step, and of every second one."""
    A, D, start = [[1.0, 2.0], [-1.5, 0.7]], [[1.0, 0.3], [0.3, 0.5]], [[1.0, -2.0], [0.3, 0.4]]
    paths, rng = linear_paths(A, D, start, 0.8, 4, np.random.default_rng(3)), np.random.default_rng(3)
    kicks = [rng.standard_normal((2, 2)).tolist() for _ in range(4)]
    (a, b), (_, c) = twins.linear_moments(A, D, [0, 0], [[0, 0], [0, 0]], 0.2)[1]
    root = math.sqrt(a), b / math.sqrt(a), math.sqrt(c - b * b / a)
    for r in range(2):
        places = [list(start[r])]
        for n in range(4):
            m = twins.linear_moments(A, D, places[-1], [[0, 0], [0, 0]], 0.2)[0]
            z = kicks[n][r]
            places.append([m[0] + root[0] * z[0], m[1] + root[1] * z[0] + root[2] * z[1]])
        work = 0.0, 0.0
        for step in (1, 2):
            total = 0.0
            for before, after in zip(places[::step], places[step::step], strict=False):
                middle = [(p + q) / 2 for p, q in zip(before, after, strict=True)]
                pull = [-sum(A[i][k] * middle[k] for k in (0, 1)) for i in (0, 1)]
                force = [(0.5 * pull[0] - 0.3 * pull[1]) / 0.41, (-0.3 * pull[0] + 1.0 * pull[1]) / 0.41]  # D^-1
                total += sum(f * (q - p) for f, p, q in zip(force, before, after, strict=True))
            work = (*work[1:], total)
        np.testing.assert_allclose(paths.end[r], places[-1], rtol=1e-7)
        assert (paths.medium[r], paths.medium_coarse[r]) == pytest.approx(work, rel=1e-6)
    assert paths.limit(paths.medium, paths.medium_coarse).value == pytest.approx(
        sum(2 * f - g for f, g in zip(paths.medium, paths.medium_coarse, strict=True)) / 2
    )
