"""Temperature, learning rate and momentum: closed forms, Monte Carlo and a model without momentum as references."""

import numpy as np
import pytest
import torch

from trainphys.chapters.power.a6_stabilisation.heavy_ball_runs import (
    claimed_momentum,
    simulated_heavy_ball,
    simulated_heavy_ball_loss,
)
from trainphys.chapters.power.a6_stabilisation.learning_rates import (
    best_rate,
    fit_learning_rate,
    largest_stable_rate,
    vertex,
)
from trainphys.chapters.power.a6_stabilisation.temperature_runs import simulated_temperature
from trainphys.chapters.power.a8_operating_point.timed_updates import timed_updates
from trainphys.chapters.power.shared.batch_sweep import SweepPoint
from trainphys.chapters.power.shared.characters import CHARACTERS, CONTEXT, SYMBOLS, characters, text
from trainphys.laws.batch_size import best_learning_rate
from trainphys.laws.momentum import (
    heavy_ball_loss,
    heavy_ball_steps,
    polyak_momentum,
    steps_by_momentum,
    tuned_momentum,
)
from trainphys.laws.temperature import stationary_temperature
from trainphys.systems.noisy_quadratic import NoisyQuadratic, power_law_quadratic
from trainphys.tools.batch_size.step_time import fit_step_time

MODEL = power_law_quadratic(16)
TARGET = 0.05 * MODEL.initial_loss()


@pytest.mark.parametrize(("rate", "momentum"), [(0.3, 0.0), (0.2, 0.7), (2.5, 0.5), (0.5, -0.4)])
def test_temperature_is_that_of_simulated_runs(rate, momentum):
    settings = {
        "learning_rate": rate,
        "batch_size": 8,
        "momentum": momentum,
        "curvature": 1.0,
        "gradient_variance": 3.0,
    }
    found = simulated_temperature(**settings, updates=300, replicas=40_000, seed=1)
    exact = float(stationary_temperature(rate, 8, 3.0, momentum, 1.0))
    assert abs(found.value - exact) < 5 * found.stderr
    assert found.stderr < 0.01 * exact


def test_temperature_of_short_steps_and_without_momentum():
    assert float(stationary_temperature(1e-6, 4, 2.0, 0.9, 1.0)) == pytest.approx(1e-6 * 2 / (2 * 4 * 0.1), rel=1e-4)
    assert float(stationary_temperature(0.5, 4, 2.0, 0.0, 1.0)) == pytest.approx(0.5 * 2 / (4 * (2 - 0.5)))
    with pytest.raises(ValueError, match="diverges"):
        stationary_temperature(2.1, 4, 1.0, 0.0, 1.0)
    with pytest.raises(ValueError, match="momentum"):
        stationary_temperature(0.1, 4, 1.0, 1.0)


def test_without_momentum_the_moments_are_those_of_plain_descent():
    for rate, batch in ((0.2, 4.0), (1.0, 64.0), (1.5, np.inf)):
        exact = MODEL.steps(rate, batch, TARGET)
        assert float(heavy_ball_steps(MODEL, rate, 0.0, batch, TARGET)[0]) == pytest.approx(exact, rel=0.02)
    assert np.isinf(heavy_ball_steps(MODEL, [2.1, 1.0], [0.0, 0.0], [1e-3][0], TARGET)).all()


def test_one_mode_with_momentum_follows_the_update_itself():
    model = NoisyQuadratic((0.8,), (0.0,))
    theta, velocity, losses = 1.0, 0.0, []
    for _ in range(40):
        velocity = 0.6 * velocity - 0.5 * 0.8 * theta
        theta += velocity
        losses.append(0.4 * theta**2)
    first = next(k for k, loss in enumerate(losses) if loss <= 0.004)
    share = (losses[first - 1] - 0.004) / (losses[first - 1] - losses[first])
    assert float(heavy_ball_steps(model, 0.5, 0.6, 1.0, 0.004)[0]) == pytest.approx(first + share)


@pytest.mark.parametrize(("rate", "momentum", "batch"), [(0.3, 0.6, 20.0), (1.5, 0.5, 200.0), (0.05, 0.9, 8.0)])
def test_moments_are_those_of_simulated_runs(rate, momentum, batch):
    found = simulated_heavy_ball(
        model=MODEL, batch_size=batch, learning_rate=rate, momentum=momentum, target_loss=TARGET, replicas=4000, seed=3
    )
    exact = float(heavy_ball_steps(MODEL, rate, momentum, batch, TARGET)[0])
    assert abs(found.value - exact) < 5 * found.stderr + 0.005 * exact  # looks may be two updates apart


