"""Tests of ``xor.run_records``."""

import pytest

from trainphys.xor.run_records import records
from trainphys.xor.trajectories import train


@pytest.mark.parametrize(
    ("start", "goal", "message"),
    [([0, 0, 0.5], "minimum", "expected a run that converged"), ([1, 0, 0], "x", "expected goal")],
)
def test_runs_without_an_end_or_a_goal_are_refused(start, goal, message):
    with pytest.raises(ValueError, match=message):
        records(train([start], rate=0.1, tolerance=1e-7, max_epochs=50), goal=goal)
