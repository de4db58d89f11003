"""Tests of ``tools.time_to_target.refusals``."""

import math

import numpy as np
import pytest
from scipy import optimize

from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.forecast import time_to_target
from trainphys.tools.time_to_target.refusals import tails_agree_within


@pytest.mark.parametrize(
    ("history", "word"),
    [
        (0.25 + 0.5 * 0.85 ** np.arange(40), "levels off"),  # a trap of the model
        (np.full(40, 0.3), "falling loss"),
        (np.exp(0.01 * np.arange(40)), "falling loss"),
        (1 - 1e-3 * 1.15 ** np.arange(40), "settled rate"),  # leaving a saddle
    ],
)
def test_the_forecast_refuses_what_it_cannot_know(history: np.ndarray, word: str) -> None:
    with pytest.raises(NotIdentifiable, match=word) as refusal:
        time_to_target(history, 1e-3)
    assert (refusal.value.estimate, refusal.value.needed_loss, refusal.value.needed_samples) == (None, None, 80)


def test_both_tails_agree_nearby() -> None:
    root = optimize.brentq(lambda x: math.expm1(x) / x - 2.0, 0.1, 5)
    assert tails_agree_within(2.0) == pytest.approx(root)
    t, found = np.arange(1.0, 25.0), []
    for seed in range(60):
        noisy = np.exp(-0.02 * t + 0.05 * np.random.default_rng(seed).standard_normal(24))
        try:
            found.append(time_to_target(noisy, 0.9 * float(noisy.min())))
        except NotIdentifiable:
            continue
    either = [left for left in found if left.tail == "either"]
    assert either
    assert all(left.low < left.value < left.high for left in either)


def test_tails_agree_from_next_to_nothing_to_anything():
    for excess in (1e-15, 1e-9, 1e-5):
        assert tails_agree_within(1 + excess) == pytest.approx(2 * np.log1p((1 + excess) - 1), rel=1e-5)
    for factor_ in (1.0001, 1.5, 3.0, 1e6, 1e300):
        x = tails_agree_within(factor_)
        assert np.expm1(x) / x == pytest.approx(factor_, rel=1e-10)
