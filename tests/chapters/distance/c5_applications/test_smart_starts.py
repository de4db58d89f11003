"""Tests of ``chapters.distance.c5_applications.smart_starts``."""

import math
from itertools import pairwise

import numpy as np
import pytest

from tests.xor.test_trajectory_kernels import reference
from trainphys.chapters.distance.c5_applications.allocation import captured, pairs_in_order
from trainphys.chapters.distance.c5_applications.backtest import back_test
from trainphys.chapters.distance.c5_applications.laws import loss_tolerance, selection_law
from trainphys.chapters.distance.c5_applications.network_times import crossing_times
from trainphys.chapters.distance.c5_applications.smart_starts import (
    LARGE_BIAS,
    not_slower,
    ranked_runs,
    starts_of,
    yield_ratio,
)
from trainphys.chapters.distance.c5_applications.successive_halving import halving_search
from trainphys.ensemble import stream
from trainphys.laws.selection import (
    concordance,
    largest_saving,
    ranking_price,
    saving_by_selection,
    selection_intensity,
)
from trainphys.laws.steps_from_gradient import epochs_from_loss
from trainphys.tools.time_to_target.forecast import time_to_target, widening_from_runs
from trainphys.tools.time_to_target.refusals import tails_agree_within
from trainphys.xor.configurations import RECONSTRUCTED, Configuration
from trainphys.xor.landscape import loss
from trainphys.xor.trajectories import train

PLAIN = Configuration("plain", "pytorch", 0.1, 1e-7)


def test_epochs_from_loss_counts_what_training_takes() -> None:
    start = starts_of("pytorch", 500, seed=1)
    runs = train(start, rate=0.13, tolerance=1e-6, max_epochs=80)
    counted = epochs_from_loss(loss(start.T), rate=0.13, tolerance=1e-6)
    assert (counted[runs.converged] == runs.epochs[runs.converged]).all()
    low = loss(start.T) < 0.25
    assert runs.converged[low].all()
    assert (loss(runs.last)[~runs.converged] > 0.25 - 1e-9).all()


def test_ranked_runs_agree_with_the_law_without_training() -> None:
    for c in (PLAIN, Configuration("normal", "normal", 0.1, 1e-7), RECONSTRUCTED[0]):
        own, other = ranked_runs(c, 8000, seed=2), ranked_runs(c, 4000, seed=3)
        law = selection_law(c, seed=4, price=2.0, draws=100_000)
        found = yield_ratio(own.epochs[own.kept], other.epochs, price=2.0, cap=c.max_epochs)
        assert abs(found.value - law.yields) < 5 * math.hypot(found.stderr, 0.01 * law.yields)
        assert own.trapped.mean() == pytest.approx(law.trapped_before, abs=0.03)
        pairs = not_slower(own.epochs[own.kept], other.epochs, seed=0)
        assert abs(pairs.value - law.not_slower) < 5 * pairs.stderr + 0.01


def test_a_low_loss_can_choose_the_traps() -> None:
    own = ranked_runs(Configuration("biased", LARGE_BIAS, 0.1, 1e-7), 2000, seed=0)
    assert own.trapped[own.kept].mean() > own.trapped.mean()
    assert not_slower(own.epochs[own.kept], own.epochs, seed=0).value < 0.1  # two trapped runs are no success
    none = yield_ratio(np.full(20, np.inf), np.array([3.0, np.inf]), price=1.0, cap=10)
    assert none.value == 0
    assert none.stderr > 0


