"""Tests of ``chapters.power.a6_stabilisation.heavy_ball_runs``."""

import numpy as np
import pytest

from trainphys.chapters.power.a6_stabilisation.heavy_ball_runs import simulated_heavy_ball_loss
from trainphys.ensemble import stream
from trainphys.laws.momentum import heavy_ball_loss, heavy_ball_steps, tuned_momentum
from trainphys.systems.noisy_quadratic import NoisyQuadratic, power_law_quadratic

MODEL = power_law_quadratic(16)


TARGET = 0.05 * MODEL.initial_loss()


@pytest.mark.parametrize(("rate", "momentum", "batch"), [(0.3, 0.6, 20.0), (1.5, 0.5, 200.0), (0.05, 0.9, 8.0)])
def test_the_loss_is_that_of_simulated_runs_and_falls_to_the_target_where_the_search_says(rate, momentum, batch):
    steps = int(heavy_ball_steps(MODEL, rate, momentum, batch, TARGET)[0])
    for updates in (9, steps, steps + 1):
        (exact,) = heavy_ball_loss(MODEL, rate, momentum, batch, updates=updates)
        found = simulated_heavy_ball_loss(
            model=MODEL,
            batch_size=batch,
            learning_rate=rate,
            momentum=momentum,
            updates=updates,
            replicas=20_000,
            seed=4,
        )
        assert abs(found.value - exact) < 5 * found.stderr
    before, after = (heavy_ball_loss(MODEL, rate, momentum, batch, updates=n)[0] for n in (steps, steps + 1))
    assert before > TARGET >= after


def test_the_best_momentum_for_a_deep_target_is_that_of_the_condition_number():
    condition, model = 25.0, NoisyQuadratic((1.0, 0.04), (0.0, 0.0))
    polyak = ((condition**0.5 - 1) / (condition**0.5 + 1)) ** 2
    assert tuned_momentum(model, np.inf, 1e-14).momentum == pytest.approx(polyak, abs=0.06)


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="order of arguments"):
        heavy_ball_steps(MODEL, 0.1, 1.0, 8.0, TARGET)
    with pytest.raises(ValueError, match="target_loss"):
        heavy_ball_steps(MODEL, 0.1, 0.5, 8.0, 1e3)


def test_the_loss_is_that_of_single_runs():
    model, rng = NoisyQuadratic((1.5, 0.4), (0.7, 0.3), start=1.2), stream(3, "heavy-ball loss")
    found = simulated_heavy_ball_loss(
        model=model, batch_size=4.0, learning_rate=0.3, momentum=0.6, updates=6, replicas=4, seed=3
    )
    start = rng.standard_normal((4, 2)).tolist()
    kicks, total = [rng.standard_normal((4, 2)).tolist() for _ in range(6)], 0.0
    for r in range(4):
        for i, (h, c) in enumerate(((1.5, 0.7), (0.4, 0.3))):
            theta, v = 1.2 * start[r][i], 0.0
            for n in range(6):
                v = 0.6 * v - 0.3 * (h * theta - (c / 4.0) ** 0.5 * kicks[n][r][i])
                theta += v
            total += h * theta**2 / 2 / 4
    assert found.value == pytest.approx(total)
