"""Tests of ``laws.selection``."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from trainphys.laws.selection import (
    concordance,
    largest_saving,
    ranking_price,
    saving_by_selection,
    selection_intensity,
)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_selection_intensity_is_the_mean_of_the_best_share(share: float) -> None:
    mean, _ = integrate.quad(lambda z: z * stats.norm.pdf(z), -12, stats.norm.ppf(share))
    assert selection_intensity(share) == pytest.approx(-mean / share, rel=1e-8)


@given(st.lists(st.floats(0.1, 100), min_size=10, max_size=40), st.integers(1, 9))
def test_no_ranking_saves_more_than_cauchy_schwarz_allows(times: list[float], kept: int) -> None:
    t = np.sort(times)
    share = kept / len(t)
    saved = 1 - t[:kept].mean() / t.mean()
    assert saved <= largest_saving(t.std() / t.mean(), share) + 1e-9


def test_ranking_price_counts_forward_passes() -> None:
    assert ranking_price(0.1, 0.5) == pytest.approx(10 * 0.5 / 3)


@pytest.mark.parametrize("correlation", [-0.7, 0.3, 0.95])
def test_concordance_is_the_probability_of_two_quadrants(correlation: float) -> None:
    quadrant = stats.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf([0, 0])
    assert concordance(correlation) == pytest.approx(2 * quadrant, abs=1e-6)


def test_saving_of_jointly_normal_scores_by_sampling() -> None:
    rng = np.random.default_rng(0)
    score = rng.standard_normal(400_000)
    time = 1 + 0.2 * (0.6 * score + 0.8 * rng.standard_normal(score.size))
    best = np.argsort(score)[: score.size // 4]
    assert saving_by_selection(0.6, 0.2, 0.25) == pytest.approx(1 - time[best].mean(), rel=0.01)
