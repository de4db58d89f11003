"""The PyTorch scheduler resumes bit for bit; replicas train as PyTorch's own networks do."""

from __future__ import annotations

import io
from functools import partial

import numpy as np
import pytest
import torch

from trainphys.chapters.cooling.shared.training_runs import SHAPES, final_scores, schedule_runs
from trainphys.tools.schedules.shaped_lr import ShapedLR, torch_exponential_fall
from trainphys.tools.schedules.shapes import (
    constant_shape,
    cosine_decay,
    exponential_decay,
    inverse_time_decay,
    linear_decay,
    logarithmic_decay,
    step_decay,
)
from trainphys.workloads.datasets import characters_split, digits_split
from trainphys.workloads.replicas import Replicas

STEPS = 24
ALL = [
    constant_shape,
    partial(linear_decay, end=0.0),
    cosine_decay,
    step_decay,
    exponential_decay,
    inverse_time_decay,
    logarithmic_decay,
]
OPTIMIZERS = [
    partial(torch.optim.SGD, lr=0.3, momentum=0.9),
    partial(torch.optim.Adam, lr=0.01),
]


def _start(optimizer_of, shape):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(64, 8), torch.nn.Tanh(), torch.nn.Linear(8, 10))
    groups = [{"params": model[0].parameters()}, {"params": model[2].parameters(), "lr": 0.02}]
    optimizer = optimizer_of(groups)
    return model, optimizer, ShapedLR(optimizer, STEPS, shape)


def _train(model, optimizer, scheduler, first, last):
    data, rates = digits_split(), []
    for n in range(first, last):
        batch = torch.from_numpy(np.random.default_rng([n, 7]).integers(len(data.labels), size=32))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(data.inputs[batch]), data.labels[batch]).backward()
        rates.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize("shape", ALL)
