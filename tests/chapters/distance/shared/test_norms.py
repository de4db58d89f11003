"""Tests of ``chapters.distance.shared.norms``."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.chapters.distance.shared.norms import epochs_from_direction, extreme_ratios, norm_ratio


@pytest.mark.parametrize("dimension", [3, 6, 9])
def test_the_search_for_extreme_ratios_does_not_stall(dimension):
    low, high = extreme_ratios(dimension, seed=0)
    assert low == pytest.approx(1.0, abs=1e-9)
    assert high == pytest.approx(dimension**0.5, abs=1e-9)


def test_the_ratio_of_norms_has_no_unit():
    for size in (1e-200, 1e200):
        assert float(norm_ratio([size, -size])) == pytest.approx(2**0.5)


@given(st.integers(1, 6), st.integers(0, 1000))
def test_norm_ratio_stays_within_its_bounds(dimension, seed):
    x = np.random.default_rng(seed).normal(size=(dimension, 50))
    ratio = norm_ratio(x)
    assert (ratio >= 1 - 1e-15).all()
    assert (ratio <= np.sqrt(dimension) * (1 + 1e-15)).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_search_finds_the_bounds_of_the_norms(seed):
    assert extreme_ratios(3, seed) == pytest.approx((1.0, np.sqrt(3)), abs=1e-6)


def test_equal_l1_distance_is_not_equal_time():
    setting = {"length": 0.1, "rate": 0.05, "tolerance": 1e-8, "runs": 4000, "seed": 0}
    axis, diagonal = (epochs_from_direction(v, **setting) for v in ([1.0, 0, 0], [1 / 3, 1 / 3, -1 / 3]))
    expected = np.log(np.sqrt(3)) / -np.log(0.9)
    assert abs(axis.value - diagonal.value - expected) < 5 * np.hypot(axis.stderr, diagonal.stderr)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: norm_ratio(np.zeros((3, 1))), "largest_component > 0"),
        (lambda: extreme_ratios(1, 0), "dimension >= 2"),
        (
            lambda: epochs_from_direction([0, 0, 1], length=5.0, rate=0.1, tolerance=1e-7, runs=5, seed=0),
            "shorten length",
        ),
    ],
)
def test_wrong_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
