"""Tests of ``tools.curvature.model_loss``."""

import math

import pytest
import torch
from torch import nn

from trainphys.tools.curvature.model_loss import check_model_and_data, flat_loss

DATA = torch.arange(8.0).view(4, 2), torch.zeros(4, 3)
LOSS = nn.MSELoss()


def test_only_trainable_parameters_move_and_buffers_stay():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 3, bias=False))
    model[0].bias.requires_grad_(False)
    model[2].requires_grad_(False)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    of, at = flat_loss(model, LOSS, DATA)
    assert at.tolist() == torch.cat([model[0].weight.flatten(), model[1].weight, model[1].bias]).tolist()
    moved = of(at + 1).detach()
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    with torch.no_grad():
        for p in (model[0].weight, model[1].weight, model[1].bias):
            p += 1
        assert float(moved) == pytest.approx(float(LOSS(model(DATA[0]), DATA[1])), rel=1e-6)


@pytest.mark.parametrize(
    ("model", "loss", "message"),
    [
        (nn.Linear(2, 3), nn.MSELoss(reduction="none"), "(?s)one finite number, got .*: average it over the batch"),
        (nn.Linear(2, 3), lambda z, t: z.sum() * math.nan, "one finite number, got nan"),
        (nn.Sequential(nn.Dropout(), nn.Linear(2, 3)), LOSS, r"the same loss twice, got .*: call model.eval\(\)"),
    ],
)
def test_a_loss_has_to_be_one_number_and_always_the_same(model, loss, message):
    torch.manual_seed(0)
    with pytest.raises(ValueError, match=message):
        flat_loss(model, loss, DATA)


def test_models_and_data_that_tell_nothing_are_refused():
    model, (x, y) = nn.Linear(2, 3), DATA
    for data, got in (((x, y[:3]), "got 4 and 3"), ((x[:3], y), "got 3 and 4"), ((x[:0], y[:0]), "got 0 and 0")):
        with pytest.raises(ValueError, match=f"as many inputs as targets, at least one, {got}"):
            check_model_and_data(model, data)
    check_model_and_data(model, (x[:1], y[:1]))
    frozen = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 3))
    frozen[0].requires_grad_(False).weight[0, 0] = math.inf
    check_model_and_data(frozen, DATA)  # what is not trained is the user's own
    frozen[1].requires_grad_(False)
    with pytest.raises(ValueError, match="trainable parameters, got none: set requires_grad"):
        check_model_and_data(frozen, DATA)
    nn.init.constant_(model.bias[1:2], math.inf)
    with pytest.raises(ValueError, match="has diverged"):
        check_model_and_data(model, DATA)