@pytest.mark.parametrize("optimizer_of", OPTIMIZERS)
@pytest.mark.parametrize("scheduler_first", [True, False])
def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(shape, optimizer_of, scheduler_first) -> None:
    whole = _start(optimizer_of, shape)
    rates = _train(*whole, 0, STEPS)

    half = _start(optimizer_of, shape)
    early = _train(*half, 0, 9)
    file = io.BytesIO()
    torch.save([part.state_dict() for part in half], file)
    file.seek(0)
    states = torch.load(file, weights_only=True)  # plain data, no code

    again = _start(optimizer_of, shape)
    order = [2, 1, 0] if scheduler_first else [0, 1, 2]
    for k in order:
        again[k].load_state_dict(states[k])
    late = _train(*again, 9, STEPS)

    assert early + late == rates
    assert again[2].get_last_lr() == whole[2].get_last_lr()
    for one, other in zip(whole[0].parameters(), again[0].parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("shape", ALL)
def test_rates_are_the_shape_of_progress(shape) -> None:
    model, optimizer, scheduler = _start(OPTIMIZERS[0], shape)
    rates = np.array(_train(model, optimizer, scheduler, 0, STEPS))
    factors = [float(shape(n / STEPS)) for n in range(STEPS)]
    assert rates[:, 0] == pytest.approx(0.3 * np.array(factors))
    assert rates[:, 1] == pytest.approx(0.02 * np.array(factors))


def test_the_last_rate_stays() -> None:
    _, optimizer, scheduler = _start(OPTIMIZERS[0], exponential_decay)
    for _ in range(STEPS + 5):
        optimizer.step()
        scheduler.step()
    assert scheduler.get_last_lr()[0] == pytest.approx(0.003)


def test_against_pytorchs_own_schedulers() -> None:
    own = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    theirs = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    one = ShapedLR(own, 50, partial(cosine_decay, end=0.1))
    other = torch.optim.lr_scheduler.CosineAnnealingLR(theirs, 50, eta_min=0.05)
    for _ in range(50):
        for optimizer, scheduler in ((own, one), (theirs, other)):
            optimizer.step()
            scheduler.step()
        assert one.get_last_lr()[0] == pytest.approx(other.get_last_lr()[0], rel=1e-9)


def test_bad_input() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    with pytest.raises(ValueError, match="expected total_steps >= 1"):
        ShapedLR(optimizer, 0)
    state = ShapedLR(optimizer, 10).state_dict()
    with pytest.raises(ValueError, match="expected the state of a run of 20 steps, got one of 10"):
        ShapedLR(optimizer, 20).load_state_dict(state)
    with pytest.raises(ValueError, match="expected tau > 0"):
        torch_exponential_fall(0.0, 1)


def test_replicas_step_as_pytorch_does() -> None:
    data, rng = digits_split(), np.random.default_rng(3)
    networks = Replicas((64, 12, 10), rng, 3)
    models = []
    for r in range(3):
        model = torch.nn.Sequential(torch.nn.Linear(64, 12), torch.nn.Tanh(), torch.nn.Linear(12, 10))
        with torch.no_grad():
            for layer, w, b in zip((model[0], model[2]), networks.weights, networks.biases, strict=True):
                layer.weight.copy_(w[r].T)
                layer.bias.copy_(b[r])
        models.append(model)
    rates = torch.tensor([0.1, 1.0, 3.0])
    for _ in range(5):
        drawn = torch.from_numpy(rng.integers(len(data.labels), size=(3, 16)))
        networks.update(data.inputs[drawn], data.labels[drawn], rates)
        for r, model in enumerate(models):
            optimizer = torch.optim.SGD(model.parameters(), lr=float(rates[r]))
            torch.nn.functional.cross_entropy(model(data.inputs[drawn[r]]), data.labels[drawn[r]]).backward()
            optimizer.step()
            optimizer.zero_grad()
    loss, accuracy = networks.scores(data.test_inputs, data.test_labels)
    for r, model in enumerate(models):
        logits = model(data.test_inputs).detach()
        assert float(loss[r]) == pytest.approx(
            float(torch.nn.functional.cross_entropy(logits, data.test_labels)), rel=1e-4
        )
        assert float(accuracy[r]) == pytest.approx(
            float((logits.argmax(1) == data.test_labels).float().mean()), abs=5e-3
        )


def test_schedules_are_paired_and_do_not_disturb_each_other() -> None:
    data = digits_split()
    sizes = {"hidden": 8, "batch_size": 8, "updates": 20, "runs": 3, "seed": 5}
    both = {"constant": constant_shape, "linear": linear_decay}
    together, _ = final_scores(data, both, np.array([[0.5], [1.0]]), **sizes)
    alone, _ = final_scores(data, {"linear": linear_decay}, np.array([[1.0]]), **sizes)
    assert together[1] == pytest.approx(alone[0], rel=1e-5)
    same, _ = final_scores(data, {"a": constant_shape, "b": constant_shape}, np.ones((2, 1)), **sizes)
    assert np.array_equal(same[0], same[1])
    with pytest.raises(ValueError, match="expected a row of rates"):
        final_scores(data, both, np.ones((1, 1)), **sizes)


def test_schedule_runs_tune_and_measure() -> None:
    runs = schedule_runs(workload="digits", label_noise=0.2, updates=60, tuning_runs=2, runs=4, seed=0)
    assert runs.names == tuple(SHAPES)
    assert runs.train_loss.shape == (len(SHAPES), 4)
    best = runs.rates_tried[np.arange(len(SHAPES)), runs.tuning_loss.argmin(axis=1)]
    assert np.array_equal(best, runs.base_rates)
    assert ((runs.rates_tried[:, 0] < best) & (best < runs.rates_tried[:, -1])).all()
    zero = runs.paired("linear", "linear")
    assert (zero.value, zero.stderr) == (0.0, 0.0)
    ratio = runs.relative_loss("linear", "constant")
    assert ratio.value == pytest.approx(runs.train_loss[3].mean() / runs.train_loss[6].mean())
    with pytest.raises(ValueError, match="expected names from"):
        runs.paired("linear", "magic")
    with pytest.raises(ValueError, match="expected a workload"):
        schedule_runs(workload="cats", label_noise=0.0, updates=1, tuning_runs=1, runs=2, seed=0)


@pytest.mark.parametrize("split", [digits_split, characters_split])
def test_noisy_labels(split) -> None:
    data = split()
    noisy = data.noisy(0.3, seed=1)
    changed = float((noisy.labels != data.labels).float().mean())
    assert changed == pytest.approx(0.3 * (1 - 1 / data.classes), abs=0.02)
    assert torch.equal(noisy.test_labels, data.test_labels)
    assert abs(float(data.inputs.mean(dim=0).abs().max())) < 1e-5
    with pytest.raises(ValueError, match="expected a share"):
        data.noisy(1.5, seed=0)
