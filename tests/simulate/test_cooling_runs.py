"""Tests of ``simulate.cooling_runs``."""

import math

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.laws.slow_cooling import slow_cooling
from trainphys.simulate.cooling_runs import CoolingRun, with_refinement_error
from trainphys.systems.coolings import Exponential
from trainphys.systems.grid import Grid
from trainphys.systems.losses import Quartic, double_well

QUARTIC = Quartic((0, 0, 0, 0, 1))


def test_power_law_wells_produce_as_a_power_of_temperature_when_slow() -> None:
    """For L = |x|^n the rate of slow cooling goes as T^(2/n - 1): T^(-1/2) for n = 4."""
    slow = Exponential(1.0, 400.0)
    run = CoolingRun(QUARTIC, slow, slow.duration(0.1), cells=1500, steps=4000).history()
    T = slow.temperature(run.times)
    slope = np.polyfit(np.log(T[50:]), np.log(run.total[50:]), 1)[0]
    assert abs(slope + 0.5) < 0.02


@pytest.mark.parametrize("loss", [QUARTIC, double_well(1.0, 0.5)])
def test_slow_cooling_is_the_limit_of_the_solver(loss: Quartic) -> None:
    law = slow_cooling(loss, 0.4, 1.0, Grid.around(loss, 0.4, 3000))
    scaled = []
    for tau in (500.0, 1000.0):
        schedule = Exponential(1.0, tau)
        run = CoolingRun(loss, schedule, schedule.duration(0.4), cells=1000, steps=10_000, records=10).history()
        scaled.append((2 * run.divergence[-1] * tau**2, -run.total[-1] / run.system[-1] * tau))
    lag_square, friction = 2 * np.array(scaled[1]) - np.array(scaled[0])
    assert lag_square == pytest.approx(law.lag_time**2, rel=0.01)
    assert friction == pytest.approx(law.friction_time, rel=0.01)


@pytest.mark.parametrize("start", [None, 1.5, 0.4])
def test_a_cooling_run_is_recorded_as_by_a_loop(start: float | None) -> None:
    """Twelve steps, six records, from the schedule's own temperature, a hotter or a colder one."""
    loss, schedule = double_well(1.0, 0.5), Exponential(0.9, 0.6, mobility_start=1.3, mobility_tau=0.4)
    run = CoolingRun(loss, schedule, 0.9, start, cells=12, steps=12, records=6)
    density, grid = run.densities()
    heights = [float(loss.value(x)) for x in grid.centres]
    T, eta = lambda t: 0.9 * math.exp(-t / 0.6), lambda t: 1.3 * math.exp(-t / 0.4)
    first = twins.boltzmann_of(heights, grid.width, 0.9 if start is None else start)
    path = twins.density_path(first, heights, grid.width, T, eta, [0.075 * n for n in range(13)], second=False)
    np.testing.assert_allclose(density.density, path[::2], rtol=1e-11)
    np.testing.assert_allclose(density.times, 0.15 * np.arange(7), atol=1e-15)
    last = twins.entropy_rates(path[12], heights, grid.width, T(0.9), eta(0.9))
    assert run.history().total[6] == pytest.approx(last[0], rel=1e-8)
    edge = 30 * max(start or 0.9, 0.9)  # in units of the loss above the lowest: the walls
    assert min(float(loss.value(x)) for x in (grid.left, grid.right)) > loss.minimum() + edge * 0.999


def test_the_error_of_refinement_is_the_change_on_halving_both() -> None:
    asked = []

    def measure(cells: int, steps: int) -> float:
        asked.append((cells, steps))
        return 1 + 3 / cells + 5 / steps

    found = with_refinement_error(measure, 10, 20)
    assert sorted(asked) == [(5, 10), (10, 20)]
    assert (found.value, found.tolerance()) == pytest.approx((1.55, 0.55))
    run = CoolingRun(double_well(1.0, 0.5), Exponential(0.9, 0.6), 0.9, cells=12, steps=8, records=4)
    assert run.estimate(lambda h: float(h.total[-1])).value == pytest.approx(float(run.history().total[-1]), rel=1e-12)
