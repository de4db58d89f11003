"""Tests of ``tools.curvature.first_guess``."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from tests.tools.curvature.test_stack_trace import CROSS, built_hessian, samples
from trainphys.tools.curvature import sharpness as module
from trainphys.tools.curvature.first_guess import AFTER_GUESS, FEWEST, first_guess
from trainphys.tools.curvature.lanczos import LEAST_PRODUCTS
from trainphys.tools.curvature.sharpness import sharpness
from trainphys.tools.models.batches import Batches
from trainphys.tools.models.model_loss import ModelLoss


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.LayerNorm(6), nn.Tanh(), nn.Linear(6, 3)).double()


def guess_of(model, loss, data):
    of = ModelLoss(model, loss)
    return first_guess(of, Batches(data, like=of.at), torch.linspace(1, 2, of.at.numel(), dtype=of.at.dtype))


def test_it_is_close_to_the_top_eigenvector_of_every_eighth_sample():
    model, (x, y) = network(), samples(True, 8 * 30)
    top = torch.linalg.eigh(built_hessian(model, CROSS, (x[::8], y[::8])))[1][:, -1]
    found = guess_of(model, CROSS, (x, y))
    assert abs(float(found @ top) / float(found.norm())) > 0.97


def test_it_saves_products_and_changes_no_value(monkeypatch):
    model, data = network(), samples(True, 1000)
    known = float(torch.linalg.eigvalsh(built_hessian(model, CROSS, data))[-1])
    found = sharpness(model, CROSS, data, tolerance=1e-6)
    monkeypatch.setattr(module, "first_guess", lambda *_: None)
    without = sharpness(model, CROSS, data, tolerance=1e-6)
    assert AFTER_GUESS <= found.products < without.products
    assert without.products >= LEAST_PRODUCTS
    assert [found.value, without.value] == pytest.approx([known, known], rel=1e-9)


class Linear(nn.Linear):
    """Not a stack to those who ask for the type."""


@pytest.mark.parametrize("rest", [1.05, 1.5, 4.0])
def test_an_eighth_that_is_unlike_the_rest_does_not_hide_the_top(rest):
    """Samples lie along axes: the eighth that is asked knows another axis alone, an eigenvector of the whole too."""
    n, dimensions = 480, 60
    x = torch.zeros(n, dimensions, dtype=torch.float64)
    other = torch.arange(n) % 8 != 0
    x[~other, 0] = 8**0.5
    x[other, torch.arange(int(other.sum())) % (dimensions - 1) + 1] = 1.0
    curvature = 2 * x.T @ x / n
    x[other & (x[:, 1] > 0)] *= (rest * curvature[0, 0] / curvature[1, 1]) ** 0.5
    model = Linear(dimensions, 1, bias=False, dtype=torch.float64)
    found = sharpness(model, nn.MSELoss(), (x, torch.zeros(n, 1, dtype=torch.float64)))
    guess = guess_of(model, nn.MSELoss(), (x, torch.zeros(n, 1, dtype=torch.float64)))
    assert float(guess[0] / guess.norm()) > 0.99
    assert found.value == pytest.approx(rest * 2.0, rel=1e-3)
    assert np.argmax(np.abs(found.vector)) == 1


def test_without_a_part_to_ask_there_is_no_guess():
    """Few samples, a loader, and a loss that counts its samples."""

    def whole_only(outputs, targets):
        if len(targets) < FEWEST:
            raise ValueError("all of them, please")
        return CROSS(outputs, targets)

    model, data = network(), samples(True, FEWEST)
    assert guess_of(model, CROSS, data) is not None
    assert guess_of(model, CROSS, samples(True, FEWEST - 1)) is None
    assert guess_of(model, CROSS, DataLoader(TensorDataset(*data), 64)) is None
    assert guess_of(model, whole_only, data) is None
    assert sharpness(model, whole_only, data).value == pytest.approx(sharpness(model, CROSS, data).value, rel=1e-5)
