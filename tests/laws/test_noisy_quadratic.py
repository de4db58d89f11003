"""Tests of ``laws.noisy_quadratic``."""

import math

import numpy as np
import pytest

from trainphys.laws.noisy_quadratic import expected_loss, steps_to_loss, tuned_steps
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
        assert expected_loss(model, steps, rate, batch) == pytest.approx(
            reference_loss(model, steps, rate, batch), rel=1e-10
        )


def test_steps_cross_the_target_between_two_updates():
    model, target = power_law_quadratic(16), 0.1
    steps = steps_to_loss(model, 0.3, 8, target)
    assert reference_loss(model, math.floor(steps), 0.3, 8) > target > reference_loss(model, math.ceil(steps), 0.3, 8)


def test_without_noise_one_mode_has_a_logarithm():
    model = NoisyQuadratic((1.0,), (0.0,))
    assert steps_to_loss(model, 0.1, 1, 0.005) == pytest.approx(math.log(100) / (-2 * math.log(0.9)))


def test_unstable_or_noisy_rates_never_arrive():
    model = power_law_quadratic(8)
    assert steps_to_loss(model, 2.1, 8, 0.1) == math.inf
    assert steps_to_loss(model, 1.5, 0.5, 0.01) == math.inf
    with pytest.raises(ValueError, match="diverges"):
        expected_loss(model, 1, 2.0, 8)


def test_tuned_rate_beats_a_fine_scan():
    model = power_law_quadratic(32)
    target = 0.05 * model.initial_loss()
    for batch in (1.0, 30.0, 1000.0):
        best = tuned_steps(model, batch, target)
        scan = min(steps_to_loss(model, rate, batch, target) for rate in np.geomspace(1e-4, 1.999, 3000))
        assert best.bracketed
        assert best.steps == pytest.approx(scan, rel=1e-3)
        assert best.steps <= scan * (1 + 1e-9)
