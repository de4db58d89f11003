"""Tests of ``chapters.distance.c8_conclusions.two_sided``."""

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
