"""Tests of ``chapters.power.shared.batch_sweep``."""

import functools
import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from trainphys.chapters.power.shared import batch_sweep
from trainphys.chapters.power.shared.batch_sweep import PERCEPTRON, SOFTMAX, measured_steps, tuned
from trainphys.ensemble import stream, sweep
from trainphys.errors import NotBracketed
from trainphys.estimate import Estimate

EASY = replace(SOFTMAX, target_loss=0.4)


def test_runs_do_not_depend_on_their_company_or_on_when_they_are_first_looked_at():
    rates = np.array([4.0, 6.0])
    together = measured_steps(EASY, 8, rates, runs=4, seed=1, patience=50)
    alone = measured_steps(EASY, 8, rates[1:], runs=4, seed=1, patience=50)
    late = measured_steps(EASY, 8, rates[1:], runs=4, seed=1, patience=50, first_look=10_000)
    assert np.allclose(together[1], alone[0], rtol=1e-3)
    assert np.array_equal(alone, late)
    assert not np.array_equal(alone, measured_steps(EASY, 8, rates[1:], runs=4, seed=2, patience=50))


def test_exact_gradient_repeats_itself():
    steps = measured_steps(EASY, 0, np.array([5.0]), runs=3, seed=0)
    assert np.ptp(steps) < 1e-5  # a matrix product may round its first and its last replica differently


def test_the_search_brackets_the_optimum_from_a_bad_start():
    for start in (3.0, 400.0):
        rates, tried = tuned(replace(EASY, learning_rate=start), 64, runs=4, seed=0)
        best = int(np.argmin(tried.mean(axis=1)))
        assert 0 < best < len(rates) - 1
        assert 5 < rates[best] < 60


def test_an_optimum_at_the_edge_is_an_error():
    with pytest.raises(NotBracketed, match="inside"):
        tuned(replace(EASY, learning_rate=0.3), 64, runs=2, seed=0, widenings=1)


def test_the_sweep_is_the_same_for_any_number_of_workers():
    task = functools.partial(batch_sweep._sweep_point, EASY, 2, 3)
    one, two = (sweep(task, [16, 64], seed=0, workers=w, progress=False) for w in (1, 2))
    for a, b in zip(one, two, strict=True):
        assert a.learning_rates == b.learning_rates
        assert a.steps.tobytes() == b.steps.tobytes()


@pytest.mark.slow
def test_small_batches_scale_perfectly_and_large_ones_saturate():
    points = batch_sweep.batch_size_sweep(
        workload=replace(PERCEPTRON, target_loss=0.2), batch_sizes=(4, 8, 512, 1024), tuning_runs=4, runs=32, seed=0
    )
    small, twice, large, largest = (p.mean() for p in points)
    gain, saturated = small / twice, large / largest
    assert abs(gain.value - 2) < 5 * gain.stderr
    assert gain.value > 2**0.5 + 5 * gain.stderr
    assert 0.9 < saturated.value < 1.4


def one_run(workload, batch_size, learning_rate, seed):
    """One network of torch's own layers, trained and counted update by update; batches with replacement."""
    torch.manual_seed(seed)
    data = workload.data()
    sizes = workload.layers
    layers = [torch.nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
    for layer in layers:
        torch.nn.init.zeros_(layer.bias)
        torch.nn.init.normal_(layer.weight, std=0.0 if len(sizes) == 2 else layer.in_features**-0.5)
    model = torch.nn.Sequential(*itertools.chain(*((layer, torch.nn.Tanh()) for layer in layers[:-1])), layers[-1])
    optimiser = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=workload.momentum)
    updates = 0
    while True:
        with torch.no_grad():
            loss = float(torch.nn.functional.cross_entropy(model(data.inputs), data.labels))
        if loss <= workload.target_loss:
            return updates
        updates += 1
        drawn = torch.randint(len(data.labels), (batch_size,))
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(model(data.inputs[drawn]), data.labels[drawn]).backward()
        optimiser.step()


@pytest.mark.parametrize(
    ("workload", "batch_size", "rate"),
    [
        (replace(EASY, target_loss=0.2), 8, 4.0),
        (replace(PERCEPTRON, target_loss=0.8), 32, 1.0),
        (replace(PERCEPTRON, target_loss=0.8, momentum=0.8), 32, 0.3),
    ],
)
def test_updates_are_counted_as_by_a_plain_loop(workload, batch_size, rate):
    """Two per cent for the crossing between looks, and half an update, since a count is rounded up."""
    fast = Estimate.from_samples(measured_steps(workload, batch_size, np.array([rate]), runs=64, seed=1, patience=9)[0])
    plain = Estimate.from_samples([one_run(workload, batch_size, rate, seed) for seed in range(24)])
    apart = fast - plain
    assert abs(apart.value + 0.5) < 4 * apart.stderr + 0.02 * plain.value
    assert 4 * apart.stderr < 0.15 * plain.value  # it would notice every sixth update lost


