"""Tests of ``chapters.power.shared.fresh_runs``."""

from trainphys.chapters.power.shared.batch_sweep import SOFTMAX, batch_size_sweep
from trainphys.chapters.power.shared.fresh_runs import fresh_steps


def test_fresh_runs_repeat_the_sweep_within_their_errors():
    points = batch_size_sweep(workload=SOFTMAX, batch_sizes=(256, 512), tuning_runs=3, runs=24, seed=0)
    fresh = fresh_steps(workload=SOFTMAX, points=points, runs=48, seed=1)
    for point in points:
        apart = fresh[point.batch_size] - point.mean()
        assert 0 < abs(apart.value) < 5 * apart.stderr
