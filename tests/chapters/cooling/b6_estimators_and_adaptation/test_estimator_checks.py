"""Tests of ``chapters.cooling.b6_estimators_and_adaptation.estimator_checks``."""

import math

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.chapters.cooling.b6_estimators_and_adaptation.estimator_checks import (
    confining_temperature,
    decay_time,
    ensemble_estimators,
    needed_temperature,
)
from trainphys.ensemble import stream
from trainphys.laws.cooling_plan import final_temperature
from trainphys.simulate.minibatch_sgd import tilted_quadratic
from trainphys.systems.losses import Quartic, harmonic


def test_needed_temperature_and_decay():
    found = needed_temperature([0.3, 2.0, 1.0], 0.2, stream(0, "needed"), particles=20_000)
    assert abs(found.value - final_temperature(0.2, 3)) < found.tolerance()
    model = tilted_quadratic([0.5, 1.0], np.eye(2))
    time = decay_time(
        model, np.zeros(2), np.array([5.0, 0.0]), stream(0, "decay"),
        learning_rate=0.1, batch_size=16, updates=20, replicas=500,
    )  # fmt: skip
    assert abs(time.value + 1 / math.log(0.95)) < time.tolerance()


def test_configurational_temperature_is_that_of_the_bath():
    variance, norm, laplacian = ensemble_estimators(harmonic(1.0), 0.5, stream(0, "bath"), particles=50_000)
    assert abs(laplacian.value - 0.5 / (1 - 0.00125)) < laplacian.tolerance()
    assert variance / norm == pytest.approx(math.sqrt(0.5 * math.pi / 2), rel=0.03)


def test_softest_mode_is_confined_at_its_curvature_times_the_squared_spread():
    found = confining_temperature([0.3, 2.0], 0.5, stream(0, "confined"))
    assert abs(found.value - 0.3 * 0.25) < found.tolerance()


def test_decay_is_that_of_single_runs():
    """What is left of a displacement after so many updates, on the batches drawn, replica by replica."""
    model, rng, left = tilted_quadratic([0.5, 1.0], np.eye(2), samples=8), stream(3, "decay"), 0.0
    settings = {"learning_rate": 0.1, "batch_size": 5, "updates": 6, "replicas": 4}
    found = decay_time(model, np.array([0.2, 0.1]), np.array([3.0, 1.0]), stream(3, "decay"), **settings)
    batches = [rng.integers(8, size=(4, 5)).tolist() for _ in range(6)]
    for r in range(4):
        x = [3.2, 1.1]
        for n in range(6):
            tilt = [sum(float(model.tilts[m, i]) for m in batches[n][r]) / 5 for i in (0, 1)]
            x = [v - 0.1 * (h * v + t) for v, h, t in zip(x, (0.5, 1.0), tilt, strict=True)]
        left += ((x[0] - 0.2) * 3 + (x[1] - 0.1) * 1) / 10 / 4
    assert found.value == pytest.approx(-6 / math.log(left))


def test_estimators_of_particles_are_those_of_single_ones():
    """Fifty groups of two particles, seven moments; variance and mean size of the slope, over the mean curvature."""
    loss, rng = Quartic((0.0, 0.1, 0.2, 0.03, 0.05)), stream(3, "bath")
    found = ensemble_estimators(loss, 0.4, stream(3, "bath"), particles=100, dt=1.0)
    start = rng.uniform(-1.2, 1.2, 100).tolist()
    key, times = int(rng.integers(2**64, dtype=np.uint64)), [float(n) for n in range(7)]
    slope = lambda x: 0.1 + 0.4 * x + 0.09 * x * x + 0.2 * x**3  # noqa: E731
    ends = [
        twins.particle(x, slope, lambda t: 0.4, lambda t: 1.0, times, twins.normals_of(key, i, 6))[-1]
        for i, x in enumerate(start)
    ]
    force, bend = [slope(x) for x in ends], [0.4 + 0.18 * x + 0.6 * x * x for x in ends]
    variance = sum(f * f for f in force) / 100 - (sum(force) / 100) ** 2
    assert found[0] == pytest.approx(variance)
    assert found[1] == pytest.approx(sum(map(abs, force)) / 100)
    assert found[2].value == pytest.approx(variance / (sum(bend) / 100))


def relaxed(curvatures, rng, particles):
    """Each coordinate by itself, two exact steps from the minimum at temperature one, on the normals drawn."""
    wait = 6 / min(curvatures)
    first, second = (rng.standard_normal((particles, len(curvatures))).tolist() for _ in (0, 1))
    places = []
    for one, other in zip(first, second, strict=True):
        place = []
        for k, a, b in zip(curvatures, one, other, strict=True):
            kept, kick = math.exp(-k * wait), math.sqrt((1 - math.exp(-2 * k * wait)) / k)
            place.append(kept * kick * a + kick * b)
        places.append(place)
    return places


def test_the_needed_temperature_is_that_of_single_particles():
    curvatures, particles = (0.7, 2.5), 9
    losses = [
        sum(k * x * x / 2 for k, x in zip(curvatures, place, strict=True))
        for place in relaxed(curvatures, stream(6, "needed"), particles)
    ]
    mean = sum(losses) / particles
    spread = math.sqrt(sum((v - mean) ** 2 for v in losses) / (particles - 1) / particles)
    found = needed_temperature(curvatures, 0.3, stream(6, "needed"), particles=particles)
    assert (found.value, found.stderr) == pytest.approx((0.3 / mean, 0.3 / mean**2 * spread))


def test_the_confining_temperature_is_that_of_single_particles():
    curvatures = (2.5, 0.4, 1.0)
    squares = [place[1] ** 2 for place in relaxed(curvatures, stream(8, "confined"), 40_000)]
    found = confining_temperature(curvatures, 0.3, stream(8, "confined"))
    assert found.value == pytest.approx(0.09 / (sum(squares) / 40_000))
