"""Tests of ``chapters.cooling.b5_optimal_schedule.thermodynamic_speed``."""

import math

import numpy as np
import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.thermodynamic_speed import best_staircase
from trainphys.laws.optimal_schedules import least_entropy_produced


def test_staircase_tends_to_the_exact_least_entropy() -> None:
    exact = float(least_entropy_produced(1.0, 0.2, 6.0, 1.0))
    excess = [best_staircase(1.0, 0.2, 6.0, 1.0, n)[1] - exact for n in (5, 10, 20)]
    assert excess[0] > excess[1] > excess[2] > 0
    assert excess[1] / excess[2] == pytest.approx(4.0, rel=0.05)  # second order in the height of the steps
    temperatures, found, geometric = best_staircase(1.0, 0.2, 6.0, 1.0, 8)
    assert found == pytest.approx(geometric, rel=1e-7)
    assert np.diff(np.log(temperatures)) == pytest.approx(math.log(0.2) / 8, rel=1e-4)
