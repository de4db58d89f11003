"""Estimators of temperature and cooling time against closed forms and second methods."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_discrete_lyapunov

from trainphys.chapters.cooling.b6_estimators_and_adaptation.adaptive_training import batch_noise
from trainphys.chapters.cooling.b6_estimators_and_adaptation.claimed import (
    claimed_final_temperature,
    claimed_initial_temperature,
)
from trainphys.chapters.cooling.b6_estimators_and_adaptation.cooling_time_runs import (
    entropy_and_divergence,
    slow_limits,
)
from trainphys.chapters.cooling.b6_estimators_and_adaptation.estimator_checks import (
    decay_time,
    ensemble_estimators,
    needed_temperature,
)
from trainphys.chapters.cooling.b6_estimators_and_adaptation.sgd_at_rest import stationary_sgd
from trainphys.chapters.cooling.b6_estimators_and_adaptation.trigger_runs import (
    follow_trigger,
    frozen_fluctuation_ratio,
    refined_trigger,
)
from trainphys.ensemble import stream
from trainphys.laws.adaptation_trigger import (
    annealing_formula_ratio,
    entropy_ratio,
    fluctuation_ratio,
    frozen_share_fluctuation,
    quench_formula_ratio,
    trigger_ratio,
)
from trainphys.laws.cooling_plan import dissipation_time, final_temperature, relaxation_time, time_to_closeness
from trainphys.laws.gaussian_well import variance_lag
from trainphys.laws.temperature import momentum_covariance, momentum_mode_temperature
from trainphys.simulate.minibatch_sgd import tilted_quadratic
from trainphys.systems.coolings import Exponential
from trainphys.systems.losses import double_well, harmonic
from trainphys.tools.gradients.sgd_temperature import NotIdentifiable, sgd_temperature
from trainphys.workloads.perceptron import perceptron_digits
from trainphys.workloads.replicas import Replicas

HALF_SQUARE = torch.nn.MSELoss()


def quadratic(d=4):
    rng = stream(3, "matrices", d)
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0]
    root = rng.standard_normal((d, d))
    return turn @ np.diag(np.geomspace(0.1, 1, d)) @ turn.T, root @ root.T


@pytest.mark.parametrize(("rate", "momentum"), [(0.1, 0.0), (1.0, 0.0), (0.3, 0.9), (2.5, 0.5)])
def test_stationary_covariance_against_the_lyapunov_equation(rate, momentum):
    h, c = quadratic()
    eye = np.eye(4)
    step = np.block([[eye - rate * h, momentum * eye], [-rate * h, momentum * eye]])
    kick = rate**2 / 8 * np.block([[c, c], [c, c]])
    reference = solve_discrete_lyapunov(step, kick)[:4, :4]
    found = momentum_covariance(h, c, rate, 8, momentum)
    np.testing.assert_allclose(found, reference, rtol=1e-8, atol=1e-10)
    values, basis = np.linalg.eigh(h)
    law = momentum_mode_temperature(rate, 8, np.diag(basis.T @ c @ basis), momentum, values)
    np.testing.assert_allclose(values * np.diag(basis.T @ found @ basis), law, rtol=1e-9)


@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_sgd_at_rest_has_the_temperature_of_the_law(momentum):
    model = tilted_quadratic([0.2, 0.5, 1.0], [[2.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 3.0]])
    rate = 0.4 * (1 - momentum)
    run = stationary_sgd(
        model, np.zeros((300, 3)), stream(0, "at rest"), learning_rate=rate, batch_size=4, momentum=momentum,
        burn=100, updates=400, every=10, reference=np.zeros(3),
    )  # fmt: skip
    law = momentum_mode_temperature(rate, 4, [2.0, 1.0, 3.0], momentum, [0.2, 0.5, 1.0])
    for mode in range(3):
        for by in ("positions", "steps"):
            found = run.temperature(slice(mode, mode + 1), by)
            assert abs(found.value - law[mode]) < found.tolerance()
    np.testing.assert_allclose(run.noise.mean(axis=0), [2.0, 1.0, 3.0], rtol=0.03)  # about 5 standard errors


def test_claimed_estimates_change_with_the_unit_of_the_parameters():
    g = stream(0, "gradients").standard_normal((50, 3)) + 1
    assert claimed_initial_temperature(g / 10) == pytest.approx(claimed_initial_temperature(g) / 10)
    per = claimed_initial_temperature(g, per_parameter=True)
    assert per == pytest.approx(g.var(axis=0, ddof=1).mean() / np.abs(g).mean())
    assert claimed_final_temperature(np.diag([-1.0, 2.0])) == -1.0
    with pytest.raises(ValueError, match="two gradients"):
        claimed_initial_temperature([[1.0]])


def test_perceptron_gradient_and_hessian_against_differences():
    model, rng = perceptron_digits(3, ridge=0.1), stream(0, "perceptron")
    theta = model.start(rng, 2)
    chosen = np.broadcast_to(np.arange(model.samples), (2, model.samples))
    way = rng.standard_normal(theta.shape[1])
    ahead, behind = (model.batch_gradients(theta + s * 1e-5 * way, chosen) for s in (1, -1))
    np.testing.assert_allclose((ahead - behind)[0] / 2e-5, model.hessian(theta[0]) @ way, rtol=1e-5, atol=1e-8)
    one = model.batch_gradients(theta, np.array([[7], [7]]))
    x = torch.from_numpy(model.inputs[7])
    t = torch.from_numpy(theta[0]).requires_grad_(True)
    split = model.inputs.shape[1] * 3
    z = torch.tanh(x @ t[:split].reshape(-1, 3)) @ t[split:].reshape(3, 10)
    loss = torch.nn.functional.cross_entropy(z[None], torch.tensor([model.labels[7]])) + 0.05 * (t @ t)
    (reference,) = torch.autograd.grad(loss, t)
    np.testing.assert_allclose(one[0], reference.numpy(), rtol=1e-9, atol=1e-12)


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
    assert along.value == pytest.approx(float(momentum_mode_temperature(0.3, 10, variance, 0.0, 1.0)), rel=1e-10)


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
    for bad in (
        {"momentum": 1.0},
        {"learning_rate": 0.0},
        {"replacement": False},
        {"population": 10},
        {"curvature": 30.0},
    ):
        with pytest.raises(ValueError, match="expected"):
            sgd_temperature(model, CROSS, data, **(good | bad))
    with pytest.raises(ValueError, match="batch normalisation"):
        sgd_temperature(torch.nn.Sequential(model, torch.nn.BatchNorm1d(2).double()), CROSS, data, **good)
    with pytest.raises(ValueError, match="inputs as targets"):
        sgd_temperature(model, CROSS, (data[0], data[1][:3]), **good)


def test_batch_noise_against_per_sample_gradients():
    networks = Replicas((3, 4, 2), stream(0, "replicas"), 1)
    x, y = sample(12)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).double()
    for layer, w, b in zip((model[0], model[2]), networks.weights, networks.biases, strict=True):
        layer.weight.data, layer.bias.data = w[0].T.double(), b[0].double()
    reference = per_sample_gradients(model, (x, y)).var(axis=0, ddof=1).sum()
    found = batch_noise(networks, x[None].float(), y[None])
    assert float(found[0]) == pytest.approx(reference, rel=1e-5)


def test_entropy_of_a_matrix_against_its_modes():
    h, _ = quadratic(3)
    made, apart = entropy_and_divergence(h, 30.0, math.exp(2.0))
    values = np.linalg.eigvalsh(h)
    schedule = Exponential(1.0, 30.0)
    times = np.linspace(0, 60, 6001)
    lags = np.array([variance_lag(1.0 * k, schedule, times) for k in values])
    rate = (values[:, None] * (lags - 1) ** 2 / lags).sum(axis=0)
    assert made == pytest.approx(np.trapezoid(rate, times), rel=1e-4)
    assert apart == pytest.approx(((lags[:, -1] - 1 - np.log(lags[:, -1])) / 2).sum(), rel=1e-4)
    with pytest.raises(ValueError, match="positive definite"):
        entropy_and_divergence(np.diag([1.0, -1.0]), 1.0, 2.0)


def test_slow_limits_and_their_laws():
    values = [0.5, 1.0]
    produced, apart = slow_limits(np.diag(values), math.exp(2.0))
    assert abs(produced.value - dissipation_time(values, math.exp(2.0))) < produced.tolerance()
    assert abs(apart.value - time_to_closeness(values, 1.0)) < apart.tolerance()
    assert dissipation_time(values, 10.0, 2.0, 3.0) == pytest.approx(math.log(10) / 24 * 3)


@pytest.mark.parametrize("bad", [[0.0, 1.0], [-1.0]])
def test_cooling_times_need_positive_curvatures(bad):
    for call in (lambda: dissipation_time(bad, 2.0), lambda: time_to_closeness(bad, 1.0), lambda: relaxation_time(bad)):
        with pytest.raises(ValueError, match="flat or concave"):
            call()


def test_needed_temperature_and_decay():
    found = needed_temperature([0.3, 2.0, 1.0], 0.2, stream(0, "needed"), particles=20_000)
    assert abs(found.value - final_temperature(0.2, 3)) < found.tolerance()
    model = tilted_quadratic([0.5, 1.0], np.eye(2))
    time = decay_time(
        model, np.zeros(2), np.array([5.0, 0.0]), stream(0, "decay"),
        learning_rate=0.1, batch_size=16, updates=20, replicas=500,
    )  # fmt: skip
    assert abs(time.value + 1 / math.log(0.95)) < time.tolerance()


def test_configurational_temperature_is_that_of_the_bath():
    claimed, laplacian = ensemble_estimators(harmonic(1.0), 0.5, stream(0, "bath"), particles=50_000)
    assert abs(laplacian.value - 0.5 / (1 - 0.00125)) < laplacian.tolerance()
    assert abs(claimed.value - math.sqrt(0.5 * math.pi / 2)) < claimed.tolerance()


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 50), st.integers(1, 20))
def test_the_trigger_falls_with_the_lag(y, d):
    far = 1 + (y - 1) * 1.5
    if abs(y - 1) > 1e-3 and far > 0:
        assert trigger_ratio(far, d) < trigger_ratio(y, d)
        assert entropy_ratio(far) < entropy_ratio(y)


def test_trigger_ratios_against_the_fokker_planck_equation():
    schedule = Exponential(1.0, 2.0)
    duration = schedule.duration(0.2)
    behind = variance_lag(1.0, schedule, [0, duration])[-1]
    cases = [
        (lambda run: run.ratio()[-1], trigger_ratio(behind)),
        (lambda run: run.ratio("system")[-1], entropy_ratio(behind)),
        (lambda run: run.ratio("local", "quench")[-1], quench_formula_ratio(behind)),
        (lambda run: run.ratio("local", "annealing")[-1], annealing_formula_ratio(behind)),
    ]
    for quantity, law in cases:
        found = refined_trigger(quantity, harmonic(), schedule, duration)
        assert abs(found.value - law) < found.tolerance() + 1e-3 * law
    run = follow_trigger(harmonic(), schedule, duration)
    assert run.fluctuations()[-2] == pytest.approx(float(fluctuation_ratio(behind)), rel=0.02)  # steps of first order
    with pytest.raises(ValueError, match="lag > 0"):
        trigger_ratio(-1.0)
    with pytest.raises(ValueError, match="multiple"):
        follow_trigger(harmonic(), schedule, duration, steps=7)


def test_frozen_fluctuations_tend_to_two_quadratic_wells():
    uneven = double_well(1.0, 0.1)
    values = uneven.value(uneven.stationary_points())
    gap = values[0] - values[2]
    errors = [
        frozen_fluctuation_ratio(uneven, 0.3, T) / frozen_share_fluctuation(0.3, gap, T) - 1 for T in (0.02, 0.01)
    ]
    assert abs(errors[1]) < 0.6 * abs(errors[0]) < 0.05
    with pytest.raises(ValueError, match="two wells"):
        frozen_fluctuation_ratio(harmonic(), 0.3, 0.1)
