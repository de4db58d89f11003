"""Tests of ``tools.stacks.sample_losses``."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.tools.gradients.test_per_sample import CROSS, quartic, samples
from trainphys.tools.stacks.sample_losses import sample_loss


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
