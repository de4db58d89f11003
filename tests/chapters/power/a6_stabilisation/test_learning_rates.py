"""Tests of ``chapters.power.a6_stabilisation.learning_rates``."""

import numpy as np
import pytest

from trainphys.chapters.power.a6_stabilisation.laws import fit_learning_rate
from trainphys.chapters.power.a6_stabilisation.learning_rates import best_rate, vertex
from trainphys.chapters.power.shared.batch_sweep import SweepPoint
from trainphys.laws.one_update import best_learning_rate


def test_best_rate_finds_the_minimum_and_its_error():
    rates = 2.0 ** (np.arange(-3, 4) / 3)
    curve = np.exp(np.log(rates / 1.1) ** 2)
    assert vertex(rates, 50 * curve) == pytest.approx(1.1)
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200):
        tried = 50 * curve[:, None] * rng.lognormal(0, 0.02, (7, 12))
        found.append(best_rate(SweepPoint(8, tuple(rates), tried, 1.0, tried[0]), draws=60))
    spread = np.std([f.value for f in found])
    assert np.median([f.stderr for f in found]) == pytest.approx(spread, rel=0.3)
    assert np.mean([f.value for f in found]) == pytest.approx(1.1, rel=0.02)


def test_learning_rate_law():
    b = np.array([1.0, 8.0, 64.0, 512.0])
    assert fit_learning_rate(b, best_learning_rate(b, 3.0, 40.0)) == pytest.approx((3.0, 40.0), rel=1e-6)
    with pytest.raises(ValueError, match="noise_batch_size"):
        best_learning_rate(4.0, 1.0, 0.0)
    with pytest.raises(ValueError, match="two points"):
        fit_learning_rate([1.0], [1.0])
