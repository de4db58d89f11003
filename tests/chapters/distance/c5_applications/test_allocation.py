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
from trainphys.xor.configurations import RECONSTRUCTED, Configuration, traces
from trainphys.xor.guarantee import solved_share_normal
from trainphys.xor.landscape import loss, solution


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


def test_forecasts_are_fitted_on_one_half_and_judged_on_the_other():
    """Eighteen features written out; solved runs of even number are fitted, first states of the odd ones judged."""
    c = Configuration("", "pytorch", 0.1, 1e-4, max_epochs=25)
    runs, whole, starts, judged, number = traces(c, 240, 7), [], [], [], 0
    for r in range(240):
        path, n = runs.states[:, :, r].tolist(), int(runs.epochs[r])
        if not runs.converged[r] or abs(path[n][0] - path[n][1]) <= abs(path[n][2]):
            continue
        number += 1
        rows = [(_features(path[k], path[n]), n - k) for k in range(n)]
        if number % 2:
            whole += rows
            starts.append(rows[0])
        else:
            judged.append(rows[0])
    found = forecast_from_start(c, 240, 7)
    assert found.epochs.tolist() == [n for _, n in judged]
    for estimate, rows in ((found.share_of_all, whole), (found.share_of_first, starts)):
        table = np.array([[1.0, *f] for f, _ in rows])
        scale = np.abs(table).max(axis=0)
        weights = np.linalg.lstsq(table / scale, np.array([n for _, n in rows], dtype=float), rcond=None)[0] / scale
        forecast = [sum(w * x for w, x in zip(weights, [1.0, *f], strict=True)) for f, _ in judged]
        mean = sum(n for _, n in judged) / len(judged)
        missed = sum((n - p) ** 2 for (_, n), p in zip(judged, forecast, strict=True))
        assert estimate.value == pytest.approx(1 - missed / sum((n - mean) ** 2 for _, n in judged), rel=1e-6)
        assert estimate.n == len(judged)


def _features(p, q):
    d = [a - b for a, b in zip(p, q, strict=True)]
    size = math.sqrt(sum(a * a for a in p) * sum(b * b for b in q))
    return [
        sum(abs(v) for v in d),
        math.sqrt(sum(v * v for v in d)),
        1 - sum(a * b for a, b in zip(p, q, strict=True)) / size,
        *(abs(v) for v in d),
        *d,
        *(a / (b + 1e-8) for a, b in zip(p, q, strict=True)),
        *(math.log(abs(v) + 1e-8) for v in d),
        *(d[i] * d[j] for i, j in ((0, 1), (0, 2), (1, 2))),
    ]


def test_decisions_are_taken_run_by_run():
    """Line and fresh time from solved runs of even number; a run of odd number that still goes is decided."""
    c, epoch = Configuration("", "normal", 0.1, 1e-4, max_epochs=60), 12
    runs, rows, fresh, times, line, low = traces(c, 200, 3), [], [], [], 0, 0
    far = lambda s: math.dist(s, (0.5, -0.5, 0.0) if s[0] >= s[1] else (-0.5, 0.5, 0.0))  # noqa: E731
    paths = [runs.states[:, :, r].tolist() for r in range(200)]
    solved = [
        bool(runs.converged[r]) and abs(p[-1][0] - p[-1][1]) > abs(p[-1][2]) for r, p in enumerate(paths)
    ]  # a run repeats its last state
    for r in range(0, 200, 2):
        if solved[r]:
            n = int(runs.epochs[r])
            end = paths[r][n]
            side = (0.5, -0.5, 0.0) if end[0] >= end[1] else (-0.5, 0.5, 0.0)
            rows += [(math.dist(paths[r][k], side), n - k) for k in range(n)]
            fresh.append(far(paths[r][0]))
            times.append(n)
    x, y = (sum(row[i] for row in rows) / len(rows) for i in (0, 1))
    slope = sum((a - x) * (b - y) for a, b in rows) / sum((a - x) ** 2 for a, _ in rows)
    forecast = lambda d: y + slope * (d - x)  # noqa: E731
    asked = [r for r in range(1, 200, 2) if not solved[r] or runs.epochs[r] > epoch]
    for r in asked:
        worth = solved[r] and runs.epochs[r] - epoch <= sum(times) / len(times)
        state = paths[r][epoch]
        line += (forecast(far(state)) <= sum(map(forecast, fresh)) / len(fresh)) == worth
        low += (loss(state) < 0.25) == worth
    found = decisions(c, 200, 3, epoch=epoch)
    assert (found.by_line.value, found.by_line.n) == (line / len(asked), len(asked))
    assert found.by_loss.value == low / len(asked)
    assert found.mean_start == pytest.approx(sum(fresh) / len(fresh))


def test_pairs_are_ordered_one_by_one():
    """Kendall's tau-b: right pairs less wrong ones, over the root of those not tied in the score and in the time."""
    score, times = [1.0, 2.0, 2.0, 0.5, 3.0, 1.0], [4.0, 5.0, 9.0, 5.0, 8.0, 2.0]
    pairs = [(score[i] - score[k], times[i] - times[k]) for i, k in combinations(range(6), 2)]
    tau = sum((a * b > 0) - (a * b < 0) for a, b in pairs)
    tau /= math.sqrt(sum(a != 0 for a, _ in pairs) * sum(b != 0 for _, b in pairs))
    assert pairs_in_order(np.array(score), np.array(times), 0).value == pytest.approx(0.5 + 0.5 * tau)
