"""Tests of ``simulate.noisy_quadratic``."""

import numpy as np
import pytest

from trainphys.laws.noisy_quadratic import expected_loss, steps_to_loss, tuned_steps
from trainphys.simulate.noisy_quadratic import LossCurve, loss_curve, simulated_steps
from trainphys.systems.noisy_quadratic import NoisyQuadratic, power_law_quadratic


def test_simulated_descent_takes_the_steps_of_the_closed_form():
    model = power_law_quadratic(32)
    target = 0.05 * model.initial_loss()
    batches = (2.0, 16.0, 128.0)
    rates = tuple(tuned_steps(model, b, target).learning_rate for b in batches)
    found = simulated_steps(
        model=model, batch_sizes=batches, learning_rates=rates, target_loss=target, replicas=1000, seed=3
    )
    for batch, estimate in zip(batches, found, strict=True):
        exact = tuned_steps(model, batch, target).steps
        assert abs(estimate.value - exact) < 4 * estimate.stderr
        assert estimate.stderr < 0.02 * exact


def test_simulated_descent_is_slower_at_other_rates():
    model = power_law_quadratic(32)
    target = 0.05 * model.initial_loss()
    rate = tuned_steps(model, 16.0, target).learning_rate
    slow, best, fast = simulated_steps(
        model=model,
        batch_sizes=(16.0,) * 3,
        learning_rates=(0.5 * rate, rate, 1.3 * rate),
        target_loss=target,
        replicas=500,
        seed=4,
    )
    assert slow.value > best.value + 4 * best.stderr
    assert fast.value > best.value + 4 * best.stderr


def test_error_bar_covers_the_scatter_of_repeated_simulations():
    model = power_law_quadratic(8)
    target = 0.1 * model.initial_loss()
    found = [
        loss_curve(model=model, batch_size=8, learning_rate=0.3, target_loss=target, replicas=100, seed=s).steps_to(
            target
        )
        for s in range(100)
    ]
    scatter = np.std([f.value for f in found], ddof=1)
    assert np.mean([f.stderr for f in found]) == pytest.approx(scatter, rel=0.35)  # 100 draws know it to 7 %


def test_a_curve_that_stays_above_the_target_is_reported():
    curve = LossCurve(np.array([0, 1]), np.ones((2, 3)))
    with pytest.raises(ValueError, match="to cross"):
        curve.steps_to(0.5)


def test_bad_models_are_refused():
    with pytest.raises(ValueError, match="as many noises"):
        NoisyQuadratic((1.0,), (1.0, 2.0))
    with pytest.raises(ValueError, match="curvature > 0"):
        NoisyQuadratic((-1.0,), (1.0,))
    with pytest.raises(ValueError, match="target_loss"):
        steps_to_loss(power_law_quadratic(4), 0.1, 1, 1e9)
    with pytest.raises(ValueError, match="batch_size"):
        expected_loss(power_law_quadratic(4), 1, 0.1, -1)
    with pytest.raises(ValueError, match="shorter"):
        simulated_steps(
            model=power_law_quadratic(4), batch_sizes=(1.0,), learning_rates=(), target_loss=0.1, replicas=2, seed=0
        )
