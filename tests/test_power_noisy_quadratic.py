"""The noisy quadratic: its closed form against the moment recursion step by step, and against simulated descent."""

import math

import numpy as np
import pytest

from trainphys.laws.batch_size import steps_to_target
from trainphys.simulate.noisy_quadratic import LossCurve, loss_curve, simulated_steps
from trainphys.systems.noisy_quadratic import NoisyQuadratic, power_law_quadratic


def reference_loss(model, steps, rate, batch):
    """The recursion of the second moments, one update at a time."""
    h, c = np.array(model.curvature), np.array(model.noise)
    moment = np.full(len(h), model.start**2)
    for _ in range(steps):
        moment = (1 - rate * h) ** 2 * moment + rate**2 * c / batch
    return 0.5 * float(h @ moment)


@pytest.mark.parametrize(("rate", "batch"), [(0.01, 1), (0.5, 4), (1.9, 100)])
def test_closed_form_is_the_recursion(rate, batch):
    model = NoisyQuadratic((1.0, 0.5, 0.01), (0.2, 1.0, 0.0), start=2.0)
    for steps in (0, 1, 2, 7, 100):
        assert model.expected_loss(steps, rate, batch) == pytest.approx(
            reference_loss(model, steps, rate, batch), rel=1e-10
        )


def test_steps_cross_the_target_between_two_updates():
    model, target = power_law_quadratic(16), 0.1
    steps = model.steps(0.3, 8, target)
    assert reference_loss(model, math.floor(steps), 0.3, 8) > target > reference_loss(model, math.ceil(steps), 0.3, 8)


def test_without_noise_one_mode_has_a_logarithm():
    model = NoisyQuadratic((1.0,), (0.0,))
    assert model.steps(0.1, 1, 0.005) == pytest.approx(math.log(100) / (-2 * math.log(0.9)))


def test_unstable_or_noisy_rates_never_arrive():
    model = power_law_quadratic(8)
    assert model.steps(2.1, 8, 0.1) == math.inf
    assert model.steps(1.5, 0.5, 0.01) == math.inf
    with pytest.raises(ValueError, match="diverges"):
        model.expected_loss(1, 2.0, 8)


def test_tuned_rate_beats_a_fine_scan():
    model = power_law_quadratic(32)
    target = 0.05 * model.initial_loss()
    for batch in (1.0, 30.0, 1000.0):
        best = model.tuned(batch, target)
        scan = min(model.steps(rate, batch, target) for rate in np.geomspace(1e-4, 1.999, 3000))
        assert best.bracketed
        assert best.steps == pytest.approx(scan, rel=1e-3)
        assert best.steps <= scan * (1 + 1e-9)


def test_limits_are_perfect_scaling_and_saturation():
    model = power_law_quadratic(32)
    target = 0.05 * model.initial_loss()
    few, many = model.tuned(1e-3, target), model.tuned(2e-3, target)
    assert few.steps / many.steps == pytest.approx(2, rel=1e-3)
    fewest = model.tuned(np.inf, target).steps
    assert model.tuned(1e6, target).steps == pytest.approx(fewest, rel=1e-3)
    critical = 1e-3 * few.steps / fewest
    for batch in (0.1 * critical, critical, 10 * critical):  # the plain law errs on the slow side
        plain = float(steps_to_target(batch, fewest, critical))
        assert 0.5 * plain < model.tuned(batch, target).steps < plain


def test_simulated_descent_takes_the_steps_of_the_closed_form():
    model = power_law_quadratic(32)
    target = 0.05 * model.initial_loss()
    batches = (2.0, 16.0, 128.0)
    rates = tuple(model.tuned(b, target).learning_rate for b in batches)
    found = simulated_steps(
        model=model, batch_sizes=batches, learning_rates=rates, target_loss=target, replicas=1000, seed=3
    )
    for batch, estimate in zip(batches, found, strict=True):
        exact = model.tuned(batch, target).steps
        assert abs(estimate.value - exact) < 4 * estimate.stderr
        assert estimate.stderr < 0.02 * exact


def test_simulated_descent_is_slower_at_other_rates():
    model = power_law_quadratic(32)
    target = 0.05 * model.initial_loss()
    rate = model.tuned(16.0, target).learning_rate
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
    with pytest.raises(ValueError, match="signs"):
        NoisyQuadratic((-1.0,), (1.0,))
    with pytest.raises(ValueError, match="target_loss"):
        power_law_quadratic(4).steps(0.1, 1, 1e9)
    with pytest.raises(ValueError, match="batch_size"):
        power_law_quadratic(4).expected_loss(1, 0.1, -1)
    with pytest.raises(ValueError, match="learning rate for each"):
        simulated_steps(
            model=power_law_quadratic(4), batch_sizes=(1.0,), learning_rates=(), target_loss=0.1, replicas=2, seed=0
        )
