"""Tests of ``chapters.power.shared.heavy_ball``."""

import numpy as np
import pytest

from trainphys.chapters.power.shared.heavy_ball import bisect_log, heavy_ball
from trainphys.laws.stability import heavy_ball_matrix


def test_an_update_is_the_matrix_of_the_law():
    state, a, b = np.array([0.7, -0.3]), 0.8, 0.6
    found = heavy_ball(float(state[0]), float(state[1]), a * float(state[0]), b)
    assert found == pytest.approx(heavy_ball_matrix(a, b) @ state)


def test_bisection_keeps_the_edge_between_its_ends():
    tried = []

    def holds(x):
        tried.append(x)
        return x < 0.03

    low, high = bisect_log(holds, 1e-6, 1e6, accuracy=1e-9)
    assert low < 0.03 <= high
    assert high / low <= 1 + 1e-9
    assert len(tried) < 40
