"""Tests of ``chapters.power.a1_basic_relations.update_quality``."""

import numpy as np
import pytest

from tests.chapters.power.a1_basic_relations.test_escape_runs import near
from trainphys.chapters.power.a1_basic_relations.update_quality import simulated_best_quality, simulated_quality
from trainphys.laws.one_update import best_expected_decrease, noise_batch_size, update_quality
from trainphys.systems.noisy_quadratic import power_law_quadratic

MODEL = power_law_quadratic(16)


@pytest.mark.parametrize("batch", [0.5, 3.0, 50.0])
def test_best_quality_is_the_top_over_learning_rates(batch):
    rates = np.linspace(1e-3, 1.99, 20_001)
    top = lambda b: max(r * update_quality(MODEL, r, b) for r in rates)  # noqa: E731
    assert best_expected_decrease(batch, noise_batch_size(MODEL)) == pytest.approx(top(batch) / top(np.inf), rel=1e-5)
    (found,) = simulated_best_quality(model=MODEL, batch_sizes=(batch,), replicas=8000, seed=1)
    assert near(found, best_expected_decrease(batch, noise_batch_size(MODEL)))


def test_simulated_quality_has_an_honest_error():
    found = [simulated_best_quality(model=MODEL, batch_sizes=(1.0,), replicas=400, seed=s)[0] for s in range(60)]
    spread = np.std([f.value for f in found], ddof=1)
    assert np.mean([f.stderr for f in found]) == pytest.approx(spread, rel=0.35)


def test_simulated_quality_is_the_law():
    found = simulated_quality(model=MODEL, batch_size=3.0, learning_rate=0.3, replicas=8000, seed=1)
    assert near(found, update_quality(MODEL, 0.3, 3.0))
    assert found.stderr < 0.02
