"""Tests of ``chapters.cooling.shared.training_runs``."""

import numpy as np
import pytest

from trainphys.chapters.cooling.shared.training_runs import SHAPES, final_scores, schedule_runs
from trainphys.tools.schedules.shapes import constant_shape, linear_decay
from trainphys.workloads.datasets import digits_split


def test_schedules_are_paired_and_do_not_disturb_each_other() -> None:
    data = digits_split()
    sizes = {"hidden": 8, "batch_size": 8, "updates": 20, "runs": 3, "seed": 5}
    both = {"constant": constant_shape, "linear": linear_decay}
    together, _ = final_scores(data, both, np.array([[0.5], [1.0]]), **sizes)
    alone, _ = final_scores(data, {"linear": linear_decay}, np.array([[1.0]]), **sizes)
    assert together[1] == pytest.approx(alone[0], rel=1e-5)
    same, _ = final_scores(data, {"a": constant_shape, "b": constant_shape}, np.ones((2, 1)), **sizes)
    assert np.array_equal(same[0], same[1])
    with pytest.raises(ValueError, match="expected a row of rates"):
        final_scores(data, both, np.ones((1, 1)), **sizes)


def test_schedule_runs_tune_and_measure() -> None:
    runs = schedule_runs(workload="digits", label_noise=0.2, updates=60, tuning_runs=2, runs=4, seed=0)
    assert runs.names == tuple(SHAPES)
    assert runs.train_loss.shape == (len(SHAPES), 4)
    best = runs.rates_tried[np.arange(len(SHAPES)), runs.tuning_loss.argmin(axis=1)]
    assert np.array_equal(best, runs.base_rates)
    assert ((runs.rates_tried[:, 0] < best) & (best < runs.rates_tried[:, -1])).all()
    zero = runs.paired("linear", "linear")
    assert (zero.value, zero.stderr) == (0.0, 0.0)
    ratio = runs.relative_loss("linear", "constant")
    assert ratio.value == pytest.approx(runs.train_loss[3].mean() / runs.train_loss[6].mean())
    with pytest.raises(ValueError, match="not in tuple"):
        runs.paired("linear", "magic")
