"""Tests of ``chapters.distance.c8_conclusions.simple_models``."""

import math

import numpy as np
import pytest

from trainphys.chapters.distance.c8_conclusions.simple_models import (
    mean_squares,
    own_distance,
    own_minimum,
    share_missed,
)
from trainphys.laws.contraction import epochs_remaining
from trainphys.xor.configurations import RECONSTRUCTED, report_rows
from trainphys.xor.staircase import effective_tolerance
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_models_of_one_report():
    table = mean_squares(RECONSTRUCTED[1], reports=2, seed=0)
    assert (table["boosted trees"] < table["linear"]).all()
    assert (table["linear"] < table["line"]).all()
    assert (table["logarithm"] < 0.2).all()


def test_the_exact_law_misses_no_state():
    c, rows = RECONSTRUCTED[1], report_rows(RECONSTRUCTED[1], 0, runs=200)
    law = epochs_remaining(own_distance(rows.state), rate=c.rate, tolerance=effective_tolerance(c))
    assert share_missed(law, rows.remaining).value == 0.0


def test_own_minimum_is_where_a_run_ends():
    starts = draw_starts("normal", 200, 0)
    done = train(starts, rate=0.1, tolerance=1e-12, max_epochs=120)
    np.testing.assert_allclose(own_minimum(starts.T), done.last, atol=1e-4)


def test_a_line_is_fitted_on_one_report_and_judged_on_the_next():
    c, found = RECONSTRUCTED[1], mean_squares(RECONSTRUCTED[1], reports=2, seed=3)
    for pair in (0, 1):
        fitted, judged = (report_rows(c, 2 * (3000 + pair) + side) for side in (0, 1))
        points, asked = (
            [(math.dist(p, q), int(n)) for p, q, n in zip(rows.state.T, rows.goal.T, rows.remaining, strict=True)]
            for rows in (fitted, judged)
        )
        x, y = (sum(p[i] for p in points) / len(points) for i in (0, 1))
        slope = sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)
        missed = sum((n - y - slope * (d - x)) ** 2 for d, n in asked) / len(asked)
        mean = sum(n for _, n in asked) / len(asked)
        assert found["line"][pair] == pytest.approx(missed)
        assert found["variance"][pair] == pytest.approx(sum((n - mean) ** 2 for _, n in asked) / len(asked))
