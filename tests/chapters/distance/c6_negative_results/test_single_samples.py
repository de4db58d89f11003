"""Tests of ``chapters.distance.c6_negative_results.single_samples``."""

import numpy as np

from trainphys.chapters.distance.c6_negative_results.single_samples import escapes
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_noise_frees_few_at_a_small_rate_and_all_at_a_large_one():
    starts = draw_starts("pytorch", 2000, 3)
    few, more, all_ = (escapes(starts, rate=r, tolerance=1e-7, max_epochs=1000, seed=0) for r in (0.025, 0.05, 0.1))
    assert few.arrive.value < more.arrive.value < all_.arrive.value == 1.0
    assert abs(few.epochs.value - few.by_distance) < 1.0  # freed at once or not at all
    assert all_.epochs.value > 3.0 * all_.by_distance  # freed after a wait


def test_cones_and_arrivals_are_counted_apart():
    starts = draw_starts("pytorch", 500, 3)
    found = escapes(starts, rate=0.05, tolerance=1e-7, max_epochs=300, seed=1)
    done = train(starts, rate=0.05, tolerance=1e-7, max_epochs=300, method="per-sample", seed=1).converged
    trapped = np.abs(starts[:, 0] - starts[:, 1]) <= np.abs(starts[:, 2])
    assert found.trapped == trapped.mean()
    assert found.arrive.value == done[trapped].mean()
    assert found.arrive_others.value == done[~trapped].mean()
