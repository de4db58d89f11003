"""Tests of ``chapters.cooling.shared.training_runs``."""

import numpy as np
import pytest
import torch

from trainphys.chapters.cooling.shared import training_runs
from trainphys.chapters.cooling.shared.training_runs import SHAPES, final_scores, schedule_runs
from trainphys.ensemble import stream
from trainphys.tools.schedules.shapes import constant_shape, linear_decay
from trainphys.workloads.datasets import digits_split


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
    with pytest.raises(ValueError, match="not in tuple"):
        runs.paired("linear", "magic")


def single_network(data, rate_at, hidden, batch_size, updates, run, runs, seed):
    """One network in double precision on a run's first weights and batches: loss and accuracy at the end."""
    rng, parts = stream(seed, "schedule runs"), []
    for a, b in ((data.inputs.shape[1], hidden), (hidden, data.classes)):
        parts.append(torch.from_numpy(rng.standard_normal((runs, a, b), dtype=np.float32)[run]).double() / a**0.5)
        parts.append(torch.zeros(b, dtype=torch.float64))
    logits = lambda x, p: torch.tanh(x.double() @ p[0] + p[1]) @ p[2] + p[3]  # noqa: E731
    cost = torch.nn.functional.cross_entropy
    for n in range(updates):
        drawn = rng.integers(len(data.labels), size=(runs, batch_size))[run]
        parts = [p.requires_grad_(True) for p in parts]
        slopes = torch.autograd.grad(cost(logits(data.inputs[drawn], parts), data.labels[drawn]), parts)
        rate = rate_at(n, slopes, parts, drawn)
        parts = [(p - rate * g).detach() for p, g in zip(parts, slopes, strict=True)]
    right = (logits(data.test_inputs, parts).argmax(dim=1) == data.test_labels).double().mean()
    return float(cost(logits(data.inputs, parts), data.labels)), float(right)


def test_schedules_are_trained_as_single_networks() -> None:
    """Update n of N has the base rate times the shape at n / N: the first is whole, the last is not the end."""
    data = digits_split().noisy(0.1, 3)
    sizes = {"hidden": 5, "batch_size": 6, "updates": 8, "runs": 2, "seed": 4}
    shapes = {"falling": lambda p: 1 - np.asarray(p) ** 2, "halved": lambda p: np.where(np.asarray(p) < 0.5, 1.0, 0.5)}
    rates = np.array([[0.5, 2.0], [1.0, 3.0]])
    loss, accuracy = final_scores(data, shapes, rates, **sizes)
    plain = (lambda n: 1 - (n / 8) ** 2, lambda n: 1.0 if n < 4 else 0.5)
    for s, shape in enumerate(plain):
        for i, base in enumerate(rates[s].tolist()):
            for run in range(2):
                rate = lambda n, *_, base=base, shape=shape: base * shape(n)  # noqa: E731
                slow = single_network(data, rate, 5, 6, 8, run, 2, 4)
                assert loss[s, i, run] == pytest.approx(slow[0], rel=1e-4)
                assert accuracy[s, i, run] == pytest.approx(slow[1], abs=2.1 / 599)


def test_runs_of_equal_clock_have_equal_sums_of_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last rates trained at: each base rate times the factors of all updates, added up, is that of the first."""
    seen = []

    def recorded(data, shapes, rates, **sizes):  # type: ignore[no-untyped-def]
        seen.append(rates)
        return np.abs(np.log(rates))[:, :, None] + np.ones(sizes["runs"]), np.ones((*rates.shape, sizes["runs"]))

    monkeypatch.setattr(training_runs, "final_scores", recorded)
    schedule_runs(workload="digits", label_noise=0.0, updates=40, tuning_runs=2, runs=2, seed=0)
    clocks = [
        base * sum(float(shape(n / 40)) for n in range(40))
        for base, shape in zip(seen[-1][:, 1].tolist(), SHAPES.values(), strict=True)
    ]
    own = seen[-1][0, 0] * sum(float(SHAPES["exponential, t/2τ"](n / 40)) for n in range(40))
    assert clocks == pytest.approx([own] * len(SHAPES), rel=1e-12)
