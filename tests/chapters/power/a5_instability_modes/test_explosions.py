"""Tests of ``chapters.power.a5_instability_modes.explosions``."""

import math

import pytest

from trainphys.chapters.power.a5_instability_modes.explosions import simulated_explosions, split_explosions
from trainphys.ensemble import stream
from trainphys.laws.divergence import explosion_probability


@pytest.mark.parametrize(("a", "batch", "factor"), [(1.5, 4, 5.0), (2.05, 33, 30.0), (1.9, 16, 10.0)])
def test_renewal_equation_against_counting_and_splitting(a, batch, factor):
    exact = explosion_probability(a, batch, factor)
    counted = simulated_explosions(a, batch, factor, runs=40_000, seed=1)
    assert abs(counted.value - exact) <= counted.tolerance() + 0.01 * exact
    split = split_explosions(a, batch, factor, walkers=2000, groups=16, seed=2)
    assert abs(split.value - exact) < 6 * split.stderr + 0.01 * exact


def test_explosions_are_counted_walker_by_walker():
    """A walker stops at the top or when it falls too deep; splitting sends walkers out from each level."""
    rng, heights, exploded = stream(3, "explosions"), [0.0] * 40, 0
    while heights:
        seen = rng.gamma(2.0, 0.5, len(heights)).tolist()
        heights = [h + math.log(abs(1 - 1.8 * s)) for h, s in zip(heights, seen, strict=True)]
        exploded += sum(h >= math.log(3.0) for h in heights)
        heights = [h for h in heights if -4.0 < h < math.log(3.0)]
    found = simulated_explosions(1.8, 4, 3.0, runs=40, seed=3, depth=4.0)
    assert 0 < exploded < 40
    assert found.value == exploded / 40
    products = []
    for group in range(3):
        rng, starts, product = stream(4, "splitting", group), [0.0], 1.0
        for level in (math.log(9.0) / 2, math.log(9.0)):
            heights = rng.choice(starts, 30).tolist()
            starts = [h for h in heights if h >= level]
            heights = [h for h in heights if h < level]
            while heights:
                seen = rng.gamma(2.0, 0.5, len(heights)).tolist()
                heights = [h + math.log(abs(1 - 1.8 * s)) for h, s in zip(heights, seen, strict=True)]
                starts += [h for h in heights if h >= level]
                heights = [h for h in heights if -4.0 < h < level]
            product *= len(starts) / 30
        products.append(product)
    split = split_explosions(1.8, 4, 9.0, walkers=30, groups=3, seed=4, depth=4.0)
    assert split.value == pytest.approx(sum(products) / 3)
    assert split.value > 0
