"""Tests of ``systems.grid``."""

import math

import numpy as np
import pytest

from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Custom, Quartic, double_well, harmonic


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


def test_walls_stand_beyond_each_well_however_cold() -> None:
    """The upper well lies more than thirty temperatures above the lower one, and a single well off the origin."""
    wells = Grid.around(double_well(1.0, 0.5), 0.01, 100)
    assert wells.left < -1.0 < 1.0 < wells.right
    away = Quartic((12.5, -5.0, 0.5, 0.0, 0.0))  # one well at 5
    found = Grid.around(away, 0.01, 100)
    assert -1.0 < found.left < 0 < 5.0 < found.right < 6.0


def test_cells_reach_thirty_temperatures_up_on_each_side() -> None:
    loss = double_well(1.0, 0.5)
    grid = Grid.around(loss, 0.2, 50)
    for wall in (grid.left, grid.right):
        well = min(float(loss.value(x)) for x in np.linspace(0, wall, 10_001))
        height = float(loss.value(wall)) - well
        assert 6.0 <= height < 6.2
    assert grid.width == pytest.approx((grid.right - grid.left) / 50)
    assert grid.centres[[0, -1]] == pytest.approx([grid.left + grid.width / 2, grid.right - grid.width / 2])


@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_a_loss_that_falls_on_one_side_has_no_cells_around_it(slope: float) -> None:
    with pytest.raises(ValueError, match="choose the walls"):
        Grid.around(Custom(lambda x: slope * np.asarray(x), None), 1.0, 10)
    with pytest.raises(ValueError, match="temperature > 0"):
        Grid.around(harmonic(), 0.0, 10)


def test_density_does_not_mind_where_the_loss_is_zero() -> None:
    grid = Grid(-8.0, 8.0, 400)
    low, high = (boltzmann(Quartic((c, 0.0, 1.0, 0.0, 0.0)), 0.5, grid) for c in (0.0, 1e4))
    np.testing.assert_allclose(low, high, rtol=1e-9)
    np.testing.assert_allclose(low, np.exp(-2 * grid.centres**2) * math.sqrt(2 / math.pi), rtol=1e-9)
    with pytest.raises(ValueError, match="temperature > 0"):
        boltzmann(harmonic(), 0.0, grid)


def test_a_grid_has_at_least_two_cells() -> None:
    assert Grid(-1, 1, 2).centres.tolist() == [-0.5, 0.5]
    for left, right, cells in ((0, 0, 4), (0, 1, 1)):
        with pytest.raises(ValueError, match="expected"):
            Grid(left, right, cells)
