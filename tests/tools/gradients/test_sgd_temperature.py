"""Tests of ``tools.gradients.sgd_temperature``."""

import math

import numpy as np
import pytest
import torch

from trainphys.ensemble import stream
from trainphys.errors import NotIdentifiable
from trainphys.laws.temperature import stationary_temperature
from trainphys.tools.gradients.sgd_temperature import sgd_temperature

HALF_SQUARE = torch.nn.MSELoss()


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).double()


def sample(n, seed=0):
    rng = stream(seed, "samples")
    x = torch.from_numpy(rng.standard_normal((n, 3)))
    return x, torch.from_numpy(rng.integers(2, size=n))


CROSS = torch.nn.functional.cross_entropy


def per_sample_gradients(model, data):
    rows = []
    for x, y in zip(*data, strict=True):
        model.zero_grad()
        CROSS(model(x[None]), y[None]).backward()
        rows.append(torch.cat([p.grad.flatten() for p in model.parameters()]).numpy())
    return np.array(rows)


def test_sgd_temperature_against_a_loop_over_samples():
    model, data = network(), sample(100)
    g = per_sample_gradients(model, data)
    found = sgd_temperature(model, CROSS, data, learning_rate=0.3, batch_size=10, momentum=0.5, chunk=17)
    d = g.shape[1]
    assert found.value == pytest.approx(0.3 * g.var(axis=0, ddof=1).sum() / (2 * 10 * 0.5 * d), rel=1e-10)
    assert (found.samples, found.parameters) == (100, d)
    whole = sgd_temperature(
        model, CROSS, data, learning_rate=0.3, batch_size=10, momentum=0.5, population=100, replacement=False
    )
    assert whole.stderr == 0
    assert whole.value == pytest.approx(found.value * 99 / 100 * 90 / 99, rel=1e-10)
    way = torch.from_numpy(np.linalg.eigh(np.cov(g.T))[1][:, -1])
    along = sgd_temperature(model, CROSS, data, learning_rate=0.3, batch_size=10, direction=5 * way, curvature=1.0)
    variance = (g @ way.numpy()).var(ddof=1)
    assert along.value == pytest.approx(float(stationary_temperature(0.3, 10, variance, curvature=1.0)), rel=1e-10)
    assert (along.parameters, along.gradient_noise) == (1, pytest.approx(variance))
    assert along.stderr / along.value == pytest.approx(
        ((g @ way.numpy() - (g @ way.numpy()).mean()) ** 2).std(ddof=1) / 10 / variance
    )
    heavy = sgd_temperature(
        model, CROSS, data, learning_rate=0.3, batch_size=10, momentum=0.9, direction=way, curvature=12.0
    )
    law = stationary_temperature(0.3, 10, variance, momentum=0.9, curvature=12.0)
    assert heavy.value == pytest.approx(float(law), rel=1e-10)


def test_standard_error_covers():
    """Of 400 samples of 60, how many 95 % intervals hold the truth; and the same for part of a finite set."""
    model = torch.nn.Linear(1, 1, bias=False, dtype=torch.float64)
    torch.nn.init.zeros_(model.weight)
    rng, hits, z = stream(0, "coverage"), 0, []

    def half(out, target):
        return HALF_SQUARE(out, target) / 2

    for _ in range(400):
        y = torch.from_numpy(rng.exponential(size=(60, 1)))  # gradients -y, of variance 1
        found = sgd_temperature(
            model, half, (torch.ones_like(y), y), learning_rate=1.0, batch_size=1, relative_error=1.0
        )
        z.append((found.value - 0.5) / found.stderr)
        hits += abs(z[-1]) < 1.96
    assert 0.78 < hits / 400 < 0.97  # the variance of an exponential from 60 samples: skewed, so a little below 95 %
    pool = rng.normal(size=(300, 1))
    truth, z = pool.var() / 2, []
    for _ in range(400):
        y = torch.from_numpy(pool[rng.permutation(300)[:150]])
        found = sgd_temperature(model, half, (torch.ones_like(y), y), learning_rate=1.0, batch_size=1, population=300)
        z.append((found.value - truth) / found.stderr)
    assert 0.9 < np.mean(np.abs(z) < 1.96) < 0.985
    assert abs(np.std(z) - 1) < 0.15  # without the factor for the unseen half it would be 0.7


