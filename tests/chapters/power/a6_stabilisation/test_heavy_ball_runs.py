"""Tests of ``chapters.power.a6_stabilisation.heavy_ball_runs``."""

import numpy as np
import pytest

from trainphys.chapters.power.a6_stabilisation.heavy_ball_runs import (
    claimed_momentum,
    simulated_heavy_ball,
    simulated_heavy_ball_loss,
)
from trainphys.laws.momentum import heavy_ball_loss, heavy_ball_steps, tuned_momentum
from trainphys.systems.noisy_quadratic import NoisyQuadratic, power_law_quadratic

MODEL = power_law_quadratic(16)


TARGET = 0.05 * MODEL.initial_loss()


@pytest.mark.parametrize(("rate", "momentum", "batch"), [(0.3, 0.6, 20.0), (1.5, 0.5, 200.0), (0.05, 0.9, 8.0)])
def test_moments_are_those_of_simulated_runs(rate, momentum, batch):
    found = simulated_heavy_ball(
        model=MODEL, batch_size=batch, learning_rate=rate, momentum=momentum, target_loss=TARGET, replicas=4000, seed=3
    )
    exact = float(heavy_ball_steps(MODEL, rate, momentum, batch, TARGET)[0])
    assert abs(found.value - exact) < 5 * found.stderr + 0.005 * exact  # looks may be two updates apart


def test_the_loss_after_some_updates_is_that_of_simulated_runs_and_falls_to_the_target_where_the_search_says():
    settings = {"batch_size": 20.0, "learning_rate": 0.3, "momentum": 0.6}
    found = simulated_heavy_ball_loss(model=MODEL, **settings, updates=9, replicas=20_000, seed=4)
    exact = heavy_ball_loss(MODEL, 0.3, 0.6, 20.0, updates=9)
    assert abs(found.value - exact[0]) < 5 * found.stderr
    steps = int(heavy_ball_steps(MODEL, 0.3, 0.6, 20.0, TARGET)[0])
    before, after = (heavy_ball_loss(MODEL, 0.3, 0.6, 20.0, updates=n)[0] for n in (steps, steps + 1))
    assert before > TARGET >= after


def test_polyak_momentum_is_the_limit_of_a_deep_target():
    model = NoisyQuadratic((1.0, 0.04), (0.0, 0.0))
    assert tuned_momentum(model, np.inf, 1e-14).momentum == pytest.approx((4 / 6) ** 2, abs=0.06)
    assert claimed_momentum(4.0) == 0.5
    with pytest.raises(ValueError, match="order of arguments"):
        heavy_ball_steps(MODEL, 0.1, 1.0, 8.0, TARGET)
    with pytest.raises(ValueError, match="target_loss"):
        heavy_ball_steps(MODEL, 0.1, 0.5, 8.0, 1e3)
