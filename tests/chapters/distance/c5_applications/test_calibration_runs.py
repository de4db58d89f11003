"""The widths that ``time_to_target`` ships answer to the runs that they were set on."""

import math

import numpy as np
import pytest

from tests.chapters.distance.c5_applications.calibration_runs import (
    calibration_tests,
    few_modes,
    needed_widenings,
    pooled,
)
from trainphys.tools.time_to_target.forecast import WIDENINGS


@pytest.mark.slow  # a calibration study of some thousand runs
@pytest.mark.parametrize("seen", WIDENINGS)
def test_the_shipped_widths_are_those_of_the_calibration_runs(seen) -> None:
    """Fresh runs of six kinds: the worst kind needs the shipped width, within the scatter of a 90th percentile."""
    found = pooled([calibration_tests(seed, runs=300, norms=seen == "norms") for seed in (17, 18)])
    assert 0.85 * WIDENINGS[seen] < max(needed_widenings(found).values()) < 1.15 * WIDENINGS[seen]
    for test in found.values():
        held = test.coverage()
        assert held.value > 0.9 - 4 * math.sqrt(0.09 / held.n)


def test_made_up_noise_is_not_in_the_truth() -> None:
    made = few_modes(3, np.random.default_rng(0))
    assert made.clean.shape == made.curves.shape == (300, 3)
    assert (np.diff(made.clean, axis=0) < 0).all()
    noise = np.log(made.curves / made.clean).std(axis=0)
    assert ((noise > 0.001) & (noise < 0.06)).all()
