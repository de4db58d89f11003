"""Tests of ``chapters.power.a2_pareto_frontier.frontier``."""

import numpy as np
import pytest

from trainphys.chapters.power.a2_pareto_frontier.frontier import least_energy_delay, saved
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import product_of_time_and_efficiency, sample_efficiency, steps_to_target


def test_product_is_that_of_time_and_efficiency():
    steps, batch = float(steps_to_target(50.0, 20.0, 100.0, 1.7)), 50.0
    share = float(sample_efficiency(batch, 100.0, 1.7))
    assert product_of_time_and_efficiency(batch, 2000.0) == pytest.approx(steps * share)


def test_errors_by_resampling():
    rng, sizes, steps = stream(0, "test"), [40.0, 110.0, 300.0], np.array([60.0, 35.0, 26.0])
    again = [[Estimate(s, 0.0, 9) for s in steps + 0.2 * noise] for noise in rng.standard_normal((2000, 3))]
    measured = [Estimate(s, 0.2, 9) for s in steps]
    for found, draws in (
        (least_energy_delay(sizes, measured), [least_energy_delay(sizes, s).value for s in again]),
        (saved(measured[0], measured[1], 2.75), [saved(s[0], s[1], 2.75).value for s in again]),
    ):
        assert found.stderr == pytest.approx(np.std(draws), rel=0.08)


def test_least_energy_times_delay_of_the_law_is_at_the_critical_batch():
    sizes = [60.0, 100.0, 160.0]
    steps = [Estimate(float(s), 0.0, 9) for s in steps_to_target(sizes, 20.0, 100.0, 1.5)]
    assert least_energy_delay(sizes, steps).value == pytest.approx(100.0, rel=0.01)
    with pytest.raises(ValueError, match="sweep further"):
        least_energy_delay(sizes[1:], steps[1:])
