"""Tests of ``chapters.distance.c9_reproduction.reconstruction``."""

from dataclasses import replace

import numpy as np
import pytest

from trainphys.chapters.distance.c9_reproduction import reconstruction
from trainphys.chapters.distance.c9_reproduction.reconstruction import (
    REPORTED,
    _distance_sums,
    _stops,
    search_configurations,
)
from trainphys.xor.configurations import RECONSTRUCTED
from trainphys.xor.landscape import loss
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_bank_predicts_what_replicated_reports_print(bank, made):
    """The delta method from one ensemble against the mean and spread of whole reports from another."""
    wanted = replace(RECONSTRUCTED[1], name="")
    at = next(i for i, c in enumerate(bank.configurations) if replace(c, name="") == wanted)
    states, variance, _, l2, l1 = made.values.T[:5]
    scaled = np.stack([states, np.log(variance), np.log(l2), np.log(l1 / l2)], axis=1)
    spread = scaled.std(axis=0, ddof=1)
    error = spread * np.sqrt(1 / 200 + 100 / 400)
    bias = np.array([0, 0.05, 0.01, 0.01])  # of ln s^2 and of quotients in a report of a hundred
    np.testing.assert_array_less(np.abs(scaled.mean(axis=0) - bank.mean[at]), 5 * error + bias)
    np.testing.assert_allclose(np.sqrt(np.diag(bank.covariance[at])), spread, rtol=0.4)


def test_mismatch_is_the_likelihood_written_out(bank):
    i = len(bank.configurations) // 2
    square, score = bank.mismatch(REPORTED.scaled()[None], np.array([REPORTED.longest]))
    miss = REPORTED.scaled() - bank.mean[i]
    expected = miss @ np.linalg.inv(bank.covariance[i]) @ miss
    chance = bank.cumulative[i, 38] ** 100 - bank.cumulative[i, 37] ** 100
    assert square[i, 0] == pytest.approx(expected)
    assert score[i, 0] == pytest.approx(
        expected + np.linalg.slogdet(bank.covariance[i])[1] - 2 * np.log(max(chance, 1e-12))
    )


def test_a_bank_needs_a_report_of_runs():
    with pytest.raises(ValueError, match="runs >= 100"):
        search_configurations(0, runs=10)


@pytest.mark.parametrize("change", [False, True])
def test_stops_and_distances_are_those_of_a_loop_over_states(change):
    states = train(draw_starts("pytorch", 20, 1), rate=0.15, tolerance=1e-300, max_epochs=40, scales=(0.7, 0.7)).states
    tolerances = (1e-1, 1e-2, 1e-4, 1e-12)
    found = _stops(states, 0.7, np.array(tolerances), change)
    for r in range(20):
        heights = [loss(states[n, :, r], (0.7, 0.7)).item() for n in range(41)]
        seen = [abs(heights[n] - heights[n - 1]) if n else np.inf for n in range(41)] if change else heights
        for k, tolerance in enumerate(tolerances):
            assert found[k, r] == next((n for n in range(41) if seen[n] < tolerance), -1)
    runs, final = np.array([3, 0, 7]), np.array([12, 1, 30])
    l1, l2 = _distance_sums(states, runs, 1, final)
    for i, (r, end) in enumerate(zip(runs, final, strict=True)):
        gaps = [np.abs(states[n, :, r] - states[end, :, r]).tolist() for n in range(1, end)]
        assert l1[i] == pytest.approx(sum(map(sum, gaps)))
        assert l2[i] == pytest.approx(sum(sum(g * g for g in gap) ** 0.5 for gap in gaps))


def test_a_tolerance_comes_near_by_the_mean_of_the_runs_that_stop_if_an_eighth_does():
    near = reconstruction.REPORTED.states - 0.5
    low, high = int(near) - 1, int(near) + 1
    stops = np.full((4, 16), -1)  # none, then two of sixteen near, one alone near, two far
    stops[1, 3:5], stops[2, 7], stops[3, 3:5] = (low, high), low, (low - 30, low)
    stops[3, 9] = reconstruction.MAX_EPOCHS + 1  # does not stop in time
    assert reconstruction._near(stops, 2.5).tolist() == [False, True, False, False]
    wide = [False, True, False, True]  # the mean of the last is seventeen below
    assert reconstruction._near(stops, 17.0).tolist() == wide


def test_the_covariance_of_a_report_is_numpys():
    epochs = np.random.default_rng(1).integers(20, 40, 200).astype(float)
    l1, l2 = 0.08 * epochs * (1 + 0.1 * np.sin(epochs)), 0.07 * epochs
    covariance = reconstruction._report_distribution(epochs, l1, l2)[1]
    m, v, a, b = epochs.mean(), epochs.var(), l1.sum() / epochs.sum(), l2.sum() / epochs.sum()
    d1, d2 = (l1 / epochs - a) * epochs / (m * a), (l2 / epochs - b) * epochs / (m * b)
    one = np.cov([epochs - m, (epochs - m) ** 2 / v, d2, d1 - d2]) * (1 / 100 + 1 / 200)
    np.testing.assert_allclose(covariance, one + reconstruction.ROUNDING + 1e-9 * np.eye(4), rtol=1e-9, atol=1e-15)
