"""Tests of ``chapters.distance.shared.forensics``."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.chapters.distance.shared import forensics
from trainphys.chapters.distance.shared.forensics import (
    bhatia_davis_variance,
    least_squares_sum,
    mean_epochs_remaining,
    run_lengths,
    samuelson_variance,
    sums_of_squares,
    target_variance_bounds,
)
from trainphys.xor.guarantee import converged_share, solved_share_normal, solved_share_uniform

SETS = list(combinations_with_replacement(range(1, 8), 5))  # every set of five numbers of 1..7


def test_least_sum_of_squares_is_that_of_an_exhaustive_search():
    for containing in (1, 4, 7):
        for total in range(containing + 4, containing + 29):
            found = [sum(x * x for x in s) for s in SETS if sum(s) == total and containing in s]
            assert least_squares_sum(5, total, 1, 7, containing) == min(found)


def test_run_lengths_exist_exactly_when_an_exhaustive_search_finds_some():
    wanted = {(sum(s), sum(x * x for x in s)) for s in SETS if s[0] == 2 and s[-1] == 6}
    for total in range(18, 25):
        for squares in range(70, 140, 3):
            found = run_lengths(5, total, squares, shortest=2, longest=6)
            assert (found is not None) == ((total, squares) in wanted)
            assert found is None or (found[0], found[-1]) == (2, 6)


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=12))
@settings(max_examples=60)
def test_every_set_of_numbers_obeys_both_bounds(values):
    x = np.array(values, dtype=float)
    assert x.var() >= samuelson_variance(x, x.mean(), len(x)).max() - 1e-9
    assert x.var() <= bhatia_davis_variance(x.mean(), x.min(), x.max()) + 1e-9


def test_bounds_are_reached():
    one = np.array([1.0, *[5.0] * 9])
    assert samuelson_variance(1.0, one.mean(), 10) == pytest.approx(one.var())
    assert bhatia_davis_variance(one.mean(), 1, 5) == pytest.approx(one.var())


@given(st.lists(st.integers(2, 60), min_size=1, max_size=20))
@settings(max_examples=60)
def test_mean_and_variance_of_targets_are_those_of_the_list_of_targets(states):
    targets = np.concatenate([np.arange(1, t) for t in states])
    t = np.array(states, dtype=float)
    assert mean_epochs_remaining(t.mean(), t.var()) == pytest.approx(targets.mean())
    bounds = target_variance_bounds(len(t), int(t.sum()), int((t**2).sum()), int(t.max()))
    assert bounds.low - 1e-6 <= targets.var() <= bounds.high + 1e-6


@given(st.lists(st.integers(1, 40), min_size=3, max_size=30), st.sampled_from([0, 1]))
@settings(max_examples=60)
def test_sums_of_squares_hold_the_true_one(values, ddof):
    x = np.array(values)
    printed = f"{x.var(ddof=ddof):.2f}"
    assert int((x**2).sum()) in sums_of_squares(len(x), int(x.sum()), printed, ddof)


def test_the_report():
    assert sums_of_squares(100, 3445, "9.11", ddof=0) == [119591]
    assert sums_of_squares(100, 3445, "9.11", ddof=1) == []
    assert [run_lengths(100, 3445, 119591, s, 39) is not None for s in (4, 5, 6)] == [False, False, True]
    assert all(least_squares_sum(100, 3445, s, 39, s) > 119591 for s in (1, 2, 3, 4))
    assert sum(forensics.FEATURES_LISTED.values()) == 16
    assert len(forensics.SCORES_PRINTED) == 11


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: samuelson_variance(1, 2, 1), "two or more"),
        (lambda: bhatia_davis_variance(3, 0, 2), "low <= mean"),
        (lambda: mean_epochs_remaining(1, 0), "states > 1"),
        (lambda: sums_of_squares(1, 3, "1.0", ddof=1), "more than 1"),
        (lambda: least_squares_sum(3, 100, 1, 4, 2), "no such set"),
        (lambda: target_variance_bounds(2, 100, 3, 10), "expected"),
        (lambda: solved_share_uniform(1, 3), "bias <= 2 weight"),
        (lambda: solved_share_normal(0, 1), "weight > 0"),
        (lambda: converged_share("pytorch, zero bias", rate=0.1, runs=5, seed=0, cone=False), "starts outside"),
    ],
)
def test_wrong_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
