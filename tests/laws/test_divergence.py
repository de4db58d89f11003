"""Tests of ``laws.divergence``."""

import math

import numpy as np
import pytest
from scipy import optimize

from trainphys.laws.divergence import NoisyStep, explosion_probability


@pytest.mark.parametrize(("a", "batch"), [(0.5, 4.0), (1.7, 9.0), (2.2, 32.0)])
def test_moments_drift_and_law_against_sampling(a, batch):
    step, rng = NoisyStep(a, batch), np.random.default_rng(0)
    gap = np.abs(1 - a * rng.gamma(batch / 2, 2 / batch, 400_000))
    for exact, sample in ((step.moment(1.5), gap**1.5), (step.drift(), np.log(gap)), (step.moment(2), gap**2)):
        assert abs(exact - sample.mean()) < 6 * sample.std() / math.sqrt(sample.size)
    for level in (-1.0, 0.0, 0.5):
        assert float(step.jumps_above(level)) == pytest.approx((np.log(gap) > level).mean(), abs=0.005)


def test_explosions_obey_lundberg():
    step = NoisyStep(1.9, 16)
    s = step.exponent()
    shares = [explosion_probability(1.9, 16, k) * k**s for k in (1e2, 1e3, 1e4)]
    assert all(c < 1 for c in shares)
    assert shares[1] == pytest.approx(shares[2], rel=0.01)


def test_grid_of_the_renewal_equation_converges():
    coarse, fine = (explosion_probability(2.0, 32, cells=n) for n in (300, 800))
    assert coarse == pytest.approx(fine, rel=1e-4)
    with pytest.raises(ValueError, match="expected cells that resolve a jump, got 2"):
        explosion_probability(2.0, 32, cells=2)


@pytest.mark.parametrize(("batch", "nearly"), [(4, 0.9987), (16, 0.9961), (100, 0.9675)])
def test_a_run_that_hardly_shrinks_explodes_almost_surely(batch, nearly):
    edge = optimize.brentq(lambda a: NoisyStep(a, batch).drift(), 1.5, 3.4)
    shares = [explosion_probability(edge * (1 - d), batch) for d in (1e-2, 1e-4, 1e-6)]
    assert shares[1] == pytest.approx(nearly, abs=1e-3)
    assert shares == sorted(shares)
    assert shares[2] == pytest.approx(1.0, abs=1e-3)
    assert explosion_probability(edge * 1.0001, batch) == 1.0


@pytest.mark.parametrize("batch", [1e4, 1e5, 1e6])
def test_short_jumps_pass_the_top_by_little(batch):
    """A normal walk of small jumps overshoots by 0.5826 deviations in the mean (Siegmund, 1979)."""
    step = NoisyStep(2.0, batch)
    bound = 10 ** -step.exponent()
    assert explosion_probability(2.0, batch, 10.0) / bound == pytest.approx(
        math.exp(-0.5826 * math.sqrt(8 / batch)), rel=3e-4
    )


def test_a_run_of_small_steps_is_safe():
    assert [explosion_probability(a, 16) for a in (1e-9, 1e-3, 0.05)] == [0.0] * 3
    assert NoisyStep(0.05, 16).moment(NoisyStep(0.05, 16).exponent()) == pytest.approx(1.0, abs=1e-6)


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
