"""Tests of ``chapters.power.a3_stability.population``."""

import math

import numpy as np
import pytest

from tests.laws.test_stability import mean_square_factor
from trainphys.chapters.power.a3_stability.population import (
    mean_square_rate,
    mean_square_rate_of_spectrum,
    stationary_square,
    zero_crossing,
)
from trainphys.laws.stability import largest_mean_square_step, least_damping
from trainphys.laws.temperature import stationary_temperature


def test_population_finds_the_mean_square_growth():
    for a, b, batch in ((1.5, 0.0, 4), (1.0, 0.8, 16)):
        rates = [mean_square_rate(a, b, batch, walkers=1000, updates=400, seed=0, task=k) for k in range(8)]
        error = np.std(rates, ddof=1) / math.sqrt(8)
        assert abs(np.mean(rates) - math.log(mean_square_factor(a, b, 2 / batch))) < 6 * error + 0.003


def test_vectors_with_one_direction_grow_as_numbers_do():
    rates = [
        mean_square_rate_of_spectrum(np.array([1.0]), 0.5, 8, walkers=500, updates=300, seed=0, task=k)
        for k in range(8)
    ]
    error = np.std(rates, ddof=1) / math.sqrt(8)
    assert abs(np.mean(rates) - math.log(mean_square_factor(1.0, 0.5, 2 / 8))) < 6 * error + 0.003


def test_population_limits_and_kicks():
    def growth(a, b, task):
        return mean_square_rate(a, b, 16, walkers=500, updates=200, seed=1, task=task)

    found = zero_crossing(lambda a, task: growth(a, 0.0, task), (1.6, 1.72, 1.84, 1.95), groups=6)
    assert found.value == pytest.approx(largest_mean_square_step(1.0, 16), rel=0.02)
    found = zero_crossing(lambda b, task: growth(1.0, b, task), (0.86, 0.9, 0.93, 0.96), groups=6)
    assert found.value == pytest.approx(1 - least_damping(1.0, 16), rel=0.01)

    def inverse_square(b, task):
        return 1 / stationary_square(0.5, b, replicas=200, updates=1000, seed=0, task=task)

    assert zero_crossing(inverse_square, (0.8, 0.85, 0.9, 0.95), groups=6).value == pytest.approx(1.0, abs=0.02)


def test_additive_noise_has_the_stationary_variance():
    a, b = 0.8, 0.6
    found = [stationary_square(a, b, replicas=200, updates=600, seed=0, task=k) for k in range(8)]
    error = np.std(found, ddof=1) / math.sqrt(8)
    law = stationary_temperature(1.0, 1, 1.0, momentum=0.6, curvature=0.8) / 0.8  # kicks of variance one
    assert abs(np.mean(found) - law) < 6 * error


def test_zero_crossing_needs_a_crossing():
    with pytest.raises(ValueError, match="move the places"):
        zero_crossing(lambda x, task: 1 + x * x, (0.0, 1.0, 2.0, 3.0), groups=2)
