"""The margin to the limit of stability, beside the optimizers of torch themselves."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.optim import SGD, Adam, AdamW

from trainphys import Estimate, probe
from trainphys.tools.probe.updates import settings, unwrapped, updates
from trainphys.tools.probe.values import missing

STEPS = 600


class Two(nn.Module):
    """A linear map whose weights are two parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = (nn.Parameter(torch.zeros(k, dtype=torch.float64)) for k in (2, 1))

    def forward(self, x):
        return (x @ torch.cat([self.first, self.second]))[:, None]


def least_squares():
    x = torch.randn(30, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return x * torch.tensor([2.0, 1.0, 1.5], dtype=torch.float64), torch.zeros(30, 1, dtype=torch.float64)


def frozen(kind, **more):
    """Adam whose second moments are given and stay: their decay rate is one but for rounding."""

    def make(groups):
        optimizer = kind(groups, betas=(0.9, 1 - 1e-10), **more)
        for k, p in enumerate(p for group in optimizer.param_groups for p in group["params"]):
            state = optimizer.state[p]
            state["step"] = torch.tensor(1e12, dtype=torch.float64)
            state["exp_avg"] = torch.zeros_like(p)
            state["exp_avg_sq"] = torch.linspace(0.5, 2.0 + k, p.numel(), dtype=torch.float64)
            state["max_exp_avg_sq"] = 3 * state["exp_avg_sq"]
        return optimizer

    return make


MAKERS = {
    "plain": lambda groups: SGD(groups),
    "momentum": lambda groups: SGD(groups, momentum=0.9),
    "dampening": lambda groups: SGD(groups, momentum=0.8, dampening=0.4),
    "dampening without momentum": lambda groups: SGD(groups, dampening=0.4),
    "nesterov": lambda groups: SGD(groups, momentum=0.7, nesterov=True),
    "adam": frozen(Adam),
    "adamw": frozen(AdamW),
    "adam, largest moments": frozen(Adam, amsgrad=True),
}
GROUPS = {
    "alike": ({"lr": 0.01, "weight_decay": 0.0}, {"lr": 0.01, "weight_decay": 0.0}),
    "decayed": ({"lr": 0.01, "weight_decay": 3.0}, {"lr": 0.01, "weight_decay": 3.0}),
    "apart": ({"lr": 0.01, "weight_decay": 6.0}, {"lr": 0.03, "weight_decay": 0.5}),
}


def optimizer_of(model, name, how, factor=1.0):
    parameters = ([model.first], [model.second])
    groups = [{"params": p, **h, "lr": h["lr"] * factor} for p, h in zip(parameters, GROUPS[how], strict=True)]
    return MAKERS[name](groups)


def growth(name, how, factor):
    """How much longer the parameters are after many updates with all rates a factor larger."""
    model, (x, y) = Two(), least_squares()
    for p in model.parameters():
        p.data.fill_(1e-3)
    optimizer = optimizer_of(model, name, how, factor)
    for _ in range(STEPS):
        optimizer.zero_grad()
        functional.mse_loss(model(x), y).backward()
        optimizer.step()
        longer = float(torch.cat([model.first, model.second]).detach().norm()) / (1e-3 * 3**0.5)
        if longer > 1000:  # far out even these second moments would follow
            break
    return longer


@pytest.mark.parametrize("how", GROUPS)
@pytest.mark.parametrize("name", MAKERS)
def test_below_the_margin_descent_shrinks_and_above_it_grows(name, how):
    model = Two()
    found = probe(model, functional.mse_loss, least_squares(), optimizer_of(model, name, how), population=30)
    assert isinstance(found.margin, Estimate), found.margin
    assert growth(name, how, 0.98 * found.margin.value) < 1
    assert growth(name, how, 1.02 * found.margin.value) > 1000
    if how == "apart":
        assert found.learning_rate is None
        assert "multiply each by the margin" in found.largest_learning_rate.why
    else:
        assert found.largest_learning_rate.value == pytest.approx(0.01 * found.margin.value, rel=1e-12)


def test_rates_of_adam_beside_a_loop_over_parameters():
    model, (x, y) = Two(), least_squares()
    model.first.data.fill_(0.3)
    optimizer = Adam(model.parameters(), lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        functional.mse_loss(model(x), y).backward()
        optimizer.step()
    found = updates(optimizer, list(model.parameters()))
    slow = []
    for p in model.parameters():
        for v in optimizer.state[p]["exp_avg_sq"].tolist():
            slow.append((1 - 0.8) * 0.02 / (1 - 0.8**3) / ((v / (1 - 0.95**3)) ** 0.5 + 1e-3))
    assert found.rates.numpy() == pytest.approx(np.array(slow), rel=1e-12)
    assert found.shifts.numpy() == pytest.approx(0.1 * np.array(slow), rel=1e-12)


def test_decay_is_decoupled_also_where_the_groups_do_not_say_so():
    """As with a torch that keeps no such key."""
    model = Two()
    optimizer = optimizer_of(model, "adamw", "decayed")
    known = updates(optimizer, list(model.parameters())).shifts
    for group in optimizer.param_groups:
        group.pop("decoupled_weight_decay", None)
    assert torch.equal(updates(optimizer, list(model.parameters())).shifts, known)


def test_rates_that_hardly_differ_have_the_margin_of_one_rate_and_its_error():
    """The one from a second eigenvalue, the other from the sharpness, on a sample of a larger population."""
    x, y = least_squares()
    found = []
    for rate in (0.01, 0.01 * (1 + 1e-12)):
        model = Two()
        groups = [{"params": [model.first]}, {"params": [model.second], "lr": rate}]
        optimizer = SGD(groups, lr=0.01, momentum=0.5, weight_decay=6.0)
        found.append(probe(model, functional.mse_loss, (x, y), optimizer, tolerance=1e-9).margin)
    assert found[1].value == pytest.approx(found[0].value, rel=1e-6)
    assert found[1].stderr == pytest.approx(found[0].stderr, rel=1e-4)
    assert found[0].stderr > 0.01 * found[0].value


def run_away(optimizer, **setting):
    """As a scheduler leaves it."""
    optimizer.param_groups[0].update(setting)
    return optimizer


def test_moments_of_no_step_are_none():
    weight = nn.Parameter(torch.ones(2))
    adam, zeros = Adam([weight], lr=0.1), torch.zeros(2)
    adam.state[weight] = {"step": torch.tensor(0.0), "exp_avg": zeros, "exp_avg_sq": zeros}
    with pytest.raises(
        ValueError, match="got some without: call this after some steps, and set requires_grad=False where"
    ):
        updates(adam, [weight])
    adam.state[weight]["step"] += 1
    adam.param_groups[0]["eps"] = 0.0
    with pytest.raises(ValueError, match="or an eps of 0"):
        updates(adam, [weight])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: torch.optim.RMSprop(p, lr=0.1), "expected SGD, Adam or AdamW, got RMSprop"),
        (lambda p: SGD(p, lr=0.1, maximize=True), "expected descent, got maximize=True"),
        (lambda p: Adam(p, lr=0.1), "call this after some steps"),
        (lambda p: SGD([{"params": p[:1], "momentum": 0.5}, {"params": p[1:]}], lr=0.1), "one momentum"),
        (lambda p: SGD(p, lr=0.1, momentum=1.0), "expected a momentum below 1, got 1: no learning rate is stable"),
        (lambda p: SGD(p, lr=0.1, momentum=2.0), "momentum below 1, got 2"),
        (lambda p: SGD(p, lr=math.nan), "finite learning rates and weight decays, 0 or more, got nan and 0"),
        (lambda p: SGD(p, lr=math.inf), "got inf and 0"),
        (lambda p: run_away(SGD(p, lr=0.1), lr=-1.0), "got -1 and 0: look at the optimizer, its scheduler"),
        (lambda p: SGD(p, lr=0.1, weight_decay=math.inf), "got 0.1 and inf"),
        (lambda p: SGD(p, lr=0.1, momentum=0.9, dampening=2.0), "a dampening above 1"),
        (lambda p: SGD(p, lr=0.1, momentum=0.9, dampening=1.0), "a dampening below 1, got 1: no gradient enters"),
        (lambda p: SGD(p, lr=1e300), "expected numbers that doubles can hold, got"),
    ],
)
def test_a_limit_that_is_not_known_is_refused_alone(make, message):
    model, (x, _) = Two(), least_squares()
    data = (x, 1 + torch.arange(30.0, dtype=torch.float64)[:, None])
    optimizer = make(list(model.parameters()))
    found = probe(model, functional.mse_loss, data, optimizer, population=30, batch_size=4)
    assert message in found.margin.why
    assert found.advice["learning rate"].why == missing("margin")
    assert found.sharpness.value > 0
    assert found.noise_scale.value > 0
    assert not optimizer.state, "looking leaves no trace"


