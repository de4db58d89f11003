"""Tests of ``simulate.schedule_search``."""

import numpy as np
import pytest

from trainphys.simulate.schedule_search import follow
from trainphys.systems.coolings import cooling, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import double_well, harmonic


def test_stock_taking_of_a_run_converges_at_second_order():
    exact = (0.2 + 0.8 * np.exp(-2.0)) / 2
    errors = [abs(follow(harmonic(), quench(0.2), 1.0, 1.0, n, n).excess_loss - exact) for n in (80, 160, 320)]
    assert 1.7 < np.log2(errors[0] / errors[2]) / 2 < 2.4
    run = follow(double_well(1.0, 0.5), cooling(1.0, 0.2, 5.0), 5.0, 1.0, 600, 1200)
    grid = Grid.around(double_well(1.0, 0.5), 1.0, 4000)
    start = (boltzmann(double_well(1.0, 0.5), 1.0, grid) * double_well(1.0, 0.5).value(grid.centres)).sum() * grid.width
    lost = start - double_well(1.0, 0.5).minimum() - run.excess_loss
    assert run.gradient_work - run.diffusion_work == pytest.approx(lost, rel=5e-3)
    assert run.energy > 0
    assert 0 < run.entropy < run.entropy_to_rest
