"""Tests of ``laws.adaptation_trigger``."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.laws.adaptation_trigger import (
    annealing_formula_ratio,
    entropy_ratio,
    frozen_share_fluctuation,
    quench_formula_ratio,
    trigger_ratio,
)


@settings(max_examples=30)
@given(st.floats(0.05, 50), st.integers(1, 20))
def test_the_trigger_falls_with_the_lag(y, d):
    far = 1 + (y - 1) * 1.5
    if abs(y - 1) > 1e-3 and far > 0:
        assert trigger_ratio(far, d) < trigger_ratio(y, d)
        assert entropy_ratio(far) < entropy_ratio(y)


@pytest.mark.parametrize("y", [0.3, 1.5, 4.0])
def test_ratios_of_a_gaussian_by_averages_over_it(y):
    """One well, eta = k = T = 1 and variance y, which changes at the rate 2 (1 - y)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    weights = weights / weights.sum()
    x = math.sqrt(y) * nodes
    local = (1 - y) / y * (1 - x**2 / y)  # rate of -ln p at a fixed place
    fluctuation = math.sqrt(weights @ local**2)
    heat, diffusion = weights @ x**2, weights @ (x / y) ** 2
    produced = weights @ (x / y - x) ** 2  # square of the velocity of the probability
    assert float(trigger_ratio(y)) == pytest.approx(fluctuation / produced)
    assert float(entropy_ratio(y)) == pytest.approx(abs(1 / y - 1) / produced)
    assert float(quench_formula_ratio(y)) == pytest.approx(fluctuation / heat)
    assert float(annealing_formula_ratio(y)) == pytest.approx(fluctuation / abs(heat - diffusion))


def test_fluctuation_of_frozen_shares_is_that_of_the_mixture():
    u, gap, T, d = 0.2, 1.5, 0.4, 3
    rng = np.random.default_rng(0)
    loss = T * rng.chisquare(d, 400_000) / 2 + gap * (rng.random(400_000) < u)
    assert frozen_share_fluctuation(u, gap, T, d) == pytest.approx(loss.var() / T**2 / (d / 2), rel=0.02)
