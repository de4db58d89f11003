"""Tests of ``chapters.distance.c8_conclusions.line_cases``."""

import pytest

from trainphys.chapters.distance.c8_conclusions.line_cases import walk_cases


def test_walks_follow_the_closed_form():
    for _, case in walk_cases(seed=5)[0]:
        if "corrected" in case:
            assert case["measured"].value == pytest.approx(case["corrected"], rel=1e-9)
