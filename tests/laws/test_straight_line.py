"""Tests of ``laws.straight_line``."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.laws.straight_line import line_share, slowdown_limit


@pytest.mark.parametrize("slowdown", [1.01, 1.5, 4.27, 60.0, 5e4])
def test_line_share_is_the_squared_correlation_of_time_and_distance(slowdown):
    time = (np.arange(200_000) + 0.5) / 200_000 * np.log(slowdown)
    assert line_share(slowdown) == pytest.approx(np.corrcoef(time, np.exp(time))[0, 1] ** 2, rel=1e-6)


def test_line_share_near_one_and_far_out():
    assert line_share(np.exp(0.0199)) == pytest.approx(float(line_share(np.exp(0.0201))), abs=1e-6)
    assert line_share(np.exp(200.0)) * 200 == pytest.approx(6.0, rel=0.02)


def test_series_near_one_is_the_closed_form():
    half = 0.0999
    closed = 3 * (half / np.tanh(half) - 1) / half**2
    assert float(line_share(np.exp(2 * half))) == pytest.approx(closed, abs=3e-13)


@given(st.floats(0.2, 0.999))
def test_slowdown_limit_turns_line_share_round(share):
    assert line_share(slowdown_limit(share)) == pytest.approx(share, abs=1e-9)
