"""Tests of ``tools.gradients.noise_scale``."""

import math
from itertools import combinations

import numpy as np
import pytest
import torch
from torch import nn

from trainphys.errors import NotIdentifiable
from trainphys.tools.gradients.noise_scale import gradient_covariance_trace, noise_scale


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
    with pytest.raises(NotIdentifiable, match="give about") as refusal:
        noise_scale(model, loss, (torch.ones_like(y), y))
    assert refusal.value.needed_samples > 200
    assert refusal.value.estimate.noise.trace == pytest.approx(1.0, rel=0.4)
    balanced = torch.tensor([[-1.0], [1.0]], dtype=torch.float64).repeat(20, 1)
    with pytest.raises(NotIdentifiable, match="there is no gradient") as refusal:
        noise_scale(model, loss, (torch.ones_like(balanced), balanced), population=40)
    assert refusal.value.needed_samples is None
    assert math.isinf(refusal.value.estimate.value)


def test_what_a_refusal_asks_for_is_enough():
    (model, loss), rng = mean_model(), np.random.default_rng(7)
    y = torch.from_numpy(rng.normal(1.0, 1.0, size=(4000, 1)))
    few = torch.ones_like(y)[:60], y[:60]
    with pytest.raises(NotIdentifiable) as refusal:
        noise_scale(model, loss, few, relative_error=0.1)
    wanted = refusal.value.needed_samples
    assert 60 < wanted < 2000
    enough = torch.ones_like(y)[: 2 * wanted], y[: 2 * wanted]
    assert noise_scale(model, loss, enough, relative_error=0.1).value == pytest.approx(1.0, rel=0.4)
    with pytest.raises(NotIdentifiable):  # a plain gradient, but too few samples to know their spread
        noise_scale(model, loss, (few[0][:10], 10 + few[1][:10]))


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
