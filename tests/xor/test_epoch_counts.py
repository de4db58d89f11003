"""Tests of ``xor.epoch_counts``."""

import numpy as np
import pytest

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
