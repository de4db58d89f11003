"""Tests of ``simulate.cooling_runs``."""

import numpy as np
import pytest

from trainphys.laws.slow_cooling import slow_cooling
from trainphys.simulate.cooling_runs import CoolingRun
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
