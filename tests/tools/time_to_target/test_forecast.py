"""Tests of ``tools.time_to_target.forecast``."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.forecast import RemainingSteps, time_to_target, widening_from_runs


@given(st.floats(0.02, 0.3), st.floats(0.5, 6.0), st.integers(24, 80))
def test_a_geometric_tail_is_known_exactly(rate: float, depth: float, seen: int) -> None:
    target = math.exp(-rate * (seen - 1) - depth)
    left = time_to_target(np.exp(-rate * np.arange(seen)), target)
    assert left.tail == "geometric"
    assert left.value == pytest.approx(depth / rate, rel=1e-6)
    assert left.low < left.value < left.high


@given(st.floats(0.3, 3.0), st.floats(1.5, 20.0), st.integers(30, 200))
def test_a_power_law_tail_is_known_exactly(alpha: float, factor: float, seen: int) -> None:
    left = time_to_target(np.arange(1.0, seen + 1) ** -alpha, (factor * seen) ** -alpha)
    assert left.tail == "power law"
    assert left.value == pytest.approx((factor - 1) * seen, rel=1e-6)


def test_steps_between_losses_scale_the_answer() -> None:
    history = 0.5 * 0.9 ** np.arange(40)
    one, ten = time_to_target(history, 1e-4), time_to_target(history, 1e-4, every=10)
    assert (10 * one.value, 10 * one.low, 10 * one.high) == pytest.approx((ten.value, ten.low, ten.high))


def test_gradient_norms_settle_what_noise_hides() -> None:
    rng, t = np.random.default_rng(5), np.arange(60.0)
    history = np.exp(-0.02 * t + 0.05 * rng.standard_normal(60))
    with pytest.raises(NotIdentifiable) as refusal:
        time_to_target(history, 0.01)
    geometric, power = refusal.value.estimate
    assert geometric < power
    assert 0.01 < refusal.value.needed_loss < history[-1] * 2
    left = time_to_target(history, 0.01, gradient_norms=np.sqrt(history))
    assert left.tail == "geometric"


def test_a_target_that_is_reached_needs_nothing() -> None:
    left = time_to_target(0.5 * 0.9 ** np.arange(40), 0.4)
    assert (left.value, left.tail) == (0.0, "reached")


def test_conformal_width_is_the_order_statistic() -> None:
    scores = np.random.default_rng(1).permutation(np.arange(1.0, 20.0))
    forecasts = [RemainingSteps(10.0, 9.0, 11.0, "geometric", 0.1, 3.0)] * 19
    assert widening_from_runs(forecasts, 10 * np.exp(0.1 * scores), level=0.9) == pytest.approx(18.0)


def test_a_widening_needs_values_above_zero():
    solved = RemainingSteps(10.0, 9.0, 11.0, "geometric", 0.1, 5.0)
    reached = RemainingSteps(0.0, 0.0, 0.0, "reached", 0.0, 0.0)
    with pytest.raises(ValueError, match="value > 0"):
        widening_from_runs([solved] * 8 + [reached], [1.0] * 9)
