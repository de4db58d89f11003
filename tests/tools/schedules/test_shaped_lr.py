"""Tests of ``tools.schedules.shaped_lr``."""

import pytest
import torch

from trainphys.tools.schedules.shaped_lr import ShapedLR, torch_exponential_fall


def test_bad_input() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    with pytest.raises(ValueError, match="expected a whole number total_steps >= 1"):
        ShapedLR(optimizer, 0)
    state = ShapedLR(optimizer, 10).state_dict()
    with pytest.raises(ValueError, match="expected the state of a run of 20 steps, got one of 10"):
        ShapedLR(optimizer, 20).load_state_dict(state)
    with pytest.raises(ValueError, match="expected tau > 0"):
        torch_exponential_fall(0.0, 1)
