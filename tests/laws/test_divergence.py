"""Tests of ``laws.divergence``."""

import math

import numpy as np
import pytest

from trainphys.laws.divergence import NoisyStep, explosion_probability


@pytest.mark.parametrize(("a", "batch"), [(0.5, 4.0), (1.7, 9.0), (2.2, 32.0)])
def test_moments_drift_and_law_against_sampling(a, batch):
    step, rng = NoisyStep(a, batch), np.random.default_rng(0)
    gap = np.abs(1 - a * rng.gamma(batch / 2, 2 / batch, 400_000))
    for exact, sample in ((step.moment(1.5), gap**1.5), (step.drift(), np.log(gap)), (step.moment(2), gap**2)):
        assert abs(exact - sample.mean()) < 6 * sample.std() / math.sqrt(sample.size)
    for level in (-1.0, 0.0, 0.5):
        assert float(step.jumps_below(level)) == pytest.approx((np.log(gap) <= level).mean(), abs=0.005)


def test_explosions_obey_lundberg():
    step = NoisyStep(1.9, 16)
    s = step.exponent()
    shares = [explosion_probability(1.9, 16, k) * k**s for k in (1e2, 1e3, 1e4)]
    assert all(c < 1 for c in shares)
    assert shares[1] == pytest.approx(shares[2], rel=0.01)


def test_grid_of_the_renewal_equation_converges():
    coarse, fine = (explosion_probability(2.0, 32, cells=n) for n in (300, 800))
    assert coarse == pytest.approx(fine, rel=0.01)


def test_explosions_by_runs():
    rng, top = np.random.default_rng(0), math.log(3.0)
    place, over = np.zeros(20_000), 0
    while place.size:
        place = place + np.log(np.abs(1 - 1.9 * rng.gamma(8, 1 / 8, place.size)))
        over += int((place >= top).sum())
        place = place[(place < top) & (place > -12)]
    share = over / 20_000
    assert explosion_probability(1.9, 16, 3.0) == pytest.approx(share, abs=4 * math.sqrt(share / 20_000))


def test_a_typical_run_that_grows_has_no_exponent():
    assert NoisyStep(3.5, 16).exponent() == 0.0
    assert NoisyStep(3.5, 16).drift() > 0