def test_an_optimizer_that_has_but_the_name_of_sgd_is_not_taken_for_it():
    """It may keep its momentum, which sets the temperature, under another name."""
    kind = type("SGD", (torch.optim.Optimizer,), {})
    model, (x, y) = Two(), least_squares()
    found = probe(model, functional.mse_loss, (x, y + 1), kind(model.parameters(), {"lr": 0.1}), batch_size=4)
    assert "got tests.tools.probe.test_updates.SGD: " in found.margin.why
    assert "expected SGD with plain momentum" in found.temperature.why


def test_ascent_on_the_negative_loss_has_the_limit_of_descent():
    """As the refusal says: the loss with its sign changed, and maximize taken back while it is measured."""
    model, data = Two(), least_squares()
    optimizer = SGD(model.parameters(), lr=0.01, momentum=0.5, maximize=True)
    refused = probe(model, functional.mse_loss, data, optimizer, population=30).margin.why
    assert "give the negative loss, and for this measurement set maximize=False in each" in refused
    optimizer.param_groups[0]["maximize"] = False
    descent = SGD(model.parameters(), lr=0.01, momentum=0.5)
    found, known = (probe(model, functional.mse_loss, data, o, population=30).margin for o in (optimizer, descent))
    assert found.value == known.value


def test_an_optimizer_gets_no_cure_that_would_not_make_its_limit_known():
    """In evaluation mode too there is no limit of RMSprop."""
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1)).double()
    x, y = least_squares()
    found = probe(model, functional.mse_loss, (x, y + 1), torch.optim.RMSprop(model.parameters()))
    assert "got RMSprop: its limit is not known here" in found.margin.why


