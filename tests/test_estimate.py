"""Error bars that are neither too narrow nor a convention."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trainphys.estimate import SIGMAS, Estimate, sigmas

A, B = Estimate(8.0, 0.24, 10, 9), Estimate(4.0, 0.16, 5, 4)


@given(st.integers(1, 10_000), st.data())
def test_counts_never_claim_certainty(trials, data):
    successes = data.draw(st.integers(0, trials))
    assert Estimate.from_count(successes, trials).stderr > 0


@pytest.mark.parametrize("share", [0.0005, 0.02, 0.5])
def test_count_tolerance_covers_the_truth_as_often_as_it_should(share):
    """Exact coverage, summed over the binomial: the interval misses the truth no more often than k may."""
    trials = 3000
    counts = np.arange(int(min(trials, 20 + 12 * share * trials)))
    estimates = [Estimate.from_count(successes, trials) for successes in counts]
    missed = [abs(estimate.value - share) > estimate.tolerance() for estimate in estimates]
    assert stats.binom.pmf(counts, trials, share)[missed].sum() < 2 * stats.norm.sf(SIGMAS)


@pytest.mark.parametrize("trials", [1, 2, 10, 137, 3000])
def test_counts_have_the_interval_of_clopper_and_pearson(trials):
    level = 1 - 2 * stats.norm.sf(SIGMAS)
    for successes in {0, 1, trials // 3, trials - 1, trials}:
        low, high = stats.binomtest(successes, trials).proportion_ci(level, method="exact")
        half_width = max(high - successes / trials, successes / trials - low)
        assert Estimate.from_count(successes, trials).tolerance() == pytest.approx(half_width, abs=1e-11)


def test_mean_and_error_of_samples():
    x = np.random.default_rng(0).normal(3.0, 2.0, 10_000)
    estimate = Estimate.from_samples(x)
    assert estimate.stderr == pytest.approx(2.0 / 100, rel=0.05)
    assert abs(estimate.value - 3.0) < SIGMAS * estimate.stderr


def test_k_falls_to_its_limit_with_many_samples():
    k = [sigmas(dof) for dof in (3, 7, 30, 1000, math.inf)]
    assert k == sorted(k, reverse=True)
    assert k[-1] == SIGMAS


@pytest.mark.parametrize("dof", [0.5, 1, 2, 7.5, 30, 1e3, 1e9])
def test_k_is_the_quantile_of_students_t_at_the_tail_of_the_normal(dof):
    assert sigmas(dof) == stats.t.isf(stats.norm.sf(SIGMAS), dof)


@pytest.mark.parametrize(
    "bad", [{"value": math.nan, "stderr": 1}, {"value": 1, "stderr": -1}, {"value": 1, "stderr": math.inf}]
)
def test_numbers_that_are_none_are_refused(bad):
    with pytest.raises(ValueError, match="expected a finite"):
        Estimate(**bad, n=1)


def test_one_sample_has_no_error():
    with pytest.raises(ValueError, match="at least 2 samples"):
        Estimate.from_samples([1.0])


@pytest.mark.parametrize(("successes", "trials"), [(3, 2), (-1, 2), (0, 0)])
def test_impossible_counts_are_refused(successes, trials):
    with pytest.raises(ValueError, match=f"0 <= successes <= trials, got {successes} of {trials}"):
        Estimate.from_count(successes, trials)


def test_records_hold_plain_numbers():
    e = Estimate(np.float64(1), np.float32(0.5), np.int64(3), np.int64(2))
    assert [type(x) for x in (e.value, e.stderr, e.n, e.dof)] == [float, float, int, float]
    assert Estimate.from_solver(np.float64(1), 0.0) == Estimate(1.0, 0.0, 1)


def test_samples_of_any_shape_are_samples():
    assert Estimate.from_samples([[1.0, 2.0], [3.0, 4.0]]) == Estimate(2.5, math.sqrt(5 / 12), 4, 3)
    assert Estimate.from_samples([1.0, 2.0]).dof == 1
    with pytest.raises(ValueError, match=r"two series .* got shapes \(2, 2\) and \(2, 2\)"):
        Estimate.ratio_of_paired(np.ones((2, 2)), np.ones((2, 2)))


def test_ratios_of_paired_runs_carry_their_errors():
    rng = np.random.default_rng(0)
    y = rng.exponential(size=(2000, 400)) + 0.5
    x = 2 * y + rng.standard_normal(y.shape)
    found = [Estimate.ratio_of_paired(a, b) for a, b in zip(x, y, strict=True)]
    assert np.std([f.value for f in found]) == pytest.approx(np.mean([f.stderr for f in found]), rel=0.08)


def test_arithmetic_against_draws():
    """Scatter of the function of normal draws; the errors are small, so the first order is all there is."""
    rng = np.random.default_rng(1)
    a, b = (rng.normal(e.value, e.stderr / 100, 400_000) for e in (A, B))
    for found, drawn in (
        (A + B, a + b),
        (A - B, a - b),
        (A * B, a * b),
        (A / B, a / b),
        (3 - A, 3 - a),
        (3 / B, 3 / b),
    ):
        assert found.value == pytest.approx(drawn.mean(), rel=1e-4)
        assert found.stderr == pytest.approx(100 * drawn.std(), rel=0.01)


def test_arithmetic_in_closed_form():
    assert (A - B).stderr == (A + B).stderr == pytest.approx(math.hypot(0.24, 0.16))
    assert (A * B).stderr / (A * B).value == pytest.approx(math.hypot(0.03, 0.04))
    assert (A / B).stderr / (A / B).value == pytest.approx(math.hypot(0.03, 0.04))
    assert [x.n for x in (A - B, A * B, A / B)] == [15] * 3
    assert (
        Estimate(16.0, 0.48, 10, 9),
        Estimate(16.0, 0.48, 10, 9),
        Estimate(9.0, 0.24, 10, 9),
    ) == (2 * A, A * 2, A + 1)
    assert Estimate(-7.0, 0.24, 10, 9) == 1 - A
    assert Estimate(2.0, 0.06, 10, 9) == 16 / A


@pytest.mark.parametrize("sizes", [(5, 5), (4, 30), (12, 3)])
def test_a_difference_of_means_has_the_freedom_of_welchs_test(sizes):
    rng = np.random.default_rng(sum(sizes))
    x, y = rng.normal(0.0, 1.0, sizes[0]), rng.normal(1.0, 4.0, sizes[1])
    found, welch = Estimate.from_samples(x) - Estimate.from_samples(y), stats.ttest_ind(x, y, equal_var=False)
    assert found.dof == pytest.approx(welch.df)
    assert found.value / found.stderr == pytest.approx(welch.statistic)
    assert found.tolerance() == pytest.approx(sigmas(welch.df) * found.stderr)


def test_a_ratio_has_the_freedom_of_its_relative_errors():
    """As Welch and Satterthwaite say, with the relative variances in place of the variances."""
    a, b = 0.03**2, 0.04**2
    assert (A / B).dof == pytest.approx((a + b) ** 2 / (a**2 / 9 + b**2 / 4))
    assert (A * B).dof == pytest.approx((A / B).dof)
    assert math.isinf((A * 0 + 1).dof)
    assert (A / Estimate(4.0, 0.0, 1)).dof == pytest.approx(9)


def test_zero_over_something_is_zero_and_nothing_is_over_zero():
    zero = Estimate(0.0, 0.1, 7, 6)
    found = zero / B
    assert (found.value, found.n, found.dof) == (0.0, 12, pytest.approx(6))
    assert found.stderr == pytest.approx(0.025)
    for divisor in (zero, 0.0):
        with pytest.raises(ZeroDivisionError, match="turn the ratio round"):
            A / divisor


def test_ratio_of_paired_series_against_the_jackknife():
    """Leaving out one pair at a time knows no formula; for independent series it is the quotient of the means."""
    rng = np.random.default_rng(2)
    y = rng.gamma(9.0, size=4000)
    x = 2 * y + rng.normal(0.0, 0.5, 4000)
    found = Estimate.ratio_of_paired(x, y)
    left_out = (x.sum() - x) / (y.sum() - y)
    jackknife = math.sqrt((x.size - 1) * left_out.var())
    assert found.value == x.mean() / y.mean()
    assert found.stderr == pytest.approx(jackknife, rel=2e-3)
    assert (found.n, found.dof) == (4000, 3999)
    apart = Estimate.from_samples(x) / Estimate.from_samples(y)
    assert found.stderr < apart.stderr / 5
    shuffled = Estimate.ratio_of_paired(x, rng.permutation(y))
    assert shuffled.stderr == pytest.approx(apart.stderr, rel=0.05)
    with pytest.raises(ValueError, match="pair the runs"):
        Estimate.ratio_of_paired(x, y[:-1])
