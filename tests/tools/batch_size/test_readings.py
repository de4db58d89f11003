"""Tests of ``tools.batch_size.readings``."""

import math

import numpy as np
import pytest

from trainphys.estimate import Estimate
from trainphys.tools.batch_size.readings import between

SIZES = np.exp([0.0, 0.5, 1.3, 2.0, 3.0])
INSIDE = np.exp([0.2, 0.9, 1.5, 2.9])


def bent(batch):
    return np.exp(0.3 + 0.7 * np.log(batch) - 0.2 * np.log(batch) ** 2)


def test_a_line_is_trusted_as_far_as_readings_lie_on_the_line_of_their_neighbours():
    """A loop that leaves out one reading after the other."""
    x, y = np.log(SIZES), np.log(bent(SIZES))
    misses = [y[k] - np.interp(x[k], np.delete(x, k), np.delete(y, k)) for k in (1, 2, 3)]
    found = between(SIZES, tuple(bent(SIZES)), INSIDE)
    assert found.value == pytest.approx([math.exp(np.interp(math.log(b), x, y)) for b in INSIDE])
    shares = [0.2 / 0.5, 0.4 / 0.8, 0.2 / 0.7, 0.9 / 1.0]
    assert np.sqrt(found.variance) == pytest.approx(
        [4 * u * (1 - u) * np.sqrt(np.mean(np.square(misses))) for u in shares]
    )
    assert found.dof.tolist() == [3.0] * 4


def test_a_reading_that_was_not_made_falls_into_its_interval():
    """Lines in logarithms with jumps from reading to reading: half-way, nineteen of twenty."""
    rng, held = np.random.default_rng(2), []
    sizes = 2.0 ** np.arange(9)
    for _ in range(300):
        true = sizes ** rng.uniform(0, 1) * rng.lognormal(0, 0.1, 9)
        k = int(rng.integers(1, 8))
        found = between(np.delete(sizes, k), tuple(np.delete(true, k)), sizes[[k]])
        held.append(abs(math.log(true[k] / found.value[0])) <= found.half_width()[0])
    assert 0.95 - 3 * math.sqrt(0.95 * 0.05 / 300) <= np.mean(held) < 1.0


def test_readings_themselves_are_certain_unless_they_were_repeated():
    at = between(SIZES, tuple(bent(SIZES)), SIZES)
    assert at.value == pytest.approx(bent(SIZES))
    assert at.variance == pytest.approx(np.zeros(5), abs=1e-20)
    repeated = tuple(Estimate(float(v), 0.05 * float(v), 4) for v in bent(SIZES))
    again = between(SIZES, repeated, SIZES)
    assert again.variance == pytest.approx(np.full(5, 0.1**2 * (1 + 1 / 4)))
    assert again.dof == pytest.approx(np.full(5, 15.0))


def test_a_straight_line_is_certain_and_a_jump_is_not():
    straight = between(SIZES, tuple(3 * SIZES**0.8), INSIDE)
    assert straight.value == pytest.approx(3 * INSIDE**0.8)
    assert straight.half_width().max() < 1e-6
    jump = between(SIZES, (40.0, 40.0, 90.0, 90.0, 90.0), INSIDE)
    assert jump.half_width()[1] > 0.5


def test_missing_readings_and_what_lies_beyond():
    found = between(SIZES, (math.nan, *(2 * SIZES[1:3]), math.nan, 2 * SIZES[4]), SIZES)
    assert found.value[1:] == pytest.approx(2 * SIZES[1:])
    assert math.isnan(found.value[0])
    assert math.isnan(between(SIZES, (1.0,) * 5, [2 * SIZES[-1]]).value[0])


def test_a_law_is_taken_as_it_is():
    found = between(SIZES, lambda b: 3 * np.asarray(b), [0.5, 100.0])
    assert found.value.tolist() == [1.5, 300.0]
    assert found.half_width().tolist() == [0.0, 0.0]
