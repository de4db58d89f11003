"""Tests of ``chapters.power.a1_basic_relations.update_quality``."""

import numpy as np
import pytest

from tests.chapters.power.a1_basic_relations.test_escape_runs import near
from trainphys.chapters.power.a1_basic_relations.update_quality import simulated_best_quality, simulated_quality
from trainphys.ensemble import stream
from trainphys.laws.one_update import best_expected_decrease, noise_batch_size, update_quality
from trainphys.systems.noisy_quadratic import NoisyQuadratic, power_law_quadratic

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


def test_qualities_are_those_of_single_updates():
    """Decrease of the loss at every learning rate that is tried, replica by replica; the best mean counts."""
    model = NoisyQuadratic((1.5, 0.4), (0.7, 0.3), start=1.2)
    loss = lambda x: (1.5 * x[0] ** 2 + 0.4 * x[1] ** 2) / 2  # noqa: E731
    slope = lambda x: (1.5 * x[0], 0.4 * x[1])  # noqa: E731

    def mean_decrease(rate, batch, start, kicks):
        total = 0.0
        for x, z in zip(start, kicks, strict=True):
            g = [s + (c / batch) ** 0.5 * k for s, c, k in zip(slope(x), (0.7, 0.3), z, strict=True)]
            total += loss(x) - loss([v - rate * w for v, w in zip(x, g, strict=True)])
        return total / len(start)

    found = simulated_best_quality(model=model, batch_sizes=(2.0, 5.0), replicas=6, seed=3)
    for index, batch in enumerate((2.0, 5.0)):
        rng = stream(3, "update-quality", index)
        start = (1.2 * rng.standard_normal((6, 2))).tolist()
        kicks = rng.standard_normal((6, 2)).tolist()
        tried = [n / 2000 for n in range(1, 4000)]
        noisy = max(mean_decrease(r, batch, start, kicks) for r in tried)
        exact = max(mean_decrease(r, batch, start, [[0.0, 0.0]] * 6) for r in tried)
        assert found[index].value == pytest.approx(noisy / exact, rel=1e-5)
    rng = stream(3, "one-quality", 2000)
    start = (1.2 * rng.standard_normal((6, 2))).tolist()
    kicks = rng.standard_normal((6, 2)).tolist()
    promised = sum(0.3 * sum(s * s for s in slope(x)) for x in start) / 6
    one = simulated_quality(model=model, batch_size=2.0, learning_rate=0.3, replicas=6, seed=3)
    assert one.value == pytest.approx(mean_decrease(0.3, 2.0, start, kicks) / promised)
