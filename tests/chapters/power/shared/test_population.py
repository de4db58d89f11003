"""Tests of ``chapters.power.shared.population``."""

import math

import numpy as np
import pytest

from tests.laws.test_stability import mean_square_factor
from trainphys.chapters.power.shared.population import (
    mean_of_inputs,
    mean_square_rate,
    mean_square_rate_of_spectrum,
    stationary_square,
    zero_crossing,
)
from trainphys.ensemble import stream
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


def chosen(weights, shift):
    """Systematic resampling: the walker that each of evenly spaced marks falls on."""
    total, picks = sum(weights), []
    for i in range(len(weights)):
        mark, reached, j = total * (i + shift) / len(weights), weights[0], 0
        while reached < mark and j < len(weights) - 1:
            j += 1
            reached += weights[j]
        picks.append(j)
    return picks


def test_a_population_of_numbers_is_that_of_a_loop_over_walkers():
    rng, total = stream(5, "population", 2), 0.0
    state = list(zip(*rng.standard_normal((2, 6)).tolist(), strict=True))
    for t in range(10):
        seen = rng.gamma(1.5, 2 / 3, 6).tolist()
        moved = []
        for (x, v), s in zip(state, seen, strict=True):
            v = 0.4 * v - 1.3 * s * x
            moved.append((x + v, v))
        weights = [x * x + v * v for x, v in moved]
        if t >= 2:
            total += math.log(sum(weights) / 6)
        picks = chosen(weights, rng.random())
        state = [tuple(z / weights[j] ** 0.5 for z in moved[j]) for j in picks]
    assert mean_square_rate(1.3, 0.4, 3, walkers=6, updates=10, seed=5, task=2) == pytest.approx(total / 8)


def test_a_population_of_vectors_is_that_of_a_loop():
    """Two curvatures: the push of a batch couples them."""
    rng, total, h = stream(5, "population of vectors", 1), 0.0, [1.2, 0.3]
    places, speeds = rng.standard_normal((2, 5, 2)).tolist()
    for t in range(10):
        squares, across = rng.chisquare(3, 5).tolist(), rng.standard_normal((5, 2)).tolist()
        for w in range(5):
            ahead = [h[i] ** 0.5 * places[w][i] for i in (0, 1)]
            length = math.hypot(*ahead)
            along = sum(z * a for z, a in zip(across[w], ahead, strict=True)) / length
            rest = [z - along * a / length for z, a in zip(across[w], ahead, strict=True)]
            sums = [a * squares[w] + length * squares[w] ** 0.5 * z for a, z in zip(ahead, rest, strict=True)]
            push = [h[i] ** 0.5 * sums[i] / 3 for i in (0, 1)]
            speeds[w] = [0.4 * v - p for v, p in zip(speeds[w], push, strict=True)]
            places[w] = [x + v for x, v in zip(places[w], speeds[w], strict=True)]
        weights = [sum(z * z for z in (*x, *v)) for x, v in zip(places, speeds, strict=True)]
        if t >= 2:
            total += math.log(sum(weights) / 5)
        picks = chosen(weights, rng.random())
        places, speeds = ([[z / weights[j] ** 0.5 for z in part[j]] for j in picks] for part in (places, speeds))
    found = mean_square_rate_of_spectrum(np.array(h), 0.4, 3, walkers=5, updates=10, seed=5, task=1)
    assert found == pytest.approx(total / 8, rel=1e-5)


def test_one_vector_stands_for_the_inputs_of_a_batch():
    """Means, spreads and fourth moments of the sum, along a vector and across it, beside inputs drawn one by one."""
    rng, rows, along = np.random.default_rng(0), 400_000, np.array([0.6, -0.3, 0.2])
    inputs = rng.standard_normal((rows, 4, 3))
    drawn = np.einsum("rbi,rb->ri", inputs, inputs @ along) / 4
    short = mean_of_inputs(np.tile(along, (rows, 1)), 4, rng)
    for moment in (lambda x: x, lambda x: x[:, :, None] * x[:, None, :], lambda x: x**4, lambda x: x.prod(axis=1)):
        a, b = moment(drawn), moment(short)
        error = np.hypot(a.std(axis=0), b.std(axis=0)) / rows**0.5
        assert np.all(np.abs(a.mean(axis=0) - b.mean(axis=0)) < 5 * error)


def test_the_stationary_square_is_that_of_single_runs():
    rng, total = stream(5, "additive noise", 3), 0.0
    kicks = [rng.standard_normal(4).tolist() for _ in range(7)]
    for r in range(4):
        theta = v = 0.0
        for t in range(7):
            v = 0.6 * v - 0.8 * theta + kicks[t][r]
            theta += v
            total += theta**2 / 4 if t >= 3 else 0.0
    assert stationary_square(0.8, 0.6, replicas=4, updates=7, seed=5, task=3) == pytest.approx(total / 4)


def test_the_crossing_is_the_root_next_to_the_smallest_value():
    """Three groups of values, each with a root of its own that a loop over places finds."""
    values = lambda x, task: (x - 2 - 0.01 * (task // 100)) * (x + 1)  # noqa: E731 - vanishes at -1 as well
    found = zero_crossing(values, (1.7, 1.9, 2.1, 2.2), groups=3)
    assert found.value == pytest.approx((2 + 2.01 + 2.02) / 3, rel=1e-9)
