"""Tests of ``tools.stacks.linear_stack``."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from trainphys import gradient_covariance_trace, hessian_trace, sharpness
from trainphys.tools.stacks.linear_stack import ELEMENTWISE, derivatives, linear_stack, stack_loss


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
    others = [hooked, dropping, nn.Sequential(), nn.Flatten(), nn.Conv1d(1, 1, 1)]
    others.append(nn.Sequential(nn.Tanh(), nn.Linear(3, 2)))
    others.append(nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Tanh(), nn.Linear(3, 2)))
    others.append(nn.Sequential(nn.Linear(4, 3), nn.Flatten(), nn.Linear(3, 2)))
    others.append(nn.Sequential(nn.Flatten(2), nn.Linear(4, 3)))
    others.append(nn.Sequential(nn.Flatten(1, 2), nn.Linear(4, 3)))
    for other in others:
        assert linear_stack(other) is None
    assert linear_stack(dropping.eval()) is not None


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("kind", ["forward_hook", "forward_pre_hook", "full_backward_hook", "full_backward_pre_hook"])
def test_a_hook_anywhere_makes_a_model_something_else(place, kind):
    """The model itself, a layer, its activation, what flattens, or what drops nothing."""
    whole = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.Tanh(), nn.Dropout(), nn.Linear(3, 2)).eval()
    assert linear_stack(whole) is not None
    module = (whole, whole[0], whole[1], whole[2], whole[3])[place]
    getattr(module, f"register_{kind}")(lambda *_: None)
    assert linear_stack(whole) is None


@pytest.mark.parametrize("kind", ["forward_hook", "forward_pre_hook"])
def test_a_hook_on_all_modules_counts(kind):
    """Least squares whose outputs or inputs are doubled: four times the Hessian."""
    layer, data = nn.Linear(1, 1, bias=False), (torch.ones(4, 1), torch.zeros(4, 1))
    twice = {"forward_hook": lambda _m, _i, found: 2 * found, "forward_pre_hook": lambda _m, x: (2 * x[0],)}[kind]
    only = lambda m, *given: twice(m, *given) if m is layer else None  # noqa: E731
    handle = getattr(nn.modules.module, f"register_module_{kind}")(only)
    try:
        assert sharpness(layer, nn.MSELoss(), data).value == pytest.approx(8.0)
        assert hessian_trace(layer, nn.MSELoss(), data).value == pytest.approx(8.0)
    finally:
        handle.remove()
    assert sharpness(layer, nn.MSELoss(), data).value == pytest.approx(2.0)


def test_a_row_of_the_inputs_has_to_be_a_sample():
    layer, loss = nn.Linear(4, 3), nn.MSELoss()
    flat = nn.Sequential(nn.Flatten(), layer)
    for model, shape, taken in (
        (layer, (5, 4), True),
        (layer, (5, 2, 4), False),
        (flat, (5, 2, 2), True),
        (flat, (5, 4), True),
        (layer, (4,), False),
        (flat, (4,), False),
    ):
        known = stack_loss(model, loss, (torch.ones(shape), torch.zeros(5, 3)), second=True)
        assert (known is not None) == taken
    assert linear_stack(nn.Sequential(layer, nn.Linear(3, 2))).parameters == 15 + 8


def test_a_loss_that_cannot_be_taken_sample_by_sample_is_none_of_a_stack():
    def branching(outputs, targets):
        return (outputs - targets).square().mean() * (2 if float(outputs.sum()) > 0 else 1)

    assert stack_loss(nn.Linear(4, 3), branching, (torch.ones(5, 4), torch.zeros(5, 3)), second=False) is None


def test_parameters_of_a_stack_are_those_of_its_layers_and_no_others():
    """A weight that is a buffer or a plain tensor is not trained, and one more parameter is in the vector."""
    for kind in ("buffer", "tensor", "in a layer", "in the whole"):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double()
        data = torch.randn(9, 3, dtype=torch.float64), torch.randn(9, 2, dtype=torch.float64)
        frozen = copy.deepcopy(model)
        if kind in ("buffer", "tensor"):
            frozen[0].weight.requires_grad_(False)
            weight = model[0].weight.detach()
            del model[0].weight
            model[0].register_buffer("weight", weight) if kind == "buffer" else setattr(model[0], "weight", weight)
        else:
            part = model[0] if kind == "in a layer" else model
            part.more = nn.Parameter(torch.ones(5, dtype=torch.float64))
        trained = sum(p.numel() for p in model.parameters())
        assert linear_stack(model) is None
        top = sharpness(model, nn.MSELoss(), data, tolerance=1e-7)
        assert top.vector.size == trained
        assert top.value == pytest.approx(sharpness(frozen, nn.MSELoss(), data, tolerance=1e-7).value, rel=1e-9)
        noise = gradient_covariance_trace(model, nn.MSELoss(), data, population=9)
        assert noise.parameters == trained
        assert noise.trace == pytest.approx(gradient_covariance_trace(frozen, nn.MSELoss(), data, population=9).trace)
