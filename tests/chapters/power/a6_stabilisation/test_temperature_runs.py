"""Tests of ``chapters.power.a6_stabilisation.temperature_runs``."""

import pytest

from trainphys.chapters.power.a6_stabilisation.temperature_runs import simulated_temperature
from trainphys.laws.temperature import stationary_temperature


@pytest.mark.parametrize(("rate", "momentum"), [(0.3, 0.0), (0.2, 0.7), (2.5, 0.5), (0.5, -0.4)])
def test_temperature_is_that_of_simulated_runs(rate, momentum):
    settings = {
        "learning_rate": rate,
        "batch_size": 8,
        "momentum": momentum,
        "curvature": 1.0,
        "gradient_variance": 3.0,
    }
    found = simulated_temperature(**settings, updates=300, replicas=40_000, seed=1)
    exact = float(stationary_temperature(rate, 8, 3.0, momentum=momentum, curvature=1.0))
    assert abs(found.value - exact) < 5 * found.stderr
    assert found.stderr < 0.01 * exact
