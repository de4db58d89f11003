"""Where formulas overflow, cancel or meet a limit: closed forms and brute force at the ends of their ranges."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from scipy import optimize

from trainphys.chapters.distance.c4_theory.stationary_points import SLOPES, least_slope
from trainphys.chapters.distance.c5_applications.allocation import captured, captured_over_correlation, plain_runs
from trainphys.chapters.distance.c5_applications.backtest import model_curves
from trainphys.chapters.distance.c5_applications.smart_starts import not_slower, ranked_runs, selection_law, yield_ratio
from trainphys.chapters.distance.c8_conclusions.slowness import (
    NEIGHBOURS,
    as_far,
    saving_by_start,
    slowness_by_group,
    slowness_by_parameter,
)
from trainphys.chapters.distance.c8_conclusions.straightness import line_share_epochs
from trainphys.chapters.distance.shared.norms import extreme_ratios, norm_ratio
from trainphys.chapters.distance.shared.regions import exact_epochs, matched, solved_runs
from trainphys.laws.contraction import contraction_factor, epochs_from_error, epochs_remaining
from trainphys.laws.straight_line import line_share, slowdown_limit
from trainphys.tools.time_to_target.refusals import tails_agree_within
from trainphys.xor.configurations import Configuration
from trainphys.xor.epoch_counts import LEG, count_epochs
from trainphys.xor.guarantee import converged_share, solved_and_stopped, solved_share_uniform
from trainphys.xor.landscape import loss
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


@pytest.mark.parametrize("w1", [0.9, 2e4, 1e5, 1e10, 1e200])
def test_one_slope_has_a_closed_least_norm(w1):
    assert least_slope([w1, 0.1, 0.2]) == pytest.approx(2 * np.hypot(w1 - 0.5, np.hypot(0.6, 0.2)), rel=1e-14)


@pytest.mark.parametrize("point", [(0.4, 0.1, 0.3), (0.2, 0.2, 0.0), (-0.3, 0.5, 0.8), (0, 0, 0), (0.3, -0.1, -0.4)])
def test_the_least_slope_of_a_ridge_is_what_a_minimiser_finds(point):
    u = np.array(point, dtype=float)
    active = SLOPES[SLOPES @ u > (SLOPES @ u).max() - 1e-12]
    assert len(active) > 1
    found = optimize.minimize(
        lambda share: ((2 * u - share @ active) ** 2).sum(),
        np.full(len(active), 1 / len(active)),
        bounds=[(0, 1)] * len(active),
        constraints={"type": "eq", "fun": lambda share: share.sum() - 1},
        options={"ftol": 1e-15},
    )
    assert least_slope(u) == pytest.approx(found.fun**0.5, abs=1e-6)


def test_counting_in_legs_is_training_in_one():
    starts = draw_starts("normal", 300, 4)
    for rate, scales in ((0.004, (1.0, 1.0)), (0.02, (1.0, 0.4)), (0.7, (1.0, 1.0)), (2.0, (1.0, 1.0))):
        settings = {"rate": rate, "tolerance": 1e-6, "scales": scales, "max_epochs": 3 * LEG + 5}
        whole = train(starts, **settings)
        counted = count_epochs(starts, **settings)
        assert (np.isfinite(counted) == whole.converged).all()
        assert (counted[whole.converged] == whole.epochs[whole.converged]).all()


@pytest.mark.parametrize("rate", [0.1, 1e-3, 1e-5])
def test_the_share_that_converges_does_not_depend_on_the_rate(rate):
    share = converged_share("uniform", rate=rate, runs=2000, seed=1)
    assert abs(share.value - solved_share_uniform(1, 1)) < 5 * share.stderr
    assert share.value == converged_share("uniform", rate=0.2, runs=2000, seed=1).value


def test_slowness_by_parameter_counts_to_the_end():
    w1, _, b = slowness_by_parameter((0.2, 1.0), rate=0.1, runs=4000, seed=0)
    for found, scale in ((w1, 0.2), (b, 1.0)):  # mean of ln d over (0.05, 0.35); rounding up adds a half
        mean_log = (0.35 * np.log(0.35) - 0.05 * np.log(0.05)) / 0.3 - 1
        law = (mean_log + np.log(scale / np.sqrt(1e-7))) / -np.log(contraction_factor(0.1, scale)) + 0.5
        assert abs(found.value - law) < 5 * found.stderr
    with pytest.raises(ValueError, match="smaller steps"):
        slowness_by_parameter((1.0, 1.0), rate=2, runs=20, seed=0)


@pytest.mark.parametrize("rate", [0.01, 0.001])
def test_slowness_by_group_has_its_groups_at_every_rate(rate):
    found = slowness_by_group("uniform", rate=rate, runs=4000, seed=1)
    fast = slowness_by_group("uniform", rate=0.1, runs=4000, seed=1)
    assert (
        set(found) == set(fast) == {"near the ridge", "weights of one sign", "error in the bias", "error in a weight"}
    )
    for name, (epochs, _) in found.items():  # a time is ln d over -ln k, rounded up
        whole = (epochs.value - 0.5) * -np.log(contraction_factor(rate))
        assert whole == pytest.approx((fast[name][0].value - 0.5) * -np.log(contraction_factor(0.1)), rel=0.01)


def test_saving_by_start_runs_to_a_small_tolerance():
    saved = saving_by_start("uniform", rate=0.1, runs=2000, seed=0, tolerance=1e-30)
    assert saved["all"].mean() == pytest.approx(saving_by_start("uniform", rate=0.1, runs=2000, seed=0)["all"].mean()
                                                + 23 * np.log(10) / 2 / -np.log(0.8), abs=1)  # fmt: skip


@pytest.mark.parametrize("tolerance", [1e-7, 5e-3, 1e-2, 1e-1])
def test_a_run_that_stops_early_is_on_its_way_to_a_solution(tolerance):
    one = Configuration("early", "uniform", 0.1, tolerance)
    stopped, solved = solved_and_stopped(one, 1000, 0)
    assert solved.value == 1.0
    assert plain_runs(one, 1000, 0)[1].mean() == stopped.value
    _, done, there = solved_runs(one, 1000, 0)
    assert (there == done.converged).all()
    assert model_curves(one, 1000, 0).shape[1] == done.converged.sum()
    half = solved_and_stopped(replace(one, starts="pytorch", tolerance=1e-9, stop="change"), 2000, 0)[1]
    assert abs(half.value - 7 / 12) < 5 * half.stderr


@pytest.mark.parametrize(
    ("rate", "epochs"),
    [(1e-4, 3), (1e-6, 100), (1e-9, 5), (0.3, 2), (0.45, 160), (0.1, 1591), (0.2, 700), (0.49, 1000), (0.001, 101)],
)
def test_the_share_of_a_line_is_a_correlation(rate, epochs):
    n = np.arange(epochs) - (epochs - 1.0)
    distance = np.expm1(-n * np.log1p(-2 * rate)) if rate < 1e-3 else (1 - 2 * rate) ** -n
    assert float(line_share_epochs(rate, epochs)) == pytest.approx(np.corrcoef(n, distance)[0, 1] ** 2, rel=1e-11)


def test_the_share_of_a_line_at_its_ends():
    assert line_share_epochs([1e-17, 1e-300, 1e-9], [5, 3, 5]).tolist() == [1.0, 1.0, 1.0]
    t = np.log([1e160, 1e300])
    assert line_share([1e160, 1e300]) == pytest.approx(12 / t**2 * (t / 2 - 1), rel=1e-14)
    for share in (0.9, 0.9993, 0.9994, 1 - 1e-8, 1 - 1e-15):
        assert 1 - line_share(slowdown_limit(share)) == pytest.approx(1 - share, rel=1e-6, abs=3e-16)
    for lost in (1e-8, 1e-12):
        assert slowdown_limit(1 - lost) - 1 == pytest.approx(np.sqrt(60 * lost), rel=1e-3)


@pytest.mark.parametrize("dimension", [3, 6, 9])
def test_the_search_for_extreme_ratios_does_not_stall(dimension):
    low, high = extreme_ratios(dimension, seed=0)
    assert low == pytest.approx(1.0, abs=1e-9)
    assert high == pytest.approx(dimension**0.5, abs=1e-9)


def test_the_ratio_of_norms_has_no_unit():
    for size in (1e-200, 1e200):
        assert float(norm_ratio([size, -size])) == pytest.approx(2**0.5)


def test_selection_counts_what_is_solved_in_time():
    one = Configuration("slow", "uniform", rate=0.02, tolerance=1e-5)
    ranked, blind = (ranked_runs(one, 20_000, seed) for seed in (1, 2))
    law = selection_law(one, 3, draws=200_000)
    found = yield_ratio(ranked.epochs[ranked.kept], blind.epochs, price=0.0, cap=one.max_epochs)
    assert abs(found.value - law.yields) < 5 * found.stderr
    pairs = not_slower(ranked.epochs[ranked.kept], ranked.epochs[~ranked.kept], 0)
    assert abs(pairs.value - law.not_slower) < 5 * pairs.stderr


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


def test_tails_agree_from_next_to_nothing_to_anything():
    for excess in (1e-15, 1e-9, 1e-5):
        assert tails_agree_within(1 + excess) == pytest.approx(2 * np.log1p((1 + excess) - 1), rel=1e-5)
    for factor_ in (1.0001, 1.5, 3.0, 1e6, 1e300):
        x = tails_agree_within(factor_)
        assert np.expm1(x) / x == pytest.approx(factor_, rel=1e-10)


def test_matched_lies_on_the_line_between_its_neighbours():
    reference, epochs = np.array([0.5, 1.6, 1.55, 9.0]), [1, 2, 3, 4]
    found = matched(np.array([1.0, 0.1, 1.575, 99.0]), reference, epochs)
    assert found == pytest.approx([1 + 2 * 0.5 / 1.05, 1.0, 2.5, 4.0])


def test_as_far_takes_the_nearest():
    rng = np.random.default_rng(0)
    distance, epochs, asked = rng.exponential(size=400), rng.normal(size=400), rng.uniform(-1, 6, 50)
    nearest = np.argsort(np.abs(distance - asked[:, None]), axis=1)[:, :NEIGHBOURS]
    assert as_far(distance, epochs, asked) == pytest.approx(epochs[nearest].mean(axis=1))


def test_a_trapped_start_has_no_exact_time():
    with pytest.raises(ValueError, match="solved cone"):
        exact_epochs(Configuration("plain", "pytorch", rate=0.1, tolerance=1e-7), [[0.1], [0.1], [0.9]])


def test_a_small_error_of_one_width_takes_its_own_time():
    n = epochs_from_error([0.3, 0.0, 0.0], rate=0.1, tolerance=1e-7, scales=(0.2, 1.0))
    reach = count_epochs([[2.8, -0.5, 0.0]], rate=0.1, tolerance=1e-7, max_epochs=10**4, scales=(0.2, 1.0))
    assert n == reach == np.floor(np.log(0.06 / np.sqrt(1e-7)) / -np.log(contraction_factor(0.1, 0.2))) + 1
    assert epochs_remaining(0.3, rate=0.1, tolerance=1e-7) < n
    assert float(loss([2.5, -0.5, 0.0], (0.2, 1.0))) < 1e-30


def test_scores_of_captured_have_to_say_something():
    with pytest.raises(ValueError, match="scores that differ"):
        captured_over_correlation(np.ones(20), np.arange(20.0), 0)
