"""Tests of ``chapters.power.a2_pareto_frontier.frontier``."""

import numpy as np
import pytest

from trainphys.chapters.power.a2_pareto_frontier.claimed import claimed_product
from trainphys.chapters.power.a2_pareto_frontier.frontier import measured_elasticity_ratio
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import (
    elasticity_ratio,
    product_of_time_and_efficiency,
    sample_efficiency,
    steps_to_target,
)


def test_frontier_closed_forms():
    assert claimed_product(np.array([0.5, 1.0, 2.0])).argmin() == 1
    steps, batch = float(steps_to_target(50.0, 20.0, 100.0, 1.7)), 50.0
    share = float(sample_efficiency(batch, 100.0, 1.7))
    assert product_of_time_and_efficiency(batch, 2000.0) == pytest.approx(steps * share)


def test_error_of_the_elasticity_by_resampling():
    rng = stream(0, "test")
    draws = [elasticity_ratio(200 + 2 * a, 120 + b, 4.0) for a, b in rng.standard_normal((4000, 2))]
    found = measured_elasticity_ratio(Estimate(200.0, 2.0, 9), Estimate(120.0, 1.0, 9), 4.0)
    assert found.stderr == pytest.approx(np.std(draws), rel=0.06)