def test_without_new_gradients_there_is_no_temperature():
    model, (x, y) = Two(), least_squares()
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9, dampening=1.0)
    found = probe(model, functional.mse_loss, (x, y + 1), optimizer, batch_size=4, population=30)
    assert "expected a dampening below 1, got 1" in found.temperature.why


def test_an_optimizer_is_found_inside_that_of_another_library():
    class Wrapper(torch.optim.Optimizer):
        def __init__(self, optimizer):
            self.optimizer = optimizer

    class Other:
        optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=0.1)

    assert unwrapped(Wrapper(Other.optimizer)) is Other.optimizer
    assert unwrapped(Other()) is Other.optimizer
    with pytest.raises(ValueError, match=r"expected a torch.optim.Optimizer, got float: give model, loss, data"):
        unwrapped(0.1)


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        (SGD([torch.zeros(1)], lr=0.5), "SGD (learning rate 0.5)"),
        (
            SGD([torch.zeros(1)], lr=0.5, momentum=0.5, nesterov=True, weight_decay=0.25),
            "SGD (learning rate 0.5, Nesterov momentum 0.5, weight decay 0.25)",
        ),
        (SGD([{"params": torch.zeros(1)}, {"params": torch.zeros(1), "lr": 2.0}]), "SGD (rates that differ)"),
        (AdamW([torch.zeros(1)], lr=torch.tensor(0.5)), "AdamW (learning rate 0.5, weight decay 0.01)"),
    ],
)
def test_settings_in_words(optimizer, words):
    assert str(settings(optimizer)) == words
