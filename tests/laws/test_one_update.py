"""Tests of ``laws.one_update``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from tests.chapters.power.a1_basic_relations.test_update_quality import MODEL
from trainphys.laws.noisy_quadratic import expected_loss
from trainphys.laws.one_update import (
    best_expected_decrease,
    best_learning_rate,
    noise_batch_size,
    update_quality,
)
from trainphys.systems.noisy_quadratic import NoisyQuadratic


@given(rate=st.floats(1e-3, 1.0), batch=st.floats(0.1, 1e3))
def test_quality_is_the_model_s_own_first_update(rate, batch):
    decrease = MODEL.initial_loss() - expected_loss(MODEL, 1, rate, batch)
    squared = sum(c**2 for c in MODEL.curvature)
    assert update_quality(MODEL, rate, batch) == pytest.approx(decrease / (rate * squared), rel=1e-9, abs=1e-12)


def test_noise_scale_is_zero_without_noise():
    assert noise_batch_size(NoisyQuadratic((1.0, 2.0), (0.0, 0.0))) == 0.0


def test_best_rate_and_decrease_are_where_a_minimiser_puts_them():
    model = NoisyQuadratic((1.0, 0.5), (2.0, 0.3), start=1.5)

    def best(batch):
        return minimize_scalar(
            lambda rate: expected_loss(model, 1, rate, batch), bounds=(1e-6, 1.999), method="bounded",
            options={"xatol": 1e-10},
        )  # fmt: skip

    exact, noisy = best(float("inf")), best(4.0)
    scale, first = noise_batch_size(model), model.initial_loss()
    assert float(best_learning_rate(4.0, exact.x, scale)) == pytest.approx(noisy.x, rel=1e-5)
    assert best_expected_decrease(4.0, scale) == pytest.approx((first - noisy.fun) / (first - exact.fun))
