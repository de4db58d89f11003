"""The widths that ``time_to_target`` ships answer to the runs that they were set on."""

import math

import pytest

from tests.chapters.distance.c5_applications.calibration_runs import calibration_tests, group_widenings
from trainphys.tools.time_to_target.forecast import WIDENINGS


@pytest.mark.slow  # a calibration study of some thousand runs
def test_the_shipped_widths_are_those_of_the_calibration_runs() -> None:
    """Fresh runs of six kinds: the worst kind needs the shipped width, within the scatter of a 90th percentile."""
    found = calibration_tests(seed=17, runs=300)
    needed = group_widenings(found)
    assert all(0.65 * width < needed[group] < 1.2 * width for group, width in WIDENINGS.items())
    for test in found.values():
        held = test.coverage()
        assert held.value > 0.9 - 4 * math.sqrt(0.09 / held.n)
