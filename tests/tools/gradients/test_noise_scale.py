"""Tests of ``tools.gradients.noise_scale``."""

import math
from itertools import combinations

import numpy as np
import pytest
import torch
from torch import nn

from trainphys.errors import NotIdentifiable
from trainphys.tools.gradients.noise_scale import covariance_trace, gradient_covariance_trace, noise_scale


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
        y = torch.from_numpy(3 * row[:, None])  # in whatever unit
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
    with pytest.raises(ValueError, match=r"expected finite gradients|one finite number, got nan"):
        gradient_covariance_trace(make(), nn.functional.mse_loss, (x, torch.zeros(4, 1)))


def test_lengths_beyond_single_precision_are_made_in_double():
    """Finite gradients whose squares are not."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv1d(1, 2, 2), nn.Flatten(), nn.Linear(4, 1))
    data = torch.randn(9, 1, 3), torch.randn(9, 1)
    known = gradient_covariance_trace(model, nn.functional.mse_loss, data)
    found = gradient_covariance_trace(model, lambda z, t: 1e20 * nn.functional.mse_loss(z, t), data)
    assert found.trace == pytest.approx(1e40 * known.trace, rel=1e-5)
    assert found.squared_gradient == pytest.approx(1e40 * known.squared_gradient, rel=1e-5)
    with pytest.raises(ValueError, match="one finite number, got inf"):
        gradient_covariance_trace(model, lambda z, t: 1e39 * nn.functional.mse_loss(z, t), data)


def across(n, size=0.5):
    """Gradients (1, +-size) by turns, of a loss that is linear in w: noise and mean lie at right angles."""
    model = nn.Linear(2, 1, bias=False, dtype=torch.float64)
    nn.init.zeros_(model.weight)
    x = torch.ones(n, 2, dtype=torch.float64)
    x[:, 1] = size * (-1.0) ** torch.arange(n)
    return model, lambda z, t: z.mean(), (x, torch.zeros(n, 1, dtype=torch.float64))


@pytest.mark.parametrize(("population", "unseen"), [(None, 1.0), (400, 300 / 399)])
def test_noise_at_right_angles_to_the_gradient_errs_by_what_the_mean_keeps_of_it(population, unseen):
    """All lengths are alike, so nothing else is left: a mean keeps a chi-square of one degree, of variance 2 v^2."""
    n = 100
    trace = 0.25 * (n / (n - 1) if population is None else n / (n - 1) * 399 / 400)
    kept = trace / n * unseen
    found = noise_scale(*across(n), population=population)
    assert found.noise.trace == pytest.approx(trace)
    assert found.noise.stderr == pytest.approx(0, abs=1e-12)
    assert found.noise.squared_gradient == pytest.approx(1 - kept)
    assert found.noise.squared_gradient_stderr == pytest.approx(math.sqrt(2) * kept)
    assert found.value == pytest.approx(trace / (1 - kept))
    assert found.stderr == pytest.approx(math.sqrt(2) * kept / (1 - kept) * found.value)
    assert (found.noise.samples, found.noise.parameters) == (n, 2)


def test_the_error_of_a_squared_gradient_covers():
    """Mean of n numbers of mean 0.3 and variance 1, squared and freed of its bias, over many draws."""
    (model, loss), rng, found = mean_model(), np.random.default_rng(8), []
    for _ in range(400):
        y = torch.from_numpy(rng.normal(0.3, 1.0, size=(100, 1)))
        noise = gradient_covariance_trace(model, loss, (torch.ones_like(y), y))
        found.append((noise.squared_gradient, noise.squared_gradient_stderr))
    values, errors = np.array(found).T
    assert values.std() == pytest.approx(np.sqrt(np.mean(errors**2)), rel=0.12)
    assert abs(values.mean() - 0.09) < 4 * values.std() / 20


def test_the_error_of_a_trace_is_that_of_a_mean_of_squares():
    distances = torch.from_numpy(np.random.default_rng(1).exponential(size=50))
    trace, error = covariance_trace(distances, None)
    assert trace == pytest.approx(float(distances.sum()) / 49)
    assert error == pytest.approx(float(distances.std()) / math.sqrt(50))
    assert covariance_trace(distances, 51)[1] == pytest.approx(error * math.sqrt(1 / 50))
    assert covariance_trace(distances, 51)[0] == pytest.approx(trace * 50 / 51)
    assert covariance_trace(distances[:1], None) == (float(distances[0]), math.inf)


def test_thirty_samples_are_enough_and_a_whole_set_always_is():
    assert noise_scale(*across(30)).noise.samples == 30
    with pytest.raises(NotIdentifiable, match="from 29 samples: give about 30") as refusal:
        noise_scale(*across(29))
    assert refusal.value.needed_samples == 30
    assert noise_scale(*across(10), population=10).stderr == 0
    with pytest.raises(NotIdentifiable) as refusal:
        noise_scale(*across(10), population=12)
    assert refusal.value.needed_samples == 12


def test_a_quarter_of_the_value_is_the_error_that_is_accepted():
    """Here the error is 1.41 times the share of the mean's square that is noise, over what is left of it."""
    assert 0.22 < noise_scale(*across(50, 2.6)).stderr / noise_scale(*across(50, 2.6)).value < 0.25
    with pytest.raises(NotIdentifiable) as refusal:
        noise_scale(*across(50, 2.8))
    assert 0.25 < refusal.value.estimate.stderr / refusal.value.estimate.value < 0.29


def test_a_refusal_asks_for_samples_by_the_root_of_their_number():
    (model, loss), rng = mean_model(), np.random.default_rng(7)
    y = torch.from_numpy(rng.normal(1.0, 1.0, size=(60, 1)))
    for population in (None, 1000):
        with pytest.raises(NotIdentifiable, match="a squared gradient clear of its noise, got") as refusal:
            noise_scale(model, loss, (torch.ones_like(y), y), relative_error=0.1, population=population)
        found = refusal.value.estimate
        ratio = found.stderr / (0.1 * found.value)
        assert refusal.value.needed_samples == math.ceil(60 * ratio**2)
        noise = found.noise
        assert f"got {noise.squared_gradient:.3g} +- {noise.squared_gradient_stderr:.2g} from 60" in str(refusal.value)
    nothing = torch.from_numpy(rng.normal(0.0, 1.0, size=(50, 1)))
    nothing -= nothing.mean()
    for population, needed in ((None, 500), (300, 300)):
        with pytest.raises(NotIdentifiable) as refusal:
            noise_scale(model, loss, (torch.ones_like(nothing), nothing), population=population)
        assert refusal.value.needed_samples == needed


@pytest.mark.parametrize(("n", "population"), [(1, None), (1, 1), (5, 4), (5, 5.0), (5, math.inf)])
def test_a_population_is_whole_and_holds_the_samples(n, population):
    model, loss, (x, y) = across(5)
    for call in (gradient_covariance_trace, noise_scale):
        with pytest.raises(
            ValueError, match=f"2 samples or more and a whole .* got {n} and {population}: give two or more"
        ):
            call(model, loss, (x[:n], y[:n]), population=population)
