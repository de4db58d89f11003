"""Tests of ``chapters.power.a8_operating_point.timed_updates``."""

import pytest

from trainphys.chapters.power.a8_operating_point.timed_updates import timed_updates
from trainphys.chapters.power.shared.batch_sweep import CHARACTERS
from trainphys.tools.batch_size.step_time import fit_step_time


def test_updates_are_timed():
    seconds = timed_updates(workload=CHARACTERS, batch_sizes=(4, 64), repeats=3)
    assert all(s > 0 for s in seconds)
    assert fit_step_time((4, 64), seconds).per_sample_s >= 0
    with pytest.raises(ValueError, match="positive seconds"):
        fit_step_time((4, 64), (1.0, 0.0))