def test_each_run_draws_for_itself_with_replacement_and_from_all_data():
    rng = np.random.default_rng(0)
    seen = torch.stack([batch_sweep._drawn(20, 10, 2, rng) for _ in range(400)])
    assert not torch.equal(seen[:, 0], seen[:, 1])
    counts = np.bincount(seen.flatten().numpy(), minlength=20)
    assert abs(counts - 400).max() < 5 * 20
    repeats = np.mean([len(set(batch.tolist())) for batch in seen[:, 0]])
    assert repeats == pytest.approx(20 * (1 - 0.95**10), abs=0.3)  # distinct samples of ten draws from twenty


@pytest.mark.parametrize("batch_size", [0, 8])
def test_learning_rates_are_paired_and_all_data_are_taken_where_no_batch_size_is_given(batch_size):
    """Two learning rates that are one take the same updates; without a batch, runs from the same zero start are one."""
    steps = measured_steps(EASY, batch_size, np.array([2.0, 2.0]), runs=3, seed=1)
    # some processors round a product by its place in memory; runs with batches of their own differ by a tenth
    assert steps[0] == pytest.approx(steps[1], rel=1e-6)
    assert (np.ptp(steps) < 1e-6 * steps.mean()) == (batch_size == 0)


def numbered_run(workload, batch_size, rate, run, runs, seed, most):
    """One network in double precision, on the first weights and the batches that the sweep draws for that run: when the
    loss first reaches the target, between two updates by a straight line in its logarithm."""
    data, rng = workload.data(), stream(seed, "batches")
    x, y, cost = data.inputs.double(), data.labels, torch.nn.functional.cross_entropy
    scale = 0.0 if len(workload.layers) == 2 else 1.0
    parts = []
    for a, b in itertools.pairwise(workload.layers):
        parts.append(
            torch.from_numpy(scale * rng.standard_normal((runs, a, b), dtype=np.float32)[run] / a**0.5).double()
        )
        parts.append(torch.zeros(b, dtype=torch.float64))
    speeds, before = [torch.zeros_like(p) for p in parts], math.inf
    for step in range(most):
        for p in parts:
            p.requires_grad_(True)

        def logits(z, parts=parts):
            for w, b in zip(parts[:-2:2], parts[1:-2:2], strict=True):
                z = torch.tanh(z @ w + b)
            return z @ parts[-2] + parts[-1]

        with torch.no_grad():
            now = float(cost(logits(x), y))
        if now <= workload.target_loss:
            return step - 1 + math.log(before / workload.target_loss) / math.log(before / now)
        before = now
        drawn = rng.integers(len(y), size=(runs, batch_size))[run] if batch_size else np.arange(len(y))
        slopes = torch.autograd.grad(cost(logits(x[drawn]), y[drawn]), parts)
        speeds = [workload.momentum * v - rate * g for v, g in zip(speeds, slopes, strict=True)]
        parts = [(p + v).detach() for p, v in zip(parts, speeds, strict=True)]
    return math.inf


@pytest.mark.parametrize(
    ("workload", "batch_size", "rates"),
    [
        (replace(EASY, target_loss=0.6), 20, (3.0, 6.0)),
        (replace(EASY, target_loss=0.6), 0, (8.0,)),
        (replace(PERCEPTRON, target_loss=1.2), 40, (2.0,)),
        (replace(PERCEPTRON, target_loss=1.2, momentum=0.7), 40, (1.0,)),
    ],
)
def test_updates_are_those_of_single_networks_on_the_same_batches(workload, batch_size, rates):
    """Short runs are looked at after every update, so that one update too many or too few is seen."""
    found = measured_steps(workload, batch_size, np.array(rates), runs=3, seed=2, patience=9)
    for i, rate in enumerate(rates):
        slow = [numbered_run(workload, batch_size, rate, run, 3, 2, 40) for run in range(3)]
        assert max(slow) < 14
        assert found[i] == pytest.approx(slow, abs=2e-3)
    [lost] = measured_steps(workload, batch_size, np.array([1e-4]), runs=3, seed=2, most_steps=20)
    assert np.isinf(lost).all()
