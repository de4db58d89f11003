"""Tests of ``tools.schedules.shaped_lr``."""

import math

import pytest
import torch

from trainphys.tools.schedules.shaped_lr import ShapedLR, torch_exponential_fall


def test_bad_input() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    with pytest.raises(ValueError, match="expected a whole number total_steps >= 1"):
        ShapedLR(optimizer, 0)
    state = ShapedLR(optimizer, 10).state_dict()
    with pytest.raises(
        ValueError, match="a run of 20 steps, got one of 10: make the scheduler with the same total_steps"
    ):
        ShapedLR(optimizer, 20).load_state_dict(state)
    with pytest.raises(ValueError, match="expected tau > 0"):
        torch_exponential_fall(0.0, 1)
    with pytest.raises(ValueError, match="updates >= 1"):
        torch_exponential_fall(1.0, 0)


def test_a_run_may_begin_where_another_one_stopped() -> None:
    """By ``last_epoch``, from the first rates that the optimizer has kept; and one step is a whole run."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    first = ShapedLR(optimizer, 10)
    for _ in range(4):
        optimizer.step()
        first.step()
    second = ShapedLR(optimizer, 10, last_epoch=3)
    assert second.last_epoch == 4
    assert second.get_last_lr() == first.get_last_lr() == [pytest.approx(0.5 * 0.01**0.4)]
    assert "shape" not in second.state_dict()
    only = ShapedLR(torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0), 1)
    only.optimizer.step()
    only.step()
    assert only.get_last_lr() == [pytest.approx(0.01)]


def test_pytorch_multiplies_once_an_update() -> None:
    assert torch_exponential_fall(4.0, 3) == pytest.approx(math.exp(-3 / 4))
    assert torch_exponential_fall(0.5, 1) == pytest.approx(math.exp(-2))


def test_a_resumed_schedule_sets_the_rates_of_an_optimizer_that_starts_anew() -> None:
    """Its own state is enough: without that of the optimizer the next update is at the rate where the run stopped."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    first = ShapedLR(optimizer, 10)
    for _ in range(4):
        optimizer.step()
        first.step()
    other = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    ShapedLR(other, 10).load_state_dict(first.state_dict())
    assert other.param_groups[0]["lr"] == optimizer.param_groups[0]["lr"] == pytest.approx(0.5 * 0.01**0.4)
