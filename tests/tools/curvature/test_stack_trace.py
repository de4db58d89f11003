"""Tests of ``tools.curvature.stack_trace``."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from trainphys.tools.curvature import stack_trace
from trainphys.tools.curvature.hessian_products import model_hessian_product
from trainphys.tools.curvature.hessian_trace import hessian_trace
from trainphys.tools.curvature.sharpness import sharpness
from trainphys.tools.curvature.stack_hessian import StackHessian
from trainphys.tools.curvature.stack_trace import stack_hessian_trace
from trainphys.tools.models.model_loss import ModelLoss
from trainphys.tools.stacks.linear_stack import LinearStack
from trainphys.tools.stacks.sample_losses import CrossEntropy

CROSS = nn.functional.cross_entropy


def half_square(outputs, targets):
    return 0.5 * ((outputs - targets) ** 2).sum(dim=1).mean()


def quartic(outputs, targets):
    return ((outputs - targets) ** 4).sum(dim=1).mean()


class Doubled(nn.Module):
    """Not a Sequential: nothing about it is known."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x):
        return self.layer(2 * x).tanh()


NETWORKS = {
    "one layer": lambda: nn.Linear(4, 3),
    "deep, mixed": lambda: nn.Sequential(
        nn.Linear(4, 5),
        nn.Tanh(),
        nn.Linear(5, 6, bias=False),
        nn.GELU(),
        nn.Linear(6, 4),
        nn.Sigmoid(),
        nn.Linear(4, 3),
    ),
    "rectified": lambda: nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 3)),
    "bend above straight pieces": lambda: nn.Sequential(
        nn.Linear(4, 5),
        nn.ReLU(),
        nn.Linear(5, 4),
        nn.ReLU(),
        nn.Linear(4, 5),
        nn.LeakyReLU(),
        nn.Linear(5, 4),
        nn.Tanh(),
        nn.Linear(4, 3),
    ),
    "nested, no activation": lambda: nn.Sequential(nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 3))),
}


LOSSES = {
    "cross-entropy": (CROSS, True),
    "smoothed": (nn.CrossEntropyLoss(label_smoothing=0.1), True),
    "squared error": (nn.MSELoss(), False),
    "half square": (half_square, False),
    "quartic": (quartic, False),
}


def samples(labels, n=30):
    generator = torch.Generator().manual_seed(3)
    inputs = torch.randn(n, 4, dtype=torch.float64, generator=generator)
    if labels:
        return inputs, torch.randint(0, 3, (n,), generator=generator)
    return inputs, torch.randn(n, 3, dtype=torch.float64, generator=generator)


def network(name):
    torch.manual_seed(1)
    return NETWORKS[name]().double()


def built_hessian(model, loss, data):
    of = ModelLoss(model, loss)
    return torch.autograd.functional.hessian(lambda at: of.flat(at, data), of.at)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", NETWORKS)
def test_stacks_against_a_built_hessian(name, loss):
    model, (function, labels) = network(name), LOSSES[loss]
    data = samples(labels)
    full = built_hessian(model, function, data)
    vector = torch.linspace(-1, 1, len(full), dtype=torch.float64)
    np.testing.assert_allclose(
        model_hessian_product(model, function, data)(vector), full @ vector, rtol=1e-9, atol=1e-12
    )
    assert stack_hessian_trace(model, function, data) == pytest.approx(float(full.trace()), rel=1e-10)
    found = sharpness(model, function, data, tolerance=1e-8)
    assert found.converged
    assert found.value == pytest.approx(float(torch.linalg.eigvalsh(full)[-1]), rel=1e-10)
    residual = full.numpy() @ found.vector - found.value * found.vector
    assert np.linalg.norm(residual) == pytest.approx(found.residual, rel=1e-3, abs=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        Doubled(),
        nn.Sequential(nn.Linear(4, 3), nn.Tanh()),
        nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 3)),
    ],
)
def test_other_models_against_a_built_hessian(model):
    model, data = model.double(), samples(True)
    assert stack_hessian_trace(model, CROSS, data) is None
    full = built_hessian(model, CROSS, data)
    found = sharpness(model, CROSS, data, tolerance=1e-8)
    assert found.value == pytest.approx(float(torch.linalg.eigvalsh(full)[-1]), rel=1e-10)
    trace = hessian_trace(model, CROSS, data)  # as many products as parameters: column by column
    assert trace.value == pytest.approx(float(full.trace()), rel=1e-10)
    assert not trace.exact