def test_refuses_and_says_what_it_needs():
    model, data = network(), sample(4000)
    few = tuple(part[:40] for part in data)
    arguments = {"learning_rate": 0.1, "batch_size": 8, "relative_error": 0.02}
    with pytest.raises(NotIdentifiable) as refusal:
        sgd_temperature(model, CROSS, few, **arguments)
    wanted = refusal.value.needed_samples
    assert refusal.value.estimate.samples == 40 < wanted < 4000
    assert sgd_temperature(model, CROSS, tuple(part[: 2 * wanted] for part in data), **arguments).value > 0
    with pytest.raises(NotIdentifiable) as refusal:
        sgd_temperature(model, CROSS, tuple(part[:5] for part in data), learning_rate=0.1, batch_size=8)
    assert refusal.value.needed_samples >= 30


@pytest.mark.parametrize("population", [None, 500])
def test_a_refusal_asks_for_the_samples_that_settle_it(population):
    """The error falls like the root of the samples, and to nothing when a whole set has been seen."""
    model, data = network(), sample(60)
    settings = {"learning_rate": 0.1, "batch_size": 8, "relative_error": 0.01, "population": population}
    with pytest.raises(NotIdentifiable, match=r"below 0\.01, got .* from 60 samples: give about") as refusal:
        sgd_temperature(model, CROSS, data, **settings)
    found, needed = refusal.value.estimate, refusal.value.needed_samples
    share = lambda n: 1 / n if population is None else (population - n) / (n * (population - 1))  # noqa: E731
    error = found.stderr / found.value * math.sqrt(share(needed) / share(60))
    assert error == pytest.approx(0.01, rel=0.01)
    assert f"got {found.value:.3g} +- {found.stderr:.2g} from" in str(refusal.value)


def test_a_fifth_of_the_value_is_the_error_that_is_accepted():
    model, rng, errors, accepted = torch.nn.Linear(1, 1, bias=False).double(), stream(0, "a fifth"), [], []
    for _ in range(20):
        y = torch.from_numpy(rng.exponential(size=(150, 1)))
        data, settings = (torch.ones_like(y), y), {"learning_rate": 0.1, "batch_size": 8}
        found = sgd_temperature(model, HALF_SQUARE, data, relative_error=9.0, **settings)
        errors.append(found.stderr / found.value)
        try:
            accepted.append(sgd_temperature(model, HALF_SQUARE, data, **settings) == found)
        except NotIdentifiable:
            accepted.append(False)
    assert accepted == [error <= 0.2 for error in errors]
    assert 0 < sum(accepted) < 20


def test_thirty_samples_are_enough_or_the_whole_of_a_smaller_set():
    model, good = network(), {"learning_rate": 0.1, "batch_size": 8, "relative_error": 9.0}
    few, enough = sample(29), sample(30)
    assert sgd_temperature(model, CROSS, enough, **good).samples == 30
    assert sgd_temperature(model, CROSS, few, population=29, **good).stderr == 0
    for population, needed in ((None, 30), (1000, 30)):
        with pytest.raises(NotIdentifiable, match=f"from 29 samples: give about {needed}") as refusal:
            sgd_temperature(model, CROSS, few, population=population, **good)
        assert refusal.value.needed_samples == needed
    with pytest.raises(NotIdentifiable) as refusal:
        sgd_temperature(model, CROSS, (few[0][:1], few[1][:1]), population=20, **good)
    assert refusal.value.needed_samples == 20


