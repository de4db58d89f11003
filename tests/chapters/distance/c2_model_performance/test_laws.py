"""Tests of ``chapters.distance.c2_model_performance.laws``."""

import pytest

from trainphys.chapters.distance.c2_model_performance.laws import lowest_ridge_score


def test_a_constant_target_has_no_score():
    with pytest.raises(ValueError, match="variance > 0"):
        lowest_ridge_score(1.0, 0.0)
