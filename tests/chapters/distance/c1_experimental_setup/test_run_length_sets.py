"""Tests of ``chapters.distance.shared.run_length_sets``."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.chapters.distance.c1_experimental_setup.laws import target_variance_bounds
from trainphys.chapters.distance.c1_experimental_setup.run_length_sets import (
    least_squares_sum,
    run_lengths,
    sums_of_squares,
)
from trainphys.chapters.distance.shared.laws import mean_epochs_remaining

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


@given(st.lists(st.integers(2, 60), min_size=1, max_size=20))
@settings(max_examples=60)
def test_mean_and_variance_of_targets_are_those_of_the_list_of_targets(states):
    targets = np.concatenate([np.arange(1, t) for t in states])
    t = np.array(states, dtype=float)
    assert mean_epochs_remaining(t.mean(), t.var()) == pytest.approx(targets.mean())
    low, high = target_variance_bounds(len(t), int(t.sum()), int((t**2).sum()), int(t.max()))
    assert low - 1e-6 <= targets.var() <= high + 1e-6


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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sums_of_squares(2, 4, 1.0, 0), "quote it"),
        (lambda: least_squares_sum(3, 100, 1, 4, 2), "no such set"),
        (lambda: target_variance_bounds(2, 100, 6000, 10), "sums that runs of up to 10 states can have"),
    ],
)
def test_what_no_runs_can_have_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
