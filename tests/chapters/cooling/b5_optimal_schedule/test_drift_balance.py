"""Tests of ``chapters.cooling.b5_optimal_schedule.drift_balance``."""

import math

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.chapters.cooling.b5_optimal_schedule.drift_balance import (
    _change,
    measured_balancing_exponent,
    measured_drift_change,
    measured_drift_ratio,
    power_well,
    sgd_temperatures,
)
from trainphys.ensemble import stream
from trainphys.laws.drift_balance import balancing_exponent, drift_ratio, rate_for_temperature
from trainphys.laws.temperature import stationary_temperature
from trainphys.systems.coolings import Exponential
from trainphys.systems.grid import Grid
from trainphys.systems.losses import harmonic


def test_drift_ratio_of_particles_and_densities() -> None:
    schedule = Exponential(1.0, 3.0, mobility_tau=6.0)
    found = measured_drift_ratio(harmonic(2.0), schedule, 3.0, 0.01, 20_000, stream(0, "ratio"))
    assert abs(found[0].value - float(drift_ratio(1.0, 2.0))) < found[0].tolerance()
    steep = measured_drift_change(4.0, 0.5, 500.0, fall=30.0)
    assert steep.value == pytest.approx(30 ** (-0.9 * 0.5), rel=0.02)


def test_the_balancing_exponent_is_that_of_the_law() -> None:
    found = measured_balancing_exponent(3.0, tau=1000.0, fall=30.0)
    assert found.value == pytest.approx(float(balancing_exponent(3.0)), rel=0.03)


def test_sgd_temperature_follows_the_rate() -> None:
    rates = 0.1 * np.exp(-np.arange(round(400 * math.log(4))) / 800)
    found = sgd_temperatures(rates, np.full(rates.size, 64.0), 20_000, stream(0, "sgd"))
    assert len(found) == 5
    for moment in (0, 4):
        eta = rates[min(moment * (len(rates) // 4), len(rates) - 1)]
        law = float(stationary_temperature(eta, 64, 1.0, curvature=1.0))
        assert abs(found[moment].value - law) < found[moment].tolerance() + 0.02 * law
    assert float(rate_for_temperature(0.5 * 0.1 / 128, 64, 1.0)) == pytest.approx(0.05)


def test_temperatures_of_sgd_are_those_of_single_replicas() -> None:
    """Nine updates in four parts: read at the start and after every second; rate and batch are those of the update."""
    rates, batches = [0.3 - 0.02 * n for n in range(9)], [4.0 + n for n in range(9)]
    found, rng = sgd_temperatures(rates, batches, 5, stream(3, "sgd")), stream(3, "sgd")
    theta = [math.sqrt(0.3 / 8 / (1 - 0.15)) * z for z in rng.standard_normal(5).tolist()]
    slow = [sum(x * x for x in theta) / 5]
    for n in range(9):
        kicks = rng.standard_normal(5, dtype=np.float32).tolist()
        theta = [x - rates[n] * (x + z / batches[n] ** 0.5) for x, z in zip(theta, kicks, strict=True)]
        if n in (1, 3, 5, 7):
            slow.append(sum(x * x for x in theta) / 5)
    assert [f.value for f in found] == pytest.approx(slow, rel=1e-5)


def test_drift_ratios_are_those_of_single_particles() -> None:
    """At the start and after each quarter of eight steps, with the temperature and mobility of that moment."""
    schedule = Exponential(0.9, 1.1, mobility_start=0.7, mobility_tau=0.8)
    found, rng = measured_drift_ratio(harmonic(2.0), schedule, 0.8, 0.1, 4, stream(3, "ratio")), stream(3, "ratio")
    T, eta = lambda t: 0.9 * math.exp(-t / 1.1), lambda t: 0.7 * math.exp(-t / 0.8)
    start = [math.sqrt(0.9 / 2.0) * z for z in rng.standard_normal(4).tolist()]
    key, times = int(rng.integers(2**64, dtype=np.uint64)), [0.1 * n for n in range(9)]
    paths = [
        twins.particle(x, lambda v: 2 * v, T, eta, times, twins.normals_of(key, i, 8)) for i, x in enumerate(start)
    ]
    for k, n in enumerate((0, 2, 4, 6, 8)):
        squares = sum((2 * path[n]) ** 2 for path in paths) / 4
        assert found[k].value == pytest.approx(math.sqrt(eta(times[n]) * squares / (2 * T(times[n]))))


@pytest.mark.parametrize("tie", [0.0, 0.5])
def test_the_change_of_the_ratio_is_that_of_a_plain_walk(tie: float) -> None:
    """From a tenth of the steps to the end; falling temperature, and the mobility tied to it."""
    loss, (cells, steps) = power_well(4.0), (14, 20)
    grid = Grid.around(loss, 1.0, cells)
    x = [float(v) for v in grid.centres]
    heights, end = [v**4 for v in x], 5.0 * math.log(8.0)
    T = lambda t: math.exp(-t / 5.0)  # noqa: E731
    path = twins.density_path(
        twins.boltzmann_of(heights, grid.width, 1.0), heights, grid.width, T, lambda t: T(t) ** tie,
        [end * n / steps for n in range(steps + 1)], second=True,
    )  # fmt: skip
    ratio = []
    for n in (2, 20):
        t = end * n / steps
        squares = sum(p * (4 * v**3) ** 2 for p, v in zip(path[n], x, strict=True)) * grid.width
        ratio.append(math.sqrt(T(t) ** tie * squares / (2 * T(t))))
    assert _change(4.0, tie, 5.0, 8.0, cells, steps) == pytest.approx(ratio[1] / ratio[0], rel=1e-8)