def test_frozen_and_shared_layers_are_left_to_automatic_differentiation():
    shared = nn.Linear(4, 4).double()
    frozen = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double()
    frozen[0].requires_grad_(False)
    tied = nn.Sequential(shared, nn.Tanh(), shared)
    for model, loss, data in ((frozen, CROSS, samples(True)), (tied, nn.MSELoss(), (torch.eye(4).double(),) * 2)):
        assert stack_hessian_trace(model, loss, data) is None
        full = built_hessian(model, loss, data)
        found = sharpness(model, loss, data, tolerance=1e-8)
        assert found.value == pytest.approx(float(torch.linalg.eigvalsh(full)[-1]), rel=1e-10)


def test_a_loss_that_is_no_mean_is_not_taken_for_one():
    model = network("rectified")
    for loss, labels in ((nn.MSELoss(reduction="sum"), False), (nn.CrossEntropyLoss(ignore_index=1), True)):
        data = samples(labels)
        assert stack_hessian_trace(model, loss, data) is None
        full = built_hessian(model, loss, data)
        assert hessian_trace(model, loss, data).value == pytest.approx(float(full.trace()), rel=1e-10)


@pytest.mark.parametrize("n", [256, 257, 600])
def test_the_trace_of_many_samples_is_the_mean_over_chunks(monkeypatch, n):
    """Also where wide layers leave room for one sample at a time."""
    model, data = network("deep, mixed"), samples(True, n)
    whole = float(built_hessian(model, CROSS, data).trace())
    assert stack_hessian_trace(model, CROSS, data) == pytest.approx(whole, rel=1e-10)
    if n == 257:
        monkeypatch.setattr(stack_trace, "MOST_NUMBERS", 1)
        assert stack_hessian_trace(model, CROSS, data) == pytest.approx(whole, rel=1e-10)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("settings", [{"batch_size": 7}, {"batch_size": 16, "shuffle": True}, {"batch_size": 300}])
def test_a_loader_gives_the_exact_trace_of_all_its_samples(loss, settings):
    """Batches of unequal length count as much as they hold."""
    function, labels = LOSSES[loss]
    model, data = network("deep, mixed"), samples(labels, 300)
    found = hessian_trace(model, function, DataLoader(TensorDataset(*data), **settings))
    assert found.exact is True
    assert found.value == pytest.approx(float(built_hessian(model, function, data).trace()), rel=1e-10)


def test_a_loader_that_changes_or_holds_no_mean_has_no_exact_trace():
    class Noisy(TensorDataset):
        def __getitem__(self, k):
            x, y = super().__getitem__(k)
            return x + torch.randn_like(x), y

    model, data = network("rectified"), samples(True)
    with pytest.raises(ValueError, match=r"the same loss in each pass, got .*: no random augmentation"):
        hessian_trace(model, CROSS, DataLoader(Noisy(*data), 8))
    for loss in (nn.CrossEntropyLoss(reduction="sum"), nn.CrossEntropyLoss(ignore_index=int(data[1][-1]))):
        assert stack_hessian_trace(model, loss, DataLoader(TensorDataset(*data), 8)) is None


def test_the_gradient_of_a_stack_is_that_of_the_mean_loss():
    model, data = network("deep, mixed"), samples(True)
    known = torch.autograd.grad(CROSS(model(data[0]), data[1]), list(model.parameters()))
    found = model_hessian_product(model, CROSS, data)
    assert isinstance(found, StackHessian)
    np.testing.assert_allclose(found.gradient, torch.cat([g.flatten() for g in known]), rtol=1e-10, atol=1e-14)


def forgotten_bends(stack, at, layers):
    return [torch.zeros_like(slope) for slope in layers[:-1]]


def forgotten_rank_one(losses, direction):
    p = losses.probabilities
    return p.reshape(*p.shape, *[1] * (direction.ndim - 2)) * direction


@pytest.mark.parametrize(
    ("owner", "name", "error"),
    [(LinearStack, "bent_slopes", forgotten_bends), (CrossEntropy, "bent", forgotten_rank_one)],
)
def test_planted_errors_are_seen(monkeypatch, owner, name, error):
    """Without the activations' second derivatives, or the softmax's sum, neither product nor trace is right."""
    model, data = network("deep, mixed"), samples(True)
    full = built_hessian(model, CROSS, data)
    vector = torch.linspace(-1, 1, len(full), dtype=torch.float64)
    monkeypatch.setattr(owner, name, error)
    product = model_hessian_product(model, CROSS, data)(vector)
    assert float((product - full @ vector).norm()) > 1e-3 * float((full @ vector).norm())
    assert abs(stack_hessian_trace(model, CROSS, data) - float(full.trace())) > 1e-3 * abs(float(full.trace()))
