"""Tests of ``chapters.cooling.b4_optimal_cooling.aims``."""

import numpy as np
import pytest

from trainphys.chapters.cooling.b4_optimal_cooling.aims import searched_schedule
from trainphys.laws.optimal_schedules import least_entropy_schedule, least_entropy_to_rest
from trainphys.simulate.schedule_search import optimal_schedule, refined_outcome
from trainphys.systems.losses import harmonic


def test_search_finds_the_known_optima():
    well = harmonic(2.0)
    quenched = searched_schedule("loss", well, 1.0, 0.1)
    assert max(quenched.temperatures) == pytest.approx(0.1, rel=1e-3)
    thrifty = optimal_schedule(lambda o: o.entropy_to_rest, well, 1.5, 0.1, 1.0, rest=0.1)
    assert thrifty.converged
    law, spread = least_entropy_to_rest(1.0, 0.1, 1.5, 2.0)
    found = refined_outcome(lambda o: o.entropy_to_rest, well, thrifty.schedule, 1.5, 1.0, rest=0.1)
    assert found.value == pytest.approx(law, rel=3e-3)
    t = np.linspace(0, 1.5, 20)
    assert thrifty.schedule.temperature(t) == pytest.approx(
        least_entropy_schedule(1.0, spread, 1.5, 2.0).temperature(t), rel=0.03
    )
    idle = searched_schedule("work", well, 1.0, 0.1, floor=0.2)
    assert idle.temperatures == pytest.approx((1.0,) * 8, rel=1e-3)
    assert idle.mobilities == pytest.approx((0.2,) * 8, rel=1e-3)