def test_a_stop_on_the_change_is_a_stop_on_a_loss() -> None:
    c = RECONSTRUCTED[0]
    start = starts_of(c.starts, 50, seed=0)
    states = train(start, rate=c.rate, tolerance=1e-300, max_epochs=100).states
    height = loss(states.transpose(1, 0, 2))
    change = np.abs(np.diff(height, axis=0))
    solved = height[-1] < 0.1
    by_change = (change < c.tolerance).argmax(axis=0) + 1
    by_loss = (height < loss_tolerance(c)).argmax(axis=0)
    assert (by_change == by_loss)[solved].all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: selection_intensity(0.0),
        lambda: saving_by_selection(1.2, 0.1, 0.1),
        lambda: saving_by_selection(0.2, -0.1, 0.1),
        lambda: largest_saving(-0.1, 0.1),
        lambda: concordance(-1.1),
        lambda: ranking_price(0.1, 0.0),
        lambda: epochs_from_loss(0.0, rate=0.1, tolerance=1e-7),
        lambda: epochs_from_loss(0.1, rate=0.5, tolerance=1e-7),
        lambda: starts_of("no such kind", 3, 0),
        lambda: ranked_runs(PLAIN, 3, 0),
        lambda: selection_law(RECONSTRUCTED[2], 0),
        lambda: yield_ratio(np.ones(3), np.full(3, np.inf), price=0.0, cap=5.0),
        lambda: captured(np.ones(3), np.ones(3), 0),
        lambda: halving_search(np.ones((9, 3)), 1),
        lambda: pairs_in_order(np.ones(3), np.ones(3), 0),
        lambda: crossing_times(np.zeros((3, 2)), 1.0),
        lambda: back_test(np.ones((30, 2)), 0.5, seed=0),
        lambda: time_to_target([1.0, 0.9], 0.1),
        lambda: time_to_target(np.zeros(40), 0.1),
        lambda: time_to_target(0.9 ** np.arange(40), -0.1),
        lambda: time_to_target(0.9 ** np.arange(40), 1e-4, gradient_norms=[1.0]),
        lambda: tails_agree_within(1.0),
        lambda: widening_from_runs([], []),
    ],
)
def test_wrong_input_says_what_was_expected(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="expected"):
        call()


def test_selection_counts_what_is_solved_in_time():
    one = Configuration("slow", "uniform", rate=0.02, tolerance=1e-5)
    ranked, blind = (ranked_runs(one, 20_000, seed) for seed in (1, 2))
    law = selection_law(one, 3, draws=200_000)
    found = yield_ratio(ranked.epochs[ranked.kept], blind.epochs, price=0.0, cap=one.max_epochs)
    assert abs(found.value - law.yields) < 5 * found.stderr
    pairs = not_slower(ranked.epochs[ranked.kept], blind.epochs, 0)
    assert abs(pairs.value - law.not_slower) < 5 * pairs.stderr


@pytest.mark.parametrize("stop", ["loss", "change"])
@pytest.mark.parametrize("method", ["full-batch", "per-sample"])
def test_starts_are_ranked_and_trained_one_by_one(stop, method):
    """Loss of the start, epochs until the rule is met near loss zero, and which tenth is kept."""
    c = Configuration("", "pytorch", 0.1, 1e-4, stop=stop, method=method, max_epochs=40)
    runs, losses, epochs = ranked_runs(c, 60, 5, share=0.1), [], []
    for r, start in enumerate(starts_of("pytorch", 60, 5)):
        path = reference(start, rate=0.1, tolerance=1e-300, max_epochs=40, method=method, seed=5, run=r).tolist()
        heights = [_height(state) for state in path]
        change = [math.inf, *(abs(b - a) for a, b in pairwise(heights))]
        met = [n for n in range(41) if (heights[n] if stop == "loss" else change[n]) < 1e-4]
        losses.append(heights[0])
        epochs.append(met[0] if met and (stop == "loss" or heights[-1] < 0.1) else math.inf)
    assert runs.loss == pytest.approx(losses)
    assert runs.epochs.tolist() == epochs
    assert runs.kept.tolist() == [h in sorted(losses)[:6] for h in losses]
    assert runs.trapped.tolist() == [n == math.inf for n in epochs]


def test_yields_and_pairs_are_counted_one_by_one():
    inf = math.inf
    kept, blind = np.array([3.0, 12.0, inf, 5.0]), np.array([4.0, inf, 10.0, 8.0, 11.0])
    solved = sum(n <= 10 for n in kept) / sum(min(n, 10) + 2 for n in kept)
    other = sum(n <= 10 for n in blind) / sum(min(n, 10) for n in blind)
    assert yield_ratio(kept, blind, price=2.0, cap=10.0).value == pytest.approx(solved / other)
    one, two = np.array([3.0, inf, 5.0, 9.0]), np.array([3.0, inf, inf, 2.0, 7.0])
    rng = stream(6, "pairs")
    pairs = list(zip(rng.permutation(one).tolist(), rng.permutation(two).tolist(), strict=False))
    assert not_slower(one, two, seed=6).value == sum(a < inf and a <= b for a, b in pairs) / 4


def _height(p):
    return sum((abs(a * p[0] + b * p[1] + p[2]) - (a != b)) ** 2 for a in (-1, 1) for b in (-1, 1)) / 4