@pytest.mark.parametrize("along", [False, True])
def test_temperature_from_some_samples_of_a_set_has_no_bias(along):
    """The mean over every choice of 31 of 32 samples is what the whole set gives."""
    rows, y = sample(32)
    model = torch.nn.Linear(rows.shape[1], 1, bias=False).double()
    direction = torch.ones(rows.shape[1], dtype=torch.float64) if along else None

    def temperature(keep):
        data = rows[keep], y[keep, None].double()
        settings = {"learning_rate": 0.1, "batch_size": 4, "population": 32, "relative_error": 9.0}
        return sgd_temperature(model, torch.nn.functional.mse_loss, data, direction=direction, **settings).value

    some = [temperature([i for i in range(32) if i != left]) for left in range(32)]
    assert np.mean(some) == pytest.approx(temperature(list(range(32))))


def test_sgd_temperature_leaves_the_model_alone_and_names_bad_input():
    model, data = network(), sample(50)
    before = [p.clone() for p in model.parameters()]
    good = {"learning_rate": 0.1, "batch_size": 8}
    sgd_temperature(model, CROSS, data, relative_error=1.0, **good)
    assert all(torch.equal(p, q) and p.grad is None for p, q in zip(model.parameters(), before, strict=True))
    for bad, message in (
        ({"momentum": 1.0}, "0 <= momentum < 1, got 1.0: give it as torch.optim.SGD"),
        ({"momentum": -0.1}, "0 <= momentum < 1"),
        ({"learning_rate": 0.0}, "learning_rate > 0"),
        ({"batch_size": 0}, "batch_size >= 1"),
        ({"relative_error": 0.0}, "relative_error > 0"),
        (
            {"replacement": False},
            "expected the population .* without replacement, got None: give the number of samples",
        ),
        (
            {"replacement": False, "population": 60, "batch_size": 61},
            "at most the population, 60, as the size of .*, got 61: check both numbers, or give replacement=True",
        ),
        ({"population": 49}, "population of at least the 50 samples given, got 49: count them all"),
        ({"population": 60.5}, "population of at least the 50 samples given, got 60.5"),
        ({"population": math.inf}, "got inf: count them all"),
        ({"curvature": 20.0}, r"curvature < 2 \(1 \+ momentum\) / learning_rate, got 20.0: SGD diverges"),
        ({"curvature": 30.0, "momentum": 0.5}, "SGD diverges"),
        ({"curvature": -1e-3}, "0 <= curvature"),
        ({"direction": torch.ones(3)}, "a direction over all 26 trainable parameters, .*, got 3 numbers"),
        ({"direction": torch.zeros(26)}, "finite and not zero, got 26 numbers: give the vector of sharpness"),
        ({"direction": np.full(26, np.nan)}, "finite and not zero"),
        ({"chunk": 0}, "chunk >= 1"),
    ):
        with pytest.raises(ValueError, match=message):
            sgd_temperature(model, CROSS, data, **(good | bad))
    at_once = sgd_temperature(model, CROSS, data, learning_rate=0.1, batch_size=50, population=50, replacement=False)
    assert at_once.value == 0  # no noise is left
    with pytest.raises(ValueError, match="population of at least 2, got 1: count them all"):
        sgd_temperature(model, CROSS, (data[0][:1], data[1][:1]), population=1, **good)
    with pytest.raises(ValueError, match="batch normalisation"):
        sgd_temperature(torch.nn.Sequential(model, torch.nn.BatchNorm1d(2).double()), CROSS, data, **good)
    batches = torch.nn.Sequential(model, torch.nn.BatchNorm1d(2).double())
    with pytest.raises(ValueError, match="batch normalisation"):
        sgd_temperature(batches, CROSS, data, direction=torch.ones(30), **good)
    with pytest.raises(ValueError, match="inputs as targets"):
        sgd_temperature(model, CROSS, (data[0], data[1][:3]), **good)


def test_samples_that_are_all_alike_have_no_temperature_and_no_error():
    model = torch.nn.Linear(2, 1).double()
    for p in model.parameters():
        torch.nn.init.zeros_(p)
    alike = torch.ones(40, 2, dtype=torch.float64), torch.zeros(40, 1, dtype=torch.float64)
    found = sgd_temperature(model, torch.nn.MSELoss(), alike, learning_rate=0.1, batch_size=4)
    assert (found.value, found.stderr) == (0.0, 0.0)
