"""Tests of ``tools.gradients.per_sample``."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, RandomSampler, TensorDataset

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


class Augmented(Dataset):
    """Inputs that are other ones each time."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, k):
        return self.x[k] + 0.3 * torch.randn_like(self.x[k]), self.y[k]


@pytest.mark.parametrize("kind", ["shuffled", "augmented", "drawn anew", "the last left out"])
@pytest.mark.parametrize("form", [nn.Linear, lambda *sizes: nn.Sequential(nn.Linear(*sizes), nn.Softplus(20, 1e-3))])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_other_samples_in_the_second_pass_are_seen_where_noise_hides_the_mean_gradient(kind, form, dtype):
    """At a noise scale in the thousands: what changes from pass to pass is longer than the mean gradient itself."""
    torch.manual_seed(0)
    x = torch.randn(1000, 5, dtype=dtype)
    model = form(5, 1).to(dtype)
    with torch.no_grad():
        y = model(x) + 3 * torch.randn(1000, 1, dtype=dtype)
    rows = TensorDataset(x, y)
    loader = {
        "shuffled": DataLoader(rows, 100, shuffle=True),
        "augmented": DataLoader(Augmented(x, y), 100),
        "drawn anew": DataLoader(rows, 100, sampler=RandomSampler(rows, num_samples=900)),
        "the last left out": DataLoader(rows, 300, shuffle=True, drop_last=True),
    }[kind]
    if kind == "shuffled":
        exact = gradient_covariance_trace(model, nn.MSELoss(), (x, y), population=1000)
        found = gradient_covariance_trace(model, nn.MSELoss(), loader, population=1000)
        assert exact.trace / exact.squared_gradient > 100
        assert found.squared_gradient == pytest.approx(exact.squared_gradient, rel=1e-4)
        return
    said = "the same samples in each pass, got mean gradients .* apart: .* no sampler that draws anew in each pass"
    with pytest.raises(ValueError, match=said):
        gradient_covariance_trace(model, nn.MSELoss(), loader, population=1000)
