"""Tests of ``chapters.distance.shared.forensics``."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.chapters.distance.shared import forensics
from trainphys.chapters.distance.shared.laws import bhatia_davis_variance, mean_epochs_remaining, samuelson_variance


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


def test_the_report_counts_its_features_and_models():
    assert sum(forensics.FEATURES_LISTED.values()) == 16
    assert len(forensics.SCORES_PRINTED) == 11


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: samuelson_variance(0.0, 1.0, 2.5), "whole count"),
        (lambda: bhatia_davis_variance(3, 0, 2), "high_less_mean >= 0"),
        (lambda: mean_epochs_remaining(1, 0), "states_less_one > 0"),
    ],
)
def test_wrong_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
