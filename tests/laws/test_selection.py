"""Tests of ``laws.selection``."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from trainphys.laws.selection import largest_saving, ranking_price, selection_intensity


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
