"""Tests of ``tools.stacks.sample_losses``."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.tools.gradients.test_per_sample import CROSS, quartic, samples
from trainphys.tools.stacks.sample_losses import AnyLoss, CrossEntropy, SquaredError, sample_loss


@pytest.mark.parametrize("loss", [CROSS, nn.MSELoss(), quartic])
def test_losses_against_differences(loss):
    data = samples(loss is CROSS, n=3)
    z = torch.tensor([[0.3, -1.0, 2.0], [0.0, 0.0, 0.0], [1.0, 2.0, -0.5]], dtype=torch.float64)
    way, h = torch.tensor([[1.0, -2.0, 0.5]], dtype=torch.float64).expand(3, 3), 1e-5
    known, ahead, behind = (sample_loss(loss, z + shift * way, data[1]) for shift in (0.0, h, -h))
    np.testing.assert_allclose(known.bent(way), (ahead.slope() - behind.slope()) / (2 * h), rtol=1e-6, atol=1e-8)
    columns = torch.stack([way, 2 * way], dim=2)
    np.testing.assert_allclose(known.bent(columns)[..., 1], 2 * known.bent(way), rtol=1e-12)
    moved = [loss(z + shift * way, data[1]) for shift in (h, -h)]
    assert float((known.slope() * way).sum() / 3) == pytest.approx(float(moved[0] - moved[1]) / (2 * h), rel=1e-7)


class Doubled(nn.CrossEntropyLoss):
    def forward(self, outputs, targets):
        return 2 * super().forward(outputs, targets)


class Halved(nn.MSELoss):
    def forward(self, outputs, targets):
        return super().forward(outputs, targets) / 2


def exchanged(loss):
    plain = loss.forward
    loss.forward = lambda z, t: 2 * plain(z, t)
    return loss


def hooked(loss):
    loss.register_forward_hook(lambda module, inputs, found: 3 * found)
    return loss


Z = torch.tensor([[0.3, -1.0, 2.0], [0.0, 0.5, 0.0]], dtype=torch.float64)
LABELS, SHARES = torch.tensor([2, 0]), torch.tensor([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]], dtype=torch.float64)


@pytest.mark.parametrize(
    ("loss", "targets", "kind"),
    [
        (CROSS, LABELS, CrossEntropy),
        (nn.CrossEntropyLoss(), LABELS, CrossEntropy),
        (nn.CrossEntropyLoss(ignore_index=1), LABELS, CrossEntropy),
        (nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0]).double()), LABELS, AnyLoss),
        (nn.CrossEntropyLoss(label_smoothing=0.1), LABELS, AnyLoss),
        (nn.CrossEntropyLoss(reduction="sum"), LABELS, AnyLoss),
        (CROSS, SHARES, AnyLoss),
        (Doubled(), LABELS, AnyLoss),
        (exchanged(nn.CrossEntropyLoss()), LABELS, AnyLoss),
        (hooked(nn.CrossEntropyLoss()), LABELS, AnyLoss),
        (exchanged(nn.MSELoss()), SHARES, AnyLoss),
        (hooked(nn.MSELoss()), SHARES, AnyLoss),
        (nn.MSELoss(), SHARES, SquaredError),
        (nn.functional.mse_loss, SHARES, SquaredError),
        (nn.MSELoss(reduction="sum"), SHARES, AnyLoss),
        (Halved(), SHARES, AnyLoss),
    ],
)
def test_what_is_written_out_is_the_loss_itself(loss, targets, kind):
    """Each sample's slope is that of the loss of a batch of one."""
    found, z = sample_loss(loss, Z, targets), Z.clone().requires_grad_(True)
    assert type(found) is kind
    each = torch.stack([loss(z[n : n + 1], targets[n : n + 1]) for n in range(2)])
    np.testing.assert_allclose(found.slope(), torch.autograd.grad(each.sum(), z)[0], rtol=1e-12)


def test_labels_that_a_loss_leaves_out_are_not_counted():
    for loss, labels in ((CROSS, torch.tensor([2, -100])), (nn.CrossEntropyLoss(ignore_index=0), LABELS)):
        found = sample_loss(loss, Z, labels)
        assert isinstance(found, AnyLoss)
        assert not found.is_mean()
    assert isinstance(sample_loss(CROSS, Z, torch.tensor([2, -1])), AnyLoss)  # no label: torch refuses it


def test_a_mean_is_told_from_a_sum_and_from_a_batch_that_hangs_together():
    targets = torch.zeros_like(Z)
    assert AnyLoss(quartic, Z, targets).is_mean()
    assert not AnyLoss(nn.MSELoss(reduction="sum"), Z, targets).is_mean()
    assert not AnyLoss(lambda z, t: (z - t).mean() ** 2, Z, targets).is_mean()


def test_a_mean_is_asked_beside_outputs_that_are_all_alike_and_by_its_slope():
    """Where all samples are alike the square of their mean looks like the mean of their squares."""
    z = torch.ones(4, 3, dtype=torch.float64)
    assert not AnyLoss(lambda z, t: (z - t).mean(dim=0).square().sum(), z, torch.zeros_like(z)).is_mean()

    def mean_with_the_slope_of_a_sum(z, t):
        each = (z - t).square().sum(dim=1)
        return each.mean().detach() + each.sum() - each.sum().detach()

    assert not AnyLoss(mean_with_the_slope_of_a_sum, z, torch.zeros_like(z)).is_mean()
    assert AnyLoss(lambda z, t: (z - t).square().sum(dim=1).mean(), z, torch.zeros_like(z)).is_mean()
