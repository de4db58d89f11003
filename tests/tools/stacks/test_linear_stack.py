"""Tests of ``tools.stacks.linear_stack``."""

import numpy as np
import pytest
import torch
from torch import nn

from trainphys.tools.stacks.linear_stack import ELEMENTWISE, derivatives, linear_stack


@pytest.mark.parametrize("kind", ELEMENTWISE)
def test_derivatives_of_activations_against_differences(kind):
    at, h = torch.linspace(-2.9, 3.1, 8, dtype=torch.float64), 1e-4
    value, slope, bend = derivatives(kind(), at.clone(), second=True)
    here, ahead, behind = kind()(at), kind()(at + h), kind()(at - h)
    np.testing.assert_allclose(value, here, rtol=1e-12)
    np.testing.assert_allclose(slope, (ahead - behind) / (2 * h), atol=1e-7)
    np.testing.assert_allclose(bend, (ahead - 2 * here + behind) / h**2, atol=1e-6)
    assert derivatives(kind(), at.clone(), second=False)[2] is None


def test_only_plain_stacks_are_taken_for_stacks():
    hooked = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
    assert linear_stack(hooked) is not None
    hooked[0].register_forward_hook(lambda module, inputs, outputs: 2 * outputs)
    dropping = nn.Sequential(nn.Linear(4, 3), nn.Dropout(), nn.Linear(3, 2))
    for other in (hooked, dropping, nn.Sequential(nn.Tanh(), nn.Linear(3, 2)), nn.Sequential(), nn.Conv1d(1, 1, 1)):
        assert linear_stack(other) is None
    assert linear_stack(dropping.eval()) is not None
