"""Tests of ``chapters.distance.c5_applications.network_times``."""

import math

import numpy as np
import pytest
import torch

from trainphys.chapters.distance.c5_applications.network_times import crossing_times, follow, losses, network_runs
from trainphys.ensemble import stream
from trainphys.workloads.datasets import digits_split
from trainphys.workloads.replicas import Replicas


def test_crossing_times_of_exponentials_are_exact() -> None:
    t = np.arange(30.0)[:, None]
    rates = np.array([0.1, 0.3, 0.01])
    found = crossing_times(2 * np.exp(-rates * t), 1.0)
    assert found[:2] == pytest.approx(np.log(2) / rates[:2])
    assert np.isinf(found[2])
    assert crossing_times(np.full((3, 1), 0.5), 1.0).tolist() == [0.0]


def test_networks_are_ranked_and_trained_as_asked() -> None:
    runs = network_runs("digits", kept=3, random=4, seed=0)
    again = network_runs("digits", kept=3, random=4, seed=0)
    assert np.array_equal(runs.kept_curves, again.kept_curves)
    assert runs.start_loss[runs.kept].max() <= np.delete(runs.start_loss, runs.kept).min()
    assert runs.kept_curves[0] == pytest.approx(runs.start_loss[runs.kept], rel=1e-5)
    assert runs.random_curves[0] == pytest.approx(runs.start_loss[runs.random], rel=1e-5)
    assert (runs.random_curves[-1] < 0.6).all()


def test_crossings_are_those_of_a_loop_over_looks() -> None:
    curves = np.exp(np.random.default_rng(1).normal(0, 1, (12, 9)))
    slow = []
    for run in curves.T.tolist():
        n = next((n for n, y in enumerate(run) if y < 0.6), None)
        slow.append(
            math.inf if n is None else 0.0 if n == 0 else n - math.log(0.6 / run[n]) / math.log(run[n - 1] / run[n])
        )
    assert crossing_times(curves, 0.6) == pytest.approx(slow)
    assert {0.0, math.inf} & set(slow)


@pytest.mark.parametrize("momentum", [0.0, 0.6])
def test_networks_are_followed_as_one_alone_is(momentum: float) -> None:
    """Each network's batches, drawn with replacement from all samples, and a look after every third update."""
    data = digits_split()
    x, y = data.inputs[:40], data.labels[:40]
    nets = Replicas((64, 5, 10), np.random.default_rng(2), 2, momentum)
    alone = []
    for r in range(2):
        model = torch.nn.Sequential(torch.nn.Linear(64, 5), torch.nn.Tanh(), torch.nn.Linear(5, 10))
        for layer, w, b in zip((model[0], model[2]), nets.weights, nets.biases, strict=True):
            layer.weight.data, layer.bias.data = w[r].T.clone(), b[r].clone()
        alone.append(model)
    rates, cost = [0.3, 0.8], torch.nn.functional.cross_entropy
    found = follow(nets, x, y, np.array(rates), lambda nets: losses(nets, x, y), batch=50, every=3, looks=2,
                   rng=np.random.default_rng(3))  # fmt: skip
    rng = np.random.default_rng(3)
    drawn = [rng.integers(40, size=(2, 50)) for _ in range(6)]
    for r, model in enumerate(alone):
        optimiser = torch.optim.SGD(model.parameters(), lr=rates[r], momentum=momentum)
        seen = [float(cost(model(x), y).detach())]
        for n in range(6):
            chosen = torch.from_numpy(drawn[n][r])
            optimiser.zero_grad()
            cost(model(x[chosen]), y[chosen]).backward()
            optimiser.step()
            if n % 3 == 2:
                seen.append(float(cost(model(x), y).detach()))
        assert found[:, r] == pytest.approx(seen, rel=1e-4)


def test_starts_are_scaled_ranked_and_chosen_one_by_one() -> None:
    """Each network's first weights times a number of its own; the lowest losses are kept, others are drawn blindly."""
    runs, split = network_runs("digits", kept=2, random=3, seed=1, spread=3.0, share=0.25), digits_split()
    rng = stream(1, "starts: digits 3.0")
    first = [rng.standard_normal((8, a, b), dtype=np.float32) / a**0.5 for a, b in ((64, 16), (16, 10))]
    gains, losses_ = [3.0**u for u in rng.uniform(-1, 1, 8).tolist()], []
    x, y = split.inputs[::3].double().numpy(), split.labels[::3].numpy()
    for r in range(8):
        logits = np.tanh(x @ (gains[r] * first[0][r])) @ (gains[r] * first[1][r])
        losses_.append(float((np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]).mean()))
    assert runs.start_loss == pytest.approx(losses_, rel=1e-5)
    assert runs.kept.tolist() == sorted(range(8), key=losses_.__getitem__)[:2]
    assert runs.random.tolist() == sorted(rng.permutation(8)[:3].tolist())
    sizes = [[gains[r] * math.sqrt(float((part[r] ** 2).sum())) for r in runs.random] for part in first]
    np.testing.assert_allclose(runs.norms, sizes, rtol=1e-5)
    assert runs.look == 6 * 32 / 1198
