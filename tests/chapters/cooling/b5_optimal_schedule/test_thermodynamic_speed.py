"""Tests of ``chapters.cooling.b5_optimal_schedule.thermodynamic_speed``."""

import math

import numpy as np
import pytest

from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import contestant
from trainphys.chapters.cooling.b5_optimal_schedule.thermodynamic_speed import best_staircase, measured_slow_entropy
from trainphys.laws.optimal_schedules import least_entropy_produced
from trainphys.laws.thermodynamic_length import constant_speed_schedule, slow_entropy, thermodynamic_length
from trainphys.systems.losses import double_well, harmonic


def test_staircase_tends_to_the_exact_least_entropy() -> None:
    exact = float(least_entropy_produced(1.0, 0.2, 6.0, 1.0))
    excess = [best_staircase(1.0, 0.2, 6.0, 1.0, n)[1] - exact for n in (5, 10, 20)]
    assert excess[0] > excess[1] > excess[2] > 0
    assert excess[1] / excess[2] == pytest.approx(4.0, rel=0.05)  # second order in the height of the steps
    temperatures, found, geometric = best_staircase(1.0, 0.2, 6.0, 1.0, 8)
    assert found == pytest.approx(geometric, rel=1e-7)
    assert np.diff(np.log(temperatures)) == pytest.approx(math.log(0.2) / 8, rel=1e-4)


def test_thermodynamic_length_bounds_every_schedule() -> None:
    loss = double_well(1.0, 0.5)
    least = thermodynamic_length(loss, 1.0, 0.2) ** 2
    for name in ("exponential", "linear", "cosine", "inverse time"):
        assert slow_entropy(loss, contestant(name, 1.0, 0.2, 1.0), 1.0) > least
    best = constant_speed_schedule(loss, 1.0, 0.2, 100.0)
    assert 100.0 * slow_entropy(loss, best, 100.0) == pytest.approx(least, rel=2e-3)


def test_a_run_too_short_for_slow_cooling_is_refused() -> None:
    """Down to 0.05 in this time the exponential produces less entropy: jumps between the wells freeze on the way."""
    with pytest.raises(ValueError, match=r"duration of at least 1\.2[0-9]e\+05"):
        constant_speed_schedule(double_well(1.0, 0.5), 1.0, 0.05, 100.0)


def test_slow_entropy_against_the_density() -> None:
    found = measured_slow_entropy(harmonic(2.0), lambda d: contestant("linear", 1.0, 0.1, d), 20.0)
    law = slow_entropy(harmonic(2.0), contestant("linear", 1.0, 0.1, 1.0), 1.0)
    assert found.value == pytest.approx(law, rel=0.01)