def test_the_loss_after_some_updates_is_that_of_simulated_runs_and_falls_to_the_target_where_the_search_says():
    settings = {"batch_size": 20.0, "learning_rate": 0.3, "momentum": 0.6}
    found = simulated_heavy_ball_loss(model=MODEL, **settings, updates=9, replicas=20_000, seed=4)
    exact = heavy_ball_loss(MODEL, 0.3, 0.6, 20.0, updates=9)
    assert abs(found.value - exact[0]) < 5 * found.stderr
    steps = int(heavy_ball_steps(MODEL, 0.3, 0.6, 20.0, TARGET)[0])
    before, after = (heavy_ball_loss(MODEL, 0.3, 0.6, 20.0, updates=n)[0] for n in (steps, steps + 1))
    assert before > TARGET >= after


def test_tuned_momentum_is_the_best_of_a_grid():
    best = tuned_momentum(MODEL, 100.0, TARGET)
    counts, _ = steps_by_momentum(MODEL, np.linspace(0, 0.95, 40), 100.0, TARGET)
    assert best.bracketed
    assert best.steps <= counts.min() * (1 + 1e-3)
    for rate, beta in ((1.1, 1.0), (0.9, 1.0), (1.0, 1.05), (1.0, 0.95)):
        near = heavy_ball_steps(MODEL, best.learning_rate * rate, best.momentum * beta, 100.0, TARGET)[0]
        assert near >= best.steps * (1 - 1e-3)


def test_polyak_momentum_is_the_limit_of_a_deep_target():
    model = NoisyQuadratic((1.0, 0.04), (0.0, 0.0))
    assert tuned_momentum(model, np.inf, 1e-14).momentum == pytest.approx(polyak_momentum(25.0), abs=0.06)
    assert claimed_momentum(4.0) == 0.5
    with pytest.raises(ValueError, match="condition_number"):
        polyak_momentum(0.5)
    with pytest.raises(ValueError, match="order of arguments"):
        heavy_ball_steps(MODEL, 0.1, 1.0, 8.0, TARGET)
    with pytest.raises(ValueError, match="target_loss"):
        heavy_ball_steps(MODEL, 0.1, 0.5, 8.0, 1e3)


def test_best_rate_finds_the_minimum_and_its_error():
    rates = 2.0 ** (np.arange(-3, 4) / 3)
    curve = np.exp(np.log(rates / 1.1) ** 2)
    assert vertex(rates, 50 * curve) == pytest.approx(1.1)
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200):
        tried = 50 * curve[:, None] * rng.lognormal(0, 0.02, (7, 12))
        found.append(best_rate(SweepPoint(8, tuple(rates), tried, 1.0, tried[0]), draws=60))
    spread = np.std([f.value for f in found])
    assert np.median([f.stderr for f in found]) == pytest.approx(spread, rel=0.3)
    assert np.mean([f.value for f in found]) == pytest.approx(1.1, rel=0.02)


def test_learning_rate_law():
    b = np.array([1.0, 8.0, 64.0, 512.0])
    assert fit_learning_rate(b, best_learning_rate(b, 3.0, 40.0)) == pytest.approx((3.0, 40.0), rel=1e-6)
    for batch in (1, 16):
        found = largest_stable_rate(batch, samples=200_000, seed=2)
        assert abs(found.value - float(best_learning_rate(batch, 2.0, 2.0))) < 5 * found.stderr
    with pytest.raises(ValueError, match="noise_batch_size"):
        best_learning_rate(4.0, 1.0, 0.0)
    with pytest.raises(ValueError, match="two points"):
        fit_learning_rate([1.0], [1.0])


def test_characters_are_the_text():
    data = characters()
    assert data.pixels.shape == (len(data), CONTEXT * len(SYMBOLS))
    assert torch.allclose(data.pixels.mean(dim=0), torch.zeros(CONTEXT * len(SYMBOLS)), atol=1e-6)
    first = data.pixels[0].reshape(CONTEXT, -1).argmax(dim=1)
    assert "".join(SYMBOLS[i] for i in first) == text()[:CONTEXT]
    assert SYMBOLS[int(data.labels[0])] == text()[CONTEXT]
    assert set(text()) == set(SYMBOLS)
    assert "  " not in text()


def test_updates_are_timed():
    seconds = timed_updates(workload=CHARACTERS, batch_sizes=(4, 64), repeats=3)
    assert all(s > 0 for s in seconds)
    assert fit_step_time((4, 64), seconds).per_sample_s >= 0
    with pytest.raises(ValueError, match="positive seconds"):
        fit_step_time((4, 64), (1.0, 0.0))
