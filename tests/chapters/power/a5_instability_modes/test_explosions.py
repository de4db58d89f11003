"""Tests of ``chapters.power.a5_instability_modes.explosions``."""

import pytest

from trainphys.chapters.power.a5_instability_modes.explosions import simulated_explosions, split_explosions
from trainphys.laws.divergence import explosion_probability


@pytest.mark.parametrize(("a", "batch", "factor"), [(1.5, 4, 5.0), (2.05, 33, 30.0), (1.9, 16, 10.0)])
def test_renewal_equation_against_counting_and_splitting(a, batch, factor):
    exact = explosion_probability(a, batch, factor)
    counted = simulated_explosions(a, batch, factor, runs=40_000, seed=1)
    assert abs(counted.value - exact) <= counted.tolerance() + 0.01 * exact
    split = split_explosions(a, batch, factor, walkers=2000, groups=16, seed=2)
    assert abs(split.value - exact) < 6 * split.stderr + 0.01 * exact
