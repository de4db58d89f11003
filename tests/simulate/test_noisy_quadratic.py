"""Tests of ``simulate.noisy_quadratic``."""

import math
import zlib

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.ensemble import stream
from trainphys.laws.noisy_quadratic import expected_loss, steps_to_loss, tuned_steps
from trainphys.simulate.noisy_quadratic import LossCurve, loss_curve, simulated_steps, watched
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


def test_a_loss_curve_is_that_of_single_runs_update_by_update():
    """The same kicks, one replica at a time in Python's floats: looks, losses, and where the curve ends."""
    model, looks = NoisyQuadratic((1.5, 0.4), (0.7, 0.3), start=1.2), []
    curve = loss_curve(model=model, batch_size=4.0, learning_rate=0.15, target_loss=0.2, replicas=6, seed=3)
    rng = stream(3, "noisy-quadratic")
    start = 1.2 * rng.standard_normal((6, 2), dtype=np.float32)
    last = int(curve.steps[-1])
    kicks = [rng.standard_normal((6, 2), dtype=np.float32).tolist() for _ in range(last)]
    runs = [
        twins.quadratic_losses(start[r].tolist(), [1.5, 0.4], [0.7, 0.3], 4.0, 0.15, [k[r] for k in kicks])
        for r in range(6)
    ]
    look, end = 1, math.inf
    for step in range(last + 1):
        if step in (0, look):
            looks.append(step)
            look = max(step + 1, int(1.02 * step))
            if end == math.inf and sum(run[step] for run in runs) / 6 <= 0.2:
                end = 1.15 * step + 2
    assert curve.steps.tolist() == looks
    assert last == math.ceil(end)  # the update that passes the end is still made
    np.testing.assert_allclose(curve.losses, [[run[k] for run in runs] for k in looks], rtol=2e-5)
    crossing = next(k for k in range(1, len(looks)) if sum(run[looks[k]] for run in runs) / 6 <= 0.2)
    above, below = (sum(run[looks[k]] for run in runs) / 6 for k in (crossing - 1, crossing))
    steps = looks[crossing - 1] + (above - 0.2) / (above - below) * (looks[crossing] - looks[crossing - 1])
    assert curve.steps_to(0.2).value == pytest.approx(steps, rel=1e-4)
    assert curve.steps_to(0.2).value <= looks[crossing]


def test_each_pair_of_batch_and_rate_has_runs_of_its_own():
    model = NoisyQuadratic((1.5, 0.4), (0.7, 0.3))
    found = simulated_steps(
        model=model, batch_sizes=(4.0, 4.0, 8.0), learning_rates=(0.2, 0.2, 0.3), target_loss=0.3, replicas=20, seed=5
    )
    for i, (batch, rate) in enumerate(((4.0, 0.2), (4.0, 0.2), (8.0, 0.3))):
        seed = int(np.random.default_rng([i, zlib.crc32(b"noisy-quadratic-pair"), 5]).integers(2**31))
        alone = loss_curve(model=model, batch_size=batch, learning_rate=rate, target_loss=0.3, replicas=20, seed=seed)
        assert found[i].value == alone.steps_to(0.3).value
    assert found[0].value != found[1].value


def test_a_curve_that_does_not_come_down_ends_after_the_most_steps():
    theta, updates = np.ones((3, 1), dtype=np.float32), []
    curve = watched(lambda: updates.append(1), theta, np.ones(1, dtype=np.float32), 0.1, 7)
    assert len(updates) == curve.steps[-1] == 7
    assert (curve.losses == 0.5).all()
