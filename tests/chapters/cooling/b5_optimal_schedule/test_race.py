"""Tests of ``chapters.cooling.b5_optimal_schedule.race``."""

import numpy as np
import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.race import corrugated


def test_many_basins_have_their_lowest_in_the_middle() -> None:
    x = np.linspace(-3, 3, 601)
    loss = corrugated(0.1, 0.25, 2.0).value(x)
    inner = (loss[1:-1] < loss[:-2]) & (loss[1:-1] < loss[2:])
    assert inner.sum() == 3
    assert x[loss.argmin()] == pytest.approx(0.0, abs=1e-9)
