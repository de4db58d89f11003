"""Gradients of single samples: against a loop over samples and closed forms; refusals; coverage of the error bars."""

import math
from itertools import combinations

import numpy as np
import pytest
import torch
from torch import nn

from trainphys.tools.gradients.noise_scale import (
    NoiseScaleNotIdentifiable,
    gradient_covariance_trace,
    noise_scale,
)
from trainphys.tools.gradients.per_sample import gradient_spread, per_sample_gradients
from trainphys.tools.stacks.linear_stack import ELEMENTWISE, derivatives, linear_stack
from trainphys.tools.stacks.sample_losses import sample_loss

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
    np.testing.assert_allclose(torch.cat(list(per_sample_gradients(model, loss, data, chunk=9))), rows, atol=1e-12)
    noise = gradient_covariance_trace(model, loss, data)
    assert noise.trace == pytest.approx(rows.var(axis=0, ddof=1).sum(), rel=1e-10)
    scale = noise_scale(model, loss, data, population=len(rows))
    assert scale.value == pytest.approx(rows.var(axis=0).sum() / (mean @ mean), rel=1e-10)
    assert scale.stderr == 0


def test_small_noise_on_a_large_gradient_survives_single_precision():
    """Relative distances of 1e-4 from a mean gradient of length one: their squares are below a float's rounding."""
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    inputs = torch.ones(50, 3) + 1e-4 * torch.randn(50, 3)
    data = inputs, model(inputs).detach() - 1.0
    exact = gradient_covariance_trace(model.double(), nn.MSELoss(), tuple(part.double() for part in data))
    found = gradient_covariance_trace(model.float(), nn.MSELoss(), data)
    assert found.trace == pytest.approx(exact.trace, rel=0.01)


def mean_model(dtype=torch.float64):
    """Loss (w - y)^2 / 2 at w = 0: the gradient of a sample is -y."""
    model = nn.Linear(1, 1, bias=False, dtype=dtype)
    nn.init.zeros_(model.weight)
    return model, lambda z, t: ((z - t) ** 2).mean() / 2


@pytest.mark.parametrize("population", [None, 800])
def test_error_bars_cover(population):
    """Noise scale of gradients with mean 1 and variance 1, 400 samples of 400: scatter and error bar agree."""
    (model, loss), rng, z = mean_model(), np.random.default_rng(5), []
    pool = rng.normal(1.0, 1.0, size=(400, 800)) if population else None
    for k in range(400):
        row = rng.normal(1.0, 1.0, size=400) if pool is None else pool[k][:400]
        truth = 1.0 if pool is None else pool[k].var() / pool[k].mean() ** 2
        y = torch.from_numpy(row[:, None])
        found = noise_scale(model, loss, (torch.ones_like(y), y), population=population)
        z.append((found.value - truth) / found.stderr)
    assert abs(np.mean(z)) < 0.3
    assert 0.88 < np.std(z) < 1.12  # without the factor for the unseen half it would be 0.7


def test_without_a_gradient_there_is_no_noise_scale():
    (model, loss), rng = mean_model(), np.random.default_rng(6)
    y = torch.from_numpy(rng.normal(0.0, 1.0, size=(200, 1)))
    with pytest.raises(NoiseScaleNotIdentifiable, match="give about") as refusal:
        noise_scale(model, loss, (torch.ones_like(y), y))
    assert refusal.value.needed_samples > 200
    assert refusal.value.estimate.noise.trace == pytest.approx(1.0, rel=0.4)
    balanced = torch.tensor([[-1.0], [1.0]], dtype=torch.float64).repeat(20, 1)
    with pytest.raises(NoiseScaleNotIdentifiable, match="there is no gradient") as refusal:
        noise_scale(model, loss, (torch.ones_like(balanced), balanced), population=40)
    assert refusal.value.needed_samples is None
    assert math.isinf(refusal.value.estimate.value)


