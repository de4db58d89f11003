"""Tests of ``chapters.cooling.b4_optimal_cooling.gradient_work``."""

import numpy as np
import pytest

from trainphys.chapters.cooling.b4_optimal_cooling.gradient_work import floor_schedule, particle_heat, particle_work
from trainphys.chapters.cooling.b4_optimal_cooling.laws import explored_share
from trainphys.laws.optimal_schedules import (
    least_energy_dissipated,
    least_energy_temperature,
    least_entropy_produced,
    least_entropy_schedule,
    least_entropy_to_rest,
    least_gradient_work,
)
from trainphys.laws.slow_cooling import pointwise_share, quasistatic_ratio
from trainphys.laws.two_wells import best_share, crossed_share
from trainphys.simulate.langevin import Ensemble
from trainphys.simulate.schedule_search import follow, optimal_schedule
from trainphys.systems.coolings import PiecewiseLog, quench
from trainphys.systems.losses import Quartic, double_well, harmonic, level_wells


def test_every_path_along_the_floor_costs_the_same():
    t = np.linspace(0, 4, 400)
    for path in (1 - 0.1 * t, np.exp(-0.2 * t)):
        schedule = floor_schedule(t, path, 0.15, 1.3)
        assert schedule.temperature(t) * schedule.mobility(t) == pytest.approx(np.full(400, 0.15))
        run = follow(harmonic(1.3), schedule, 4.0, 1.0, 400, 800)
        law = float(least_gradient_work(1.0, path[-1], 0.15, 1.3, 4.0))
        assert run.gradient_work == pytest.approx(law, rel=3e-3)


def test_work_and_heat_of_particles():
    x = np.array([[2.0, -2.0, 1.0], [1.0, -1.0, 0.5], [0.0, 0.0, 0.0]])
    ensemble = Ensemble(np.array([0.0, 1.0, 2.0]), x)
    loss = Quartic((0.0, 0.5, 1.0, -0.1, 0.2))
    slope = np.polynomial.Polynomial((0.5, 2.0, -0.3, 0.8))(x)
    assert particle_work(ensemble, loss, quench(1.0, 3.0)).value == pytest.approx(
        3 * np.mean((slope[0] ** 2 + slope[1] ** 2) / 2 + (slope[1] ** 2 + slope[2] ** 2) / 2)
    )
    assert particle_heat(ensemble, loss).value == pytest.approx(np.mean(loss.value(x[0]) - loss.value(x[2])))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: least_entropy_produced(1.0, 0.01, 1.0, 1.0),
        lambda: least_entropy_produced(-1.0, 0.5, 1.0, 1.0),
        lambda: least_entropy_schedule(0.5, 1.0, 10.0, 1.0),
        lambda: least_entropy_to_rest(0.5, 1.0, 10.0, 1.0),
        lambda: least_energy_dissipated(1.0, 0.01, 1.0, 1.0),
        lambda: least_energy_temperature(3.0, 1.0, 0.5, 2.0, 1.0),
        lambda: best_share(double_well(1.0, 0.5), [0.0, 1.0], 0.5, 1.0, 0.1),
        lambda: best_share(double_well(1.0, 0.5), [1.0, 0.0], 0.5, 0.1, 1.0),
        lambda: PiecewiseLog((0.0, 1.0), (1.0,), (1.0, 1.0)),
        lambda: PiecewiseLog((1.0, 0.0), (1.0, 1.0), (1.0, 1.0)),
        lambda: optimal_schedule(lambda o: o.entropy, harmonic(), 1.0, 1.0, 0.1),
        lambda: floor_schedule([0.0, 1.0, 2.0], [1.0, 5.0, 9.0], 0.1, 1.0),
        lambda: floor_schedule([0.0, 1.0], [1.0, -1.0], 0.1, 1.0),
        lambda: quasistatic_ratio(0.0),
        lambda: pointwise_share(1.0, 0.0),
        lambda: explored_share(-1.0),
        lambda: level_wells(0.0, 1.0),
        lambda: crossed_share(double_well(1.0), 0.5, 1.0, 0.0),
    ],
)
def test_bad_input_is_refused(wrong):
    with pytest.raises(ValueError, match=r"expected .*, got .*: "):
        wrong()
