"""Tests of ``chapters.cooling.b4_optimal_cooling.floor``."""

import numpy as np
import pytest

from trainphys.chapters.cooling.b4_optimal_cooling.floor import measured_crossing
from trainphys.chapters.cooling.b4_optimal_cooling.laws import explored_share
from trainphys.laws.two_wells import crossed_share
from trainphys.systems.losses import level_wells


def test_floor_laws():
    wells = level_wells(3.0, 4.0)
    x = wells.stationary_points()
    assert wells.value(x) == pytest.approx([0.0, 3.0, 0.0])
    step = 1e-4
    bend = (wells.value(x[0] + step) - 2 * wells.value(x[0]) + wells.value(x[0] - step)) / step**2
    assert float(bend) == pytest.approx(4.0, rel=1e-4)
    mobility = 400.0 / (4.0 * 10.0)  # at the floor: 400 relaxation times
    assert measured_crossing(wells, 0.5, mobility, 10.0).value == pytest.approx(
        crossed_share(wells, 0.5, mobility, 10.0), rel=0.02
    )
    assert explored_share([0.0, 0.5]) == pytest.approx([0.0, 1 - np.exp(-1.0)])
