"""Error bars that are neither too narrow nor a convention."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trainphys.estimate import SIGMAS, Estimate, sigmas


@given(st.integers(1, 10_000), st.data())
def test_counts_never_claim_certainty(trials, data):
    successes = data.draw(st.integers(0, trials))
    assert Estimate.from_count(successes, trials).stderr > 0


@pytest.mark.parametrize("share", [0.0005, 0.02, 0.5])
def test_count_tolerance_covers_the_truth_as_often_as_it_should(share):
    """Exact coverage, summed over the binomial: the interval misses the truth no more often than k may."""
    trials = 3000
    miss = 0.0
    for successes in range(int(min(trials, 20 + 12 * share * trials))):
        estimate = Estimate.from_count(successes, trials)
        if abs(estimate.value - share) > estimate.tolerance():
            miss += stats.binom.pmf(successes, trials, share)
    assert miss < 2 * stats.norm.sf(SIGMAS)


def test_mean_and_error_of_samples():
    x = np.random.default_rng(0).normal(3.0, 2.0, 10_000)
    estimate = Estimate.from_samples(x)
    assert estimate.stderr == pytest.approx(2.0 / 100, rel=0.05)
    assert abs(estimate.value - 3.0) < SIGMAS * estimate.stderr


def test_k_falls_to_its_limit_with_many_samples():
    k = [sigmas(dof) for dof in (3, 7, 30, 1000, math.inf)]
    assert k == sorted(k, reverse=True)
    assert k[-1] == SIGMAS


@pytest.mark.parametrize(
    "bad", [{"value": math.nan, "stderr": 1}, {"value": 1, "stderr": -1}, {"value": 1, "stderr": math.inf}]
)
def test_numbers_that_are_none_are_refused(bad):
    with pytest.raises(ValueError, match="expected a finite"):
        Estimate(**bad, n=1)


def test_one_sample_has_no_error():
    with pytest.raises(ValueError, match="at least 2 samples"):
        Estimate.from_samples([1.0])


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="successes"):
        Estimate.from_count(3, 2)


def test_ratios_of_paired_runs_carry_their_errors():
    rng = np.random.default_rng(0)
    y = rng.exponential(size=(2000, 400)) + 0.5
    x = 2 * y + rng.standard_normal(y.shape)
    found = [Estimate.ratio_of_paired(a, b) for a, b in zip(x, y, strict=True)]
    assert np.std([f.value for f in found]) == pytest.approx(np.mean([f.stderr for f in found]), rel=0.08)
