"""Tests of ``chapters.power.a6_stabilisation.temperature_runs``."""

import pytest

from trainphys.chapters.power.a6_stabilisation.temperature_runs import simulated_temperature
from trainphys.ensemble import stream
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


def test_temperature_is_that_of_single_runs():
    """The same kicks, one replica at a time: velocity first, then the parameter, so many updates and no more."""
    found = simulated_temperature(
        learning_rate=0.4,
        batch_size=2.0,
        momentum=0.6,
        curvature=1.5,
        gradient_variance=3.0,
        updates=7,
        replicas=5,
        seed=2,
    )
    rng, total = stream(2, "temperature"), 0.0
    kicks = [rng.standard_normal(5).tolist() for _ in range(7)]
    for r in range(5):
        theta = v = 0.0
        for n in range(7):
            v = 0.6 * v - 0.4 * (1.5 * theta + (3.0 / 2.0) ** 0.5 * kicks[n][r])
            theta += v
        total += 1.5 * theta**2 / 5
    assert found.value == pytest.approx(total)
