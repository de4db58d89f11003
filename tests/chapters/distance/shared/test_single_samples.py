"""Tests of ``chapters.distance.shared.single_samples``."""

import numpy as np
import pytest

from tests.chapters.distance.c6_negative_results.test_blind_search import on_the_line
from tests.xor.test_trajectory_kernels import reference
from trainphys.chapters.distance.shared.single_samples import escapes
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_noise_frees_few_at_a_small_rate_and_all_at_a_large_one():
    few, more, all_ = (escapes("pytorch", runs=2000, rate=r, seed=0) for r in (0.025, 0.05, 0.1))
    assert few.arrive.value < more.arrive.value < all_.arrive.value == 1.0
    assert abs(few.epochs.value - few.by_distance) < 1.0  # freed at once or not at all
    assert all_.epochs.value > 3.0 * all_.by_distance  # freed after a wait


def test_cones_and_arrivals_are_counted_apart():
    starts = draw_starts("pytorch", 500, 4)
    found = escapes("pytorch", runs=500, rate=0.05, max_epochs=300, seed=1)
    done = train(starts, rate=0.05, tolerance=1e-7, max_epochs=300, method="per-sample", seed=1).converged
    trapped = np.abs(starts[:, 0] - starts[:, 1]) <= np.abs(starts[:, 2])
    assert found.trapped == trapped.mean()
    assert found.arrive.value == done[trapped].mean()
    assert found.arrive_others.value == done[~trapped].mean()


def test_escapes_are_those_of_a_loop_over_runs():
    """Shares, mean epochs of the freed, and what the others took from there; some runs are given up."""
    starts = draw_starts("pytorch", 80, 6)
    rows = []
    for r, start in enumerate(starts.tolist()):
        path = reference(start, rate=0.1, tolerance=1e-4, max_epochs=60, method="per-sample", seed=3, run=r).tolist()
        outputs = [path[-1][2] + a * path[-1][0] + b * path[-1][1] for a in (-1, 1) for b in (-1, 1)]
        done = sum((abs(s) - t) ** 2 for s, t in zip(outputs, (0, 1, 1, 0), strict=True)) / 4 < 1e-4
        side = 0.5 if start[0] >= start[1] else -0.5
        far = ((start[0] - side) ** 2 + (start[1] + side) ** 2 + start[2] ** 2) ** 0.5
        rows.append((abs(start[0] - start[1]) <= abs(start[2]), done, len(path) - 1, far))
    late = [row for row in rows if row[0] and row[1]]
    known = [(far, n) for trapped, done, n, far in rows if done and not trapped]
    told = [(row[2], on_the_line(row[3], known)) for row in late]
    told = [(n, epochs) for n, epochs in told if epochs is not None]
    found = escapes("pytorch", runs=80, rate=0.1, tolerance=1e-4, max_epochs=60, seed=3)
    trapped = sum(row[0] for row in rows)
    assert 0 < len(late) < trapped
    assert found.trapped == trapped / 80
    assert found.arrive.value == len(late) / trapped
    assert found.arrive_others.value == len(known) / (80 - trapped)
    assert 0 < len(told) < len(late)
    assert found.beyond.value == (len(late) - len(told)) / len(late)
    assert found.epochs.value == pytest.approx(sum(n for n, _ in told) / len(told))
    assert found.by_distance == pytest.approx(sum(epochs for _, epochs in told) / len(told))
