"""Tests of ``xor.epoch_counts``."""

import numpy as np
import pytest

from tests.xor.test_trajectory_kernels import reference
from trainphys.xor.epoch_counts import LEG, count_epochs
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_counting_in_legs_is_training_in_one():
    starts = draw_starts("normal", 300, 4)
    for rate, scales in ((0.004, (1.0, 1.0)), (0.02, (1.0, 0.4)), (0.7, (1.0, 1.0)), (2.0, (1.0, 1.0))):
        settings = {"rate": rate, "tolerance": 1e-6, "scales": scales, "max_epochs": 3 * LEG + 5}
        whole = train(starts, **settings)
        counted = count_epochs(starts, **settings)
        assert (np.isfinite(counted) == whole.converged).all()
        assert (counted[whole.converged] == whole.epochs[whole.converged]).all()


def test_no_runs_are_refused():
    with pytest.raises(ValueError, match="runs >= 1"):
        count_epochs(np.empty((0, 3)), rate=0.1, tolerance=1e-7, max_epochs=5)


def test_epochs_are_counted_as_by_one_run_of_floats():
    """Across the legs; a trapped run never ends, and one that is given up one epoch early has no count."""
    starts = [[0.9, -0.3, 0.2], [0.05, 0.1, 0.4], [0.7, 0.1, -0.3], [0.5, -0.5, 0.0], [0.6, -0.61, 1e-3]]
    settings = {"rate": 0.004, "tolerance": 1e-6}
    slow = [len(reference(s, max_epochs=2000, **settings)) - 1 for s in starts]
    assert slow[3] == 0
    assert slow[1] == 2000
    assert max(slow[0], slow[2]) > 2 * LEG
    slow[1] = np.inf
    assert count_epochs(starts, max_epochs=2000, **settings).tolist() == slow
    for given, counted in ((slow[0], slow[0]), (slow[0] - 1, np.inf)):
        assert count_epochs(starts[:1], max_epochs=given, **settings).tolist() == [counted]
