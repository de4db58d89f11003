"""Tests of ``systems.grid``."""

import math

import pytest

from trainphys.systems.grid import Grid


@pytest.mark.parametrize(
    ("left", "right", "cells", "words"),
    [
        (-1, 1, 2.5, "whole number cells >= 2"),
        (-math.inf, 1, 4, "finite left"),
        (math.nan, 1, 4, "finite left"),
        (1, -1, 4, "left < right"),
    ],
)
def test_a_grid_is_finite_and_whole(left: float, right: float, cells: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Grid(left, right, cells)