def test_what_a_refusal_asks_for_is_enough():
    (model, loss), rng = mean_model(), np.random.default_rng(7)
    y = torch.from_numpy(rng.normal(1.0, 1.0, size=(4000, 1)))
    few = torch.ones_like(y)[:60], y[:60]
    with pytest.raises(NoiseScaleNotIdentifiable) as refusal:
        noise_scale(model, loss, few, relative_error=0.1)
    wanted = refusal.value.needed_samples
    assert 60 < wanted < 2000
    enough = torch.ones_like(y)[: 2 * wanted], y[: 2 * wanted]
    assert noise_scale(model, loss, enough, relative_error=0.1).value == pytest.approx(1.0, rel=0.4)
    with pytest.raises(NoiseScaleNotIdentifiable):  # a plain gradient, but too few samples to know their spread
        noise_scale(model, loss, (few[0][:10], 10 + few[1][:10]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, d: gradient_covariance_trace(m, CROSS, (d[0][:1], d[1][:1])), "2 samples or more"),
        (lambda m, d: gradient_covariance_trace(m, CROSS, d, population=3), "population"),
        (lambda m, d: gradient_spread(m, CROSS, (d[0], d[1][:5])), "as many inputs as targets"),
        (lambda m, d: gradient_spread(nn.Tanh(), CROSS, d), "trainable"),
        (lambda m, d: gradient_spread(nn.Sequential(m, nn.BatchNorm1d(3)), CROSS, d), "model.eval"),
        (lambda m, d: noise_scale(m, CROSS, d, relative_error=0.0), "relative_error > 0"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call(nn.Linear(4, 3).double(), samples(True))


@pytest.mark.parametrize("kind", ELEMENTWISE)
def test_derivatives_of_activations_against_differences(kind):
    at, h = torch.linspace(-2.9, 3.1, 8, dtype=torch.float64), 1e-4
    value, slope, bend = derivatives(kind(), at.clone(), second=True)
    here, ahead, behind = kind()(at), kind()(at + h), kind()(at - h)
    np.testing.assert_allclose(value, here, rtol=1e-12)
    np.testing.assert_allclose(slope, (ahead - behind) / (2 * h), atol=1e-7)
    np.testing.assert_allclose(bend, (ahead - 2 * here + behind) / h**2, atol=1e-6)
    assert derivatives(kind(), at.clone(), second=False)[2] is None


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


def test_only_plain_stacks_are_taken_for_stacks():
    hooked = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
    assert linear_stack(hooked) is not None
    hooked[0].register_forward_hook(lambda module, inputs, outputs: 2 * outputs)
    dropping = nn.Sequential(nn.Linear(4, 3), nn.Dropout(), nn.Linear(3, 2))
    for other in (hooked, dropping, nn.Sequential(nn.Tanh(), nn.Linear(3, 2)), nn.Sequential(), nn.Conv1d(1, 1, 1)):
        assert linear_stack(other) is None
    assert linear_stack(dropping.eval()) is not None


@pytest.mark.parametrize(("n", "count"), [(4, 5), (2, 4), (3, 3)])
def test_all_samples_of_a_set_together_have_no_bias(n, count):
    """The mean over every choice of n of the set's samples is what the whole set gives."""
    rows = torch.from_numpy(np.random.default_rng(n).standard_normal((count, 3)))
    model = nn.Linear(3, 1, bias=False).double()
    x, y = rows, torch.arange(count, dtype=torch.float64)[:, None]
    loss = nn.functional.mse_loss
    whole = gradient_covariance_trace(model, loss, (x, y), population=count)
    some = [
        gradient_covariance_trace(model, loss, (x[list(pick)], y[list(pick)]), population=count)
        for pick in combinations(range(count), n)
    ]
    assert np.mean([found.trace for found in some]) == pytest.approx(whole.trace)
    assert np.mean([found.squared_gradient for found in some]) == pytest.approx(whole.squared_gradient)


@pytest.mark.parametrize(
    "make", [lambda: nn.Linear(3, 1), lambda: nn.Sequential(nn.Linear(3, 2), nn.Softmax(dim=1), nn.Linear(2, 1))]
)
def test_what_is_not_finite_is_refused(make):
    x = torch.full((4, 3), torch.nan)
    with pytest.raises(ValueError, match="finite gradients"):
        gradient_covariance_trace(make(), nn.functional.mse_loss, (x, torch.zeros(4, 1)))
