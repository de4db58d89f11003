"""Tests of ``chapters.distance.c8_conclusions.two_sided``."""

import math

import numpy as np
import pytest
import torch

from trainphys.chapters.distance.c8_conclusions.laws import free_unit_factor
from trainphys.chapters.distance.c8_conclusions.two_sided import SAMPLES, train_two_sided
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_tied_units_are_the_model_itself():
    starts = draw_starts("pytorch", 300, 0)
    two = train_two_sided(starts[:, None], rate=0.1, tolerance=1e-7, max_epochs=60, tied=True)
    one = train(starts, rate=0.1, tolerance=1e-7, max_epochs=60)
    assert (two.epochs == one.epochs).all()
    assert (two.converged == one.converged).all()
    np.testing.assert_allclose(two.states[10, :, 0], one.states[10].T, atol=1e-12)
    np.testing.assert_allclose(two.slowdown(), 0.8 ** (1.0 - two.epochs[two.walked]), rtol=1e-6)
    np.testing.assert_allclose(two.last_factor(), 0.8, rtol=1e-6)


def test_free_units_take_the_step_that_torch_takes():
    starts = np.stack([draw_starts("pytorch", 5, i) for i in (0, 1)], axis=1)
    theta = torch.tensor(starts, requires_grad=True)
    outputs = torch.relu(theta @ torch.tensor(SAMPLES.T)).sum(dim=1)
    ((outputs - torch.tensor([0.0, 1.0, 1.0, 0.0])) ** 2).mean(dim=1).sum().backward()
    runs = train_two_sided(starts, rate=0.1, tolerance=1e-9, max_epochs=1)
    np.testing.assert_allclose(runs.states[1], starts - 0.1 * theta.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("active", [1, 2, 3])
def test_free_factor_is_the_slowest_eigenvalue(active):
    rows = np.array([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0], [1.0, 1.0, 1.0]])[:active]
    slowest = np.linalg.eigvalsh(np.eye(active) - 0.05 * rows @ rows.T).max()
    assert free_unit_factor(active, 0.1) == pytest.approx(slowest)


def test_free_units_end_at_one_of_the_three_factors():
    starts = np.stack([draw_starts("pytorch", 400, i) for i in (0, 1)], axis=1)
    two = train_two_sided(starts, rate=0.1, tolerance=1e-10, max_epochs=400)
    off = np.abs(two.last_factor()[:, None] - free_unit_factor([1, 2, 3], 0.1)).min(axis=1)
    assert np.median(off) < 1e-6
    assert (off < 0.01).mean() > 0.9


@pytest.mark.parametrize("tied", [False, True])
def test_two_units_are_trained_as_by_a_loop_over_samples(tied):
    """Epochs, where each run stands still, its first and last steps, and how many samples a unit sees at the end."""
    starts = np.stack([draw_starts("normal", 25, i) for i in ((0,) if tied else (0, 1))], axis=1)
    two = train_two_sided(starts, rate=0.2, tolerance=1e-3, max_epochs=30, tied=tied)
    inputs, walked, rows = [(-1, -1, 0), (-1, 1, 1), (1, -1, 1), (1, 1, 0)], [], []
    for r, units in enumerate(starts.tolist()):
        path, epoch = [units], 0
        while True:
            now, error, moves = path[-1], 0.0, [[0.0] * 3 for _ in path[-1]]
            for x1, x2, target in inputs:
                u = [w1 * x1 + w2 * x2 + b for w1, w2, b in now]
                signs = [(j, s) for j in range(len(now)) for s in ((1, -1) if tied else (1,)) if s * u[j] > 0]
                miss = sum(s * u[j] for j, s in signs) - target
                error += miss * miss / 4
                for j, s in signs:
                    for i, x in enumerate((x1, x2, 1)):
                        moves[j][i] += 0.2 * 2 / 4 * miss * s * x
            if error < 1e-3 or epoch == 30:
                break
            path.append([[a - m for a, m in zip(w, move, strict=True)] for w, move in zip(now, moves, strict=True)])
            epoch += 1
        assert two.epochs[r] == epoch
        assert two.converged[r] == (error < 1e-3)
        for n, units_then in enumerate(path):
            np.testing.assert_allclose(two.states[n, r], units_then, atol=1e-11)
        np.testing.assert_allclose(two.states[-1, r], path[-1], atol=1e-11)
        assert two.active[r] == max(sum(w1 * x + w2 * y + b > 0 for x, y, _ in inputs) for w1, w2, b in path[-1])
        if error < 1e-3 and epoch > 1:
            far = lambda a, b: math.dist([v for w in a for v in w], [v for w in b for v in w])  # noqa: E731
            walked.append((r, far(path[1], path[0]), far(path[-1], path[-2]), far(path[-2], path[-3])))
            rows += [(r, far(path[n], path[-1]), epoch - n) for n in range(epoch)]
    assert len(walked) > 3
    assert two.walked.tolist() == [w[0] for w in walked]
    assert two.slowdown() == pytest.approx([first / last for _, first, last, _ in walked])
    assert two.last_factor() == pytest.approx([last / before for _, _, last, before in walked])
    run, distance, remaining = two.to_last()
    assert (run.tolist(), remaining.tolist()) == ([r for r, *_ in rows], [n for *_, n in rows])
    assert distance == pytest.approx([d for _, d, _ in rows], abs=1e-11)
