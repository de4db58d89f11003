"""Tests of ``xor.mean_distances``."""

import numpy as np
import pytest

from trainphys.xor.landscape import solution, solvable
from trainphys.xor.mean_distances import mean_distances
from trainphys.xor.run_records import records
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_mean_distances_are_sums_over_the_states():
    starts = draw_starts("pytorch", 2000, 0)
    starts = starts[solvable(starts.T)]
    rows = records(train(starts, rate=0.1, tolerance=1e-7, max_epochs=60), goal="last")
    l1, l2 = mean_distances(starts.T - solution(starts.T), rate=0.1, tolerance=1e-7)
    assert l1 == pytest.approx(rows.l1.mean(), rel=1e-9)
    assert l2 == pytest.approx(rows.l2.mean(), rel=1e-9)


def test_runs_that_take_no_epoch_have_no_distances():
    with pytest.raises(ValueError, match="lower the tolerance"):
        mean_distances(np.zeros((3, 2)) + 1e-9, rate=0.1, tolerance=1e-7)
