"""Tests of ``chapters.distance.c5_applications.recorded_runs``."""

import math

import numpy as np
import pytest
import torch

from trainphys.chapters.distance.c5_applications.backtest import back_test
from trainphys.chapters.distance.c5_applications.recorded_runs import Plan, gradient_norms, record, recorded_task
from trainphys.workloads.datasets import digits_split
from trainphys.workloads.replicas import Replicas


def test_recorded_norms_are_those_of_automatic_differentiation() -> None:
    split, rng = digits_split(), np.random.default_rng(0)
    nets = Replicas((64, 5, 10), rng, 3, momentum=0.5)
    before = [w.clone() for w in nets.weights]
    found = gradient_norms(nets, split.inputs[:200], split.labels[:200])
    assert all(torch.equal(one, other) for one, other in zip(before, nets.weights, strict=True))
    for i in range(3):
        parts = [p[i].clone().requires_grad_(True) for p in (*nets.weights, *nets.biases)]
        hidden = torch.tanh(split.inputs[:200] @ parts[0] + parts[2])
        torch.nn.functional.cross_entropy(hidden @ parts[1] + parts[3], split.labels[:200]).backward()
        square = sum(float((p.grad**2).sum()) for p in parts)
        assert found[i] == pytest.approx(math.sqrt(square), rel=1e-4)


def test_recorded_runs_repeat_and_fall() -> None:
    one, two = (recorded_task("digits", runs=4, seed=1, looks=25) for _ in range(2))
    assert np.array_equal(one.curves, two.curves)
    assert (one.curves[-1] < 0.5 * one.curves[0]).all()
    split = digits_split()
    plan = Plan((64, 4, 10), 16, 2, 3)
    assert record(split.inputs, split.labels, plan, np.full(2, 0.1), np.random.default_rng(0)).norms.shape == (4, 2)


@pytest.mark.parametrize("norms", [False, True])
def test_intervals_cover_runs_that_had_no_part_in_the_calibration(norms: bool) -> None:
    recorded = recorded_task("digits", runs=80, seed=3, looks=60)
    found = back_test(recorded.curves, norms=recorded.norms if norms else None, seed=3)
    assert found.coverage().value > 0.9 - 4 * math.sqrt(0.09 / len(found.truth))
    assert found.refused < 8
