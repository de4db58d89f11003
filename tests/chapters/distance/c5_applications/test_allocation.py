"""Tests of ``chapters.distance.c5_applications.allocation``."""

import math
from itertools import combinations, product

import numpy as np
import pytest

from tests.chapters.distance.c5_applications.test_smart_starts import PLAIN
from trainphys.chapters.distance.c5_applications.allocation import (
    captured,
    decisions,
    forecast_from_start,
    pairs_in_order,
)
from trainphys.chapters.distance.c5_applications.laws import TRAP_DISTANCE, right_decisions
from trainphys.laws.selection import concordance, largest_saving, saving_by_selection
from trainphys.xor.configurations import RECONSTRUCTED, Configuration
from trainphys.xor.guarantee import solved_share_normal
from trainphys.xor.landscape import solution


def test_breeders_equation_sheppard_and_captured_share_on_normal_pairs() -> None:
    rng, rho, n = np.random.default_rng(3), 0.4, 200_000
    score = rng.standard_normal(n)
    time = 10 + 0.5 * (rho * score + math.sqrt(1 - rho**2) * rng.standard_normal(n))
    kept = time[score <= np.quantile(score, 0.1)]
    saved = 1 - kept.mean() / time.mean()
    error = time.std() / time.mean() / math.sqrt(len(kept))
    assert abs(saved - saving_by_selection(rho, 0.05, 0.1)) < 5 * error
    assert saved < largest_saving(0.05, 0.1)
    half = n // 2
    right = ((score[:half] < score[half:]) == (time[:half] < time[half:])).mean()
    assert abs(right - concordance(rho)) < 5 * 0.5 / math.sqrt(half)
    found = captured(score[:20_000], time[:20_000], seed=0, rivals=8)
    assert abs(found.value - rho) < 5 * found.stderr


def test_captured_by_order_statistics_equals_the_mean_over_drawn_groups() -> None:
    rng = np.random.default_rng(0)
    score, time = rng.standard_normal(40), rng.exponential(size=40)
    time += 0.3 * score - min(0, (0.3 * score).min())
    groups = np.array([rng.choice(40, 4, replace=False) for _ in range(40_000)])
    chosen = time[groups[np.arange(len(groups)), score[groups].argmin(axis=1)]]
    direct = (time.mean() - chosen.mean()) / (time.mean() - time[groups].min(axis=1).mean())
    assert captured(score, time, seed=0, rivals=4).value == pytest.approx(direct, abs=0.02)


def test_the_trap_lies_at_the_stated_distance_and_decides_the_line() -> None:
    trap = np.array([0.0, 0.0, 0.5])
    assert np.linalg.norm(trap - solution(trap)) == pytest.approx(TRAP_DISTANCE)
    near, far = decisions(PLAIN, 2000, seed=0), decisions(Configuration("far", "normal", 0.1, 1e-7), 2000, seed=0)
    assert near.mean_start < TRAP_DISTANCE < far.mean_start
    assert near.by_line.value == near.by_loss.value == far.by_loss.value == 1
    law = right_decisions(far.mean_start, solved_share_normal(1.0, 1.0).item())
    assert abs(far.by_line.value - law) < 5 * math.hypot(far.by_line.stderr, 0.016)


def test_first_states_are_forecast_worse_than_all_states() -> None:
    found = forecast_from_start(RECONSTRUCTED[1], 3000, seed=0)
    assert found.share_of_all.value < found.share_of_first.value < 0.9666


def test_pairs_in_order_are_what_sheppard_says_of_normal_pairs() -> None:
    rng, rho, n = np.random.default_rng(4), 0.3, 3000
    score = rng.standard_normal(n)
    time = 10 + rho * score + math.sqrt(1 - rho**2) * rng.standard_normal(n)
    found = pairs_in_order(score, time, seed=0)
    assert abs(found.value - concordance(rho)) < 4 * found.stderr < 0.04


def test_rivals_of_equal_score_are_chosen_by_lot():
    score, times = np.array([1.0, 1.0, 2.0, 2.0]), np.array([3.0, 7.0, 1.0, 9.0])
    chosen = [  # every pair, and both ways to order equals
        times[min(pair, key=lambda run: (score[run], run if first else -run))]
        for pair, first in product(combinations(range(4), 2), (True, False))
    ]
    best = [times[list(pair)].min() for pair in combinations(range(4), 2)]
    law = (times.mean() - np.mean(chosen)) / (times.mean() - np.mean(best))
    assert captured(score, times, 0, rivals=2).value == pytest.approx(law)
    assert captured(np.ones(20), np.arange(20.0), 0).value == pytest.approx(0.0, abs=1e-12)
    assert captured(-np.eye(16)[0], 1 - np.eye(16)[0], 0).value == pytest.approx(1.0)  # resamples of one time


def test_scores_of_captured_have_to_say_something():
    with pytest.raises(ValueError, match="scores that differ"):
        pairs_in_order(np.ones(20), np.arange(20.0), 0)
