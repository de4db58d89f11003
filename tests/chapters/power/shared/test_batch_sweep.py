"""Tests of ``chapters.power.shared.batch_sweep``."""

import functools
from dataclasses import replace

import numpy as np
import pytest

from trainphys.chapters.power.shared import batch_sweep
from trainphys.chapters.power.shared.batch_sweep import PERCEPTRON, SOFTMAX, measured_steps, tuned
from trainphys.ensemble import sweep
from trainphys.errors import NotBracketed

EASY = replace(SOFTMAX, target_loss=0.4)


def test_runs_do_not_depend_on_their_company_or_on_when_they_are_first_looked_at():
    rates = np.array([4.0, 6.0])
    together = measured_steps(EASY, 8, rates, runs=4, seed=1, patience=50)
    alone = measured_steps(EASY, 8, rates[1:], runs=4, seed=1, patience=50)
    late = measured_steps(EASY, 8, rates[1:], runs=4, seed=1, patience=50, first_look=10_000)
    assert np.allclose(together[1], alone[0], rtol=1e-3)
    assert np.array_equal(alone, late)
    assert not np.array_equal(alone, measured_steps(EASY, 8, rates[1:], runs=4, seed=2, patience=50))


def test_exact_gradient_repeats_itself():
    steps = measured_steps(EASY, 0, np.array([5.0]), runs=3, seed=0)
    assert np.ptp(steps) < 1e-5  # a matrix product may round its first and its last replica differently


def test_the_search_brackets_the_optimum_from_a_bad_start():
    for start in (3.0, 400.0):
        rates, tried = tuned(replace(EASY, learning_rate=start), 64, runs=4, seed=0)
        best = int(np.argmin(tried.mean(axis=1)))
        assert 0 < best < len(rates) - 1
        assert 5 < rates[best] < 60


def test_an_optimum_at_the_edge_is_an_error():
    with pytest.raises(NotBracketed, match="inside"):
        tuned(replace(EASY, learning_rate=0.3), 64, runs=2, seed=0, widenings=1)


def test_the_sweep_is_the_same_for_any_number_of_workers():
    task = functools.partial(batch_sweep._sweep_point, EASY, 2, 3)
    one, two = (sweep(task, [16, 64], seed=0, workers=w, progress=False) for w in (1, 2))
    for a, b in zip(one, two, strict=True):
        assert a.learning_rates == b.learning_rates
        assert a.steps.tobytes() == b.steps.tobytes()


@pytest.mark.slow
def test_small_batches_scale_perfectly_and_large_ones_saturate():
    points = batch_sweep.batch_size_sweep(
        workload=replace(PERCEPTRON, target_loss=0.2), batch_sizes=(4, 8, 512, 1024), tuning_runs=4, runs=32, seed=0
    )
    small, twice, large, largest = (p.mean() for p in points)
    gain, saturated = small / twice, large / largest
    assert abs(gain.value - 2) < 5 * gain.stderr
    assert gain.value > 2**0.5 + 5 * gain.stderr
    assert 0.9 < saturated.value < 1.4
