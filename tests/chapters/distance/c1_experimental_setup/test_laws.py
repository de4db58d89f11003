"""Tests of ``chapters.distance.c1_experimental_setup.laws``."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.chapters.distance.c1_experimental_setup.laws import least_variance


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=12))
@settings(max_examples=60)
def test_every_set_of_whole_numbers_obeys_the_bound_and_some_reach_it(values):
    x = np.array(values, dtype=float)
    assert x.var() >= least_variance(x, x.mean(), len(x)).max() - 1e-9
    whole = np.array([0, 3, 3, 4])
    assert least_variance(0, whole.mean(), 4) == pytest.approx(whole.var())
