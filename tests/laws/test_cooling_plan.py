"""Tests of ``laws.cooling_plan``."""

import math

import numpy as np
import pytest

from trainphys.laws.cooling_plan import dissipation_time, freezing_temperature, relaxation_time, time_to_closeness
from trainphys.systems.losses import double_well


@pytest.mark.parametrize("bad", [[0.0, 1.0], [-1.0]])
def test_cooling_times_need_positive_curvatures(bad):
    for call in (lambda: dissipation_time(bad, 2.0), lambda: time_to_closeness(bad, 1.0), lambda: relaxation_time(bad)):
        with pytest.raises(ValueError, match="flat or concave"):
            call()


def test_freezing_temperature_tends_to_its_logarithm() -> None:
    loss = double_well(1.0, 0.2)
    found = [freezing_temperature(loss, tau) for tau in (1e3, 1e6, 1e9)]
    slopes = np.diff(1 / np.array(found)) / math.log(1e3)  # d(1/T) / d ln tau -> 1/B, from r ~ exp(-B/T)
    barrier = 1 / slopes[-1]
    assert barrier == pytest.approx(0.9, rel=0.08)
