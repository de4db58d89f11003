"""Tests of ``tools.gradients.per_sample``."""

import numpy as np
import pytest
import torch
from torch import nn

from trainphys.tools.gradients.noise_scale import gradient_covariance_trace, noise_scale
from trainphys.tools.gradients.per_sample import gradient_spread, gradients_along

CROSS = nn.functional.cross_entropy


def quartic(outputs, targets):
    return ((outputs - targets) ** 4).sum(dim=1).mean()


NETWORKS = {
    "stack": lambda: nn.Sequential(nn.Linear(4, 5), nn.SiLU(), nn.Linear(5, 6, bias=False), nn.Tanh(), nn.Linear(6, 3)),
    "flattened": lambda: nn.Sequential(nn.Flatten(), nn.Linear(4, 5), nn.ReLU(), nn.Dropout(), nn.Linear(5, 3)).eval(),
    "not a stack": lambda: nn.Sequential(nn.Linear(4, 5), nn.LayerNorm(5), nn.Linear(5, 3)),
    "softplus on top": lambda: nn.Sequential(nn.Linear(4, 3), nn.Softplus()),
}


def samples(labels, n=40):
    generator = torch.Generator().manual_seed(4)
    inputs = torch.randn(n, 4, dtype=torch.float64, generator=generator)
    if labels:
        return inputs, torch.randint(0, 3, (n,), generator=generator)
    return inputs, torch.randn(n, 3, dtype=torch.float64, generator=generator)


def diverge(model):
    nn.init.constant_(model.weight, torch.nan)


def loop(model, loss, data):
    """Rows of gradients, one backward pass for each sample."""
    rows = []
    for x, y in zip(*data, strict=True):
        gradients = torch.autograd.grad(loss(model(x[None]), y[None]), list(model.parameters()))
        rows.append(torch.cat([g.flatten() for g in gradients]).numpy())
    return np.array(rows)


@pytest.mark.parametrize(("loss", "labels"), [(CROSS, True), (nn.MSELoss(), False), (quartic, False)])
@pytest.mark.parametrize("name", NETWORKS)
def test_spread_against_a_loop_over_samples(name, loss, labels):
    torch.manual_seed(2)
    model, data = NETWORKS[name]().double(), samples(labels)
    rows = loop(model, loss, data)
    found, mean = gradient_spread(model, loss, data, chunk=7), rows.mean(axis=0)
    np.testing.assert_allclose(found.squared_distances, ((rows - mean) ** 2).sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(found.along_mean, rows @ mean, rtol=1e-9, atol=1e-12)
    assert found.squared_mean == pytest.approx(mean @ mean, rel=1e-10)
    assert found.parameters == rows.shape[1]
    way = torch.linspace(-1, 1, rows.shape[1], dtype=torch.float64)
    np.testing.assert_allclose(gradients_along(model, loss, data, way, chunk=9), rows @ way.numpy(), atol=1e-12)
    noise = gradient_covariance_trace(model, loss, data)
    assert noise.trace == pytest.approx(rows.var(axis=0, ddof=1).sum(), rel=1e-10)
    scale = noise_scale(model, loss, data, population=len(rows))
    assert scale.value == pytest.approx(rows.var(axis=0).sum() / (mean @ mean), rel=1e-10)
    assert scale.stderr == 0


def test_frozen_parameters_and_buffers_stay_as_they_are():
    """Batch normalisation in evaluation mode, below a frozen layer: gradients of the rest, in its order."""
    torch.manual_seed(5)
    model = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 3), nn.Linear(3, 3)).double()
    model(samples(True)[0])  # statistics of its own
    model.eval()[2].requires_grad_(False)
    data, trained = samples(True), [p for p in model.parameters() if p.requires_grad]
    rows = [torch.autograd.grad(CROSS(model(x[None]), y[None]), trained) for x, y in zip(*data, strict=True)]
    rows = torch.stack([torch.cat([g.flatten() for g in row]) for row in rows])
    found = gradient_spread(model, CROSS, data)
    np.testing.assert_allclose(found.squared_distances, (rows - rows.mean(dim=0)).square().sum(dim=1), rtol=1e-9)
    assert found.parameters == rows.shape[1] == 25 + 10 + 12


def test_dropout_in_training_mode_is_refused():
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(1, 200), nn.Dropout(), nn.Linear(200, 1)).double(), torch.ones(2, 1).double()
    with pytest.raises(ValueError, match=r"the same loss twice, got .*: call model.eval\(\)"):
        gradient_spread(model, nn.MSELoss(), (x, x))
    assert gradient_spread(model.eval(), nn.MSELoss(), (x, x)).squared_distances.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, d: gradient_covariance_trace(m, CROSS, (d[0][:1], d[1][:1])), "2 samples or more"),
        (lambda m, d: gradient_covariance_trace(m, CROSS, d, population=3), "population"),
        (lambda m, d: gradient_spread(m, CROSS, (d[0], d[1][:5])), "as many inputs as targets"),
        (lambda m, d: gradient_spread(m, CROSS, d, chunk=0), "chunk >= 1"),
        (lambda m, d: gradient_spread(nn.Tanh(), CROSS, d), "trainable"),
        (lambda m, d: gradient_spread(m.apply(diverge), CROSS, d), "diverged"),
        (lambda m, d: gradient_spread(nn.Sequential(m, nn.BatchNorm1d(3)).double(), CROSS, d), "model.eval"),
        (lambda m, d: noise_scale(m, CROSS, d, relative_error=0.0), "relative_error > 0"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call(nn.Linear(4, 3).double(), samples(True))
