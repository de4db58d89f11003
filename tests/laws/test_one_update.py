"""Tests of ``laws.one_update``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chapters.power.a1_basic_relations.test_update_quality import MODEL
from trainphys.laws.noisy_quadratic import expected_loss
from trainphys.laws.one_update import noise_batch_size, update_quality
from trainphys.systems.noisy_quadratic import NoisyQuadratic


@given(rate=st.floats(1e-3, 1.0), batch=st.floats(0.1, 1e3))
def test_quality_is_the_model_s_own_first_update(rate, batch):
    decrease = MODEL.initial_loss() - expected_loss(MODEL, 1, rate, batch)
    squared = sum(c**2 for c in MODEL.curvature)
    assert update_quality(MODEL, rate, batch) == pytest.approx(decrease / (rate * squared), rel=1e-9, abs=1e-12)


def test_noise_scale_is_zero_without_noise():
    assert noise_batch_size(NoisyQuadratic((1.0, 2.0), (0.0, 0.0))) == 0.0
