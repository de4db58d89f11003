"""Tests of ``laws.momentum``."""

import numpy as np
import pytest

from tests.chapters.power.a6_stabilisation.test_heavy_ball_runs import MODEL, TARGET
from trainphys.laws.momentum import heavy_ball_loss, heavy_ball_steps, steps_by_momentum, tuned_momentum
from trainphys.laws.noisy_quadratic import steps_to_loss
from trainphys.systems.noisy_quadratic import NoisyQuadratic


def test_without_momentum_the_moments_are_those_of_plain_descent():
    for rate, batch in ((0.2, 4.0), (1.0, 64.0), (1.5, np.inf)):
        exact = steps_to_loss(MODEL, rate, batch, TARGET)
        assert float(heavy_ball_steps(MODEL, rate, 0.0, batch, TARGET)[0]) == pytest.approx(exact, rel=0.02)
    assert np.isinf(heavy_ball_steps(MODEL, [2.1, 1.0], [0.0, 0.0], [1e-3][0], TARGET)).all()


def test_one_mode_with_momentum_follows_the_update_itself():
    model = NoisyQuadratic((0.8,), (0.0,))
    theta, velocity, losses = 1.0, 0.0, []
    for _ in range(40):
        velocity = 0.6 * velocity - 0.5 * 0.8 * theta
        theta += velocity
        losses.append(0.4 * theta**2)
    first = next(k for k, loss in enumerate(losses) if loss <= 0.004)
    share = (losses[first - 1] - 0.004) / (losses[first - 1] - losses[first])
    assert float(heavy_ball_steps(model, 0.5, 0.6, 1.0, 0.004)[0]) == pytest.approx(first + share)


def test_tuned_momentum_is_the_best_of_a_grid():
    best = tuned_momentum(MODEL, 100.0, TARGET)
    counts, _ = steps_by_momentum(MODEL, np.linspace(0, 0.95, 40), 100.0, TARGET)
    assert best.bracketed
    assert best.steps <= counts.min() * (1 + 1e-3)
    for rate, beta in ((1.1, 1.0), (0.9, 1.0), (1.0, 1.05), (1.0, 0.95)):
        near = heavy_ball_steps(MODEL, best.learning_rate * rate, best.momentum * beta, 100.0, TARGET)[0]
        assert near >= best.steps * (1 - 1e-3)


def test_steps_and_losses_of_noisy_momentum_by_two_codes_agree():
    model, target = NoisyQuadratic((1.0, 0.2), (0.5, 0.1), start=2.0), 0.4
    steps = float(heavy_ball_steps(model, 0.3, 0.5, 8.0, target)[0])
    before, after = (float(heavy_ball_loss(model, 0.3, 0.5, 8.0, int(steps) + k)[0]) for k in (0, 1))
    assert steps == pytest.approx(int(steps) + (before - target) / (before - after), rel=1e-9)
    assert heavy_ball_loss(model, [0.3, 0.6], 0.5, 8.0, 0).tolist() == pytest.approx([model.initial_loss()] * 2)
    short, enough = int(steps), int(steps) + 1
    assert np.isinf(heavy_ball_steps(model, 0.3, 0.5, 8.0, target, most_steps=short)[0])
    assert heavy_ball_steps(model, 0.3, 0.5, 8.0, target, most_steps=enough)[0] == steps


def test_patience_gives_up_on_pairs_that_are_far_behind():
    rates = [0.5, 0.1, 0.01]
    fast, slow, slowest = heavy_ball_steps(MODEL, rates, 0.0, np.inf, TARGET)
    assert fast < slow < slowest < np.inf
    patience = 1.5 * slow / fast
    assert heavy_ball_steps(MODEL, rates, 0.0, np.inf, TARGET, patience=patience).tolist() == [fast, slow, np.inf]


def test_rates_by_momentum_are_the_best_near_them():
    counts, rates = steps_by_momentum(MODEL, [0.0, 0.5], 100.0, TARGET)
    for beta, count, rate in zip((0.0, 0.5), counts, rates, strict=True):
        near = heavy_ball_steps(MODEL, rate * np.linspace(0.95, 1.05, 201), beta, 100.0, TARGET)
        assert count <= near.min() * (1 + 1e-5)
