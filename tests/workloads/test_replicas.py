"""Tests of ``workloads.replicas``."""

import copy

import numpy as np
import pytest
import torch

from trainphys.workloads.datasets import digits, digits_split
from trainphys.workloads.replicas import Replicas, drawn_batches


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


def reference(nets, replica):
    """One replica as a torch module."""
    layers = []
    for w, b in zip(nets.weights, nets.biases, strict=True):
        layer = torch.nn.Linear(*w.shape[1:])
        with torch.no_grad():
            layer.weight.copy_(w[replica].T)
            layer.bias.copy_(b[replica])
        layers += [layer, torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


@pytest.mark.parametrize(("layers", "momentum"), [((64, 10), 0.0), ((64, 12, 10), 0.9), ((64, 9, 7, 10), 0.0)])
def test_updates_and_losses_are_those_of_torch(layers, momentum):
    rng, data = np.random.default_rng(5), digits()
    nets = Replicas(layers, rng, 3, momentum)
    nets.weights = [w + 0.1 * torch.from_numpy(rng.standard_normal(w.shape, dtype=np.float32)) for w in nets.weights]
    modules = [reference(nets, r) for r in range(3)]
    rates = torch.tensor([0.1, 0.5, 1.0])
    optimisers = [
        torch.optim.SGD(m.parameters(), lr=float(rate), momentum=momentum)
        for m, rate in zip(modules, rates, strict=True)
    ]
    for _ in range(4):
        drawn = torch.from_numpy(rng.integers(len(data), size=(3, 16)))
        nets.update(data.inputs[drawn], data.labels[drawn], rates)
        for module, optimiser, batch in zip(modules, optimisers, drawn, strict=True):
            torch.nn.functional.cross_entropy(module(data.inputs[batch]), data.labels[batch]).backward()
            optimiser.step()
            optimiser.zero_grad()
    for r, module in enumerate(modules):
        assert torch.allclose(nets.weights[0][r], module[0].weight.T, atol=2e-6)
        expected = torch.nn.functional.cross_entropy(module(data.inputs), data.labels)
        assert float(nets.losses(data.inputs, data.labels)[r]) == pytest.approx(float(expected.detach()), rel=1e-5)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_memory_that_updates_share_carries_nothing_over(momentum):
    """Batches of changing size, replicas that are dropped and copied: the same as the networks one at a time."""
    rng, data = np.random.default_rng(6), digits()
    together = Replicas((64, 9, 7, 10), rng, 3, momentum)
    alone = [copy.copy(together) for _ in range(3)]
    for replica, nets in enumerate(alone):
        nets.select(torch.tensor([replica]))
    kept = [0, 1, 2]
    for size, now in ((16, None), (4, [2, 0]), (16, None), (5, [0, 1, 1]), (16, None)):
        if now is not None:
            together.select(torch.tensor(now))
            alone = [copy.copy(alone[i]) for i in now]
            for nets in alone:
                nets.select(torch.tensor([0]))
            kept = [kept[i] for i in now]
        indices = torch.from_numpy(rng.integers(len(data), size=(len(kept), size)))
        inputs, labels = drawn_batches(data.inputs, data.labels, indices)
        assert torch.equal(inputs, data.inputs[indices])
        assert torch.equal(labels, data.labels[indices])
        together.update(inputs, labels, torch.full((len(kept),), 0.3))
        for replica, nets in enumerate(alone):
            nets.update(inputs[[replica]], labels[[replica]], torch.tensor([0.3]))
    for replica, nets in enumerate(alone):
        for own, whole in zip(nets.weights, together.weights, strict=True):
            assert torch.allclose(own[0], whole[replica], atol=1e-6)
    assert kept == [2, 0, 0]


def test_impossible_networks_are_refused():
    with pytest.raises(ValueError, match="input and an output"):
        Replicas((64,), np.random.default_rng(0), 1)
    with pytest.raises(ValueError, match="momentum < 1"):
        Replicas((64, 10), np.random.default_rng(0), 1, 1.0)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
@pytest.mark.parametrize("together", [1, 9 * 64 * 2])  # one replica at a time; two, and one that is left
def test_parts_give_what_all_replicas_at_once_give(monkeypatch, together, momentum):
    rng, data = np.random.default_rng(8), digits()
    start = Replicas((64, 9, 7, 10), rng, 5, momentum)
    indices, rates = torch.from_numpy(rng.integers(len(data), size=(3, 5, 9))), torch.linspace(0.1, 0.5, 5)

    def trained():
        nets = copy.copy(start)
        nets.select(torch.arange(5))
        for drawn in indices:
            nets.update_drawn(data.inputs, data.labels, drawn, rates)
        whole = data.inputs[None].expand(5, -1, -1), data.labels[None].expand(5, -1)
        nets.update(*whole, rates)
        seen = data.inputs, data.labels
        return [*nets.weights, *nets.biases, nets.losses(*seen), *nets.scores(*seen)]

    at_once = trained()
    monkeypatch.setattr("trainphys.workloads.replicas.TOGETHER", together)
    for part, whole in zip(trained(), at_once, strict=True):
        assert torch.allclose(part, whole, atol=1e-6)
