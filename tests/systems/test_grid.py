"""Tests of ``systems.grid``."""

import math

import pytest

from trainphys.systems.grid import Grid


@pytest.mark.parametrize(("left", "right", "cells"), [(-1, 1, 2.5), (-math.inf, 1, 4), (math.nan, 1, 4), (1, -1, 4)])
def test_a_grid_is_finite_and_whole(left: float, right: float, cells: int) -> None:
    with pytest.raises(ValueError, match="finite left < right"):
        Grid(left, right, cells)
