"""Tests of ``chapters.distance.c8_conclusions.layered_digits``."""

import math

import numpy as np
import pytest
import torch

from trainphys.chapters.distance.c8_conclusions import layered_digits
from trainphys.chapters.distance.c8_conclusions.layered_digits import start_losses_and_epochs, train_layered
from trainphys.ensemble import stream


@pytest.mark.parametrize("activation", ["tanh", "relu", "two-sided"])
def test_network_steps_agree_with_automatic_differentiation(activation):
    nets = layered_digits.Networks((64, 5, 4, 10), activation, 1.0, 30, 2, np.random.default_rng(0))
    weights = [w.clone().requires_grad_() for w in nets.weights]
    biases = [b.clone().requires_grad_() for b in nets.biases]
    bend = {"tanh": torch.tanh, "relu": torch.relu, "two-sided": lambda z: torch.relu(z) + torch.relu(-z)}[activation]
    value = nets.inputs.expand(2, -1, -1)
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        value = value @ w + b
        value = bend(value) if layer < 2 else value
    losses = -(torch.log_softmax(value, dim=2) * nets.targets).sum(dim=2).mean(dim=1)
    losses.sum().backward()
    np.testing.assert_allclose(nets.losses_then_step(0.3), losses.detach().numpy(), rtol=1e-5)
    for mine, other in zip([*nets.weights, *nets.biases], [*weights, *biases], strict=True):
        np.testing.assert_allclose(mine, (other - 0.3 * other.grad).detach(), atol=1e-5)


def test_rows_of_networks_end_at_their_target():
    ended = train_layered(activation="tanh", targets=(1.0, 0.5), runs=4, seed=0, width=8, samples=60)
    early, late = ended[1.0], ended[0.5]
    assert (np.diff(late.first()) > np.diff(early.first())).all()
    assert (early.loss >= 1.0).all()
    assert (late.remaining[late.first()] > early.remaining[early.first()]).all()
    assert late.layers.shape[1] == 3
    last = late.remaining == 1
    np.testing.assert_allclose(late.distance[last] ** 2, (late.layers[last] ** 2).sum(axis=1))
    assert (late.distance[late.first()] > late.distance[last]).all()


def test_networks_do_not_depend_on_their_number():
    small, large = (
        train_layered(activation="relu", targets=(1.0,), runs=n, seed=3, width=6, samples=40)[1.0]
        for n in (layered_digits.CHUNK, layered_digits.CHUNK + 2)
    )
    np.testing.assert_array_equal(small.remaining, large.remaining[large.run < layered_digits.CHUNK])


def test_start_losses_and_epochs_of_small_networks():
    height, epochs = start_losses_and_epochs(activation="tanh", target=1.0, runs=6, seed=0, width=6, samples=40)
    assert height.shape == epochs.shape == (6,)
    assert (height > 1.0).all()
    assert (epochs > 0).all()


@pytest.mark.parametrize("activation", ["tanh", "relu", "two-sided"])
def test_layered_runs_are_cut_as_by_a_loop_over_networks(activation):
    """Each network by itself with automatic differentiation; its rows, its distances, its first step over its last."""
    rate, settings = layered_digits.RATES[activation], {"runs": 2, "seed": 5, "width": 6, "samples": 40}
    ((target, rows),) = train_layered(
        activation=activation, targets=(1.4,), max_epochs=80, depth=1, gain=0.8, **settings
    ).items()
    nets = layered_digits.Networks((64, 6, 10), activation, 0.8, 40, 2, stream(5, f"layered: {activation}, 1, 0.8", 0))
    bend = {"tanh": torch.tanh, "relu": torch.relu, "two-sided": torch.abs}[activation]
    at = 0
    for r in range(2):
        parts = [p[r].clone().double() for p in (nets.weights[0], nets.biases[0], nets.weights[1], nets.biases[1])]
        path, losses = [], []
        while not losses or losses[-1] >= target:
            for p in parts:
                p.requires_grad_(True)
                p.grad = None
            hidden = bend(nets.inputs.double() @ parts[0] + parts[1])
            loss = torch.nn.functional.cross_entropy(hidden @ parts[2] + parts[3], nets.targets.argmax(dim=1))
            loss.backward()
            path.append([p.detach().clone() for p in parts])
            losses.append(float(loss.detach()))
            parts = [(p - rate * p.grad).detach() for p in parts]
        n = len(losses) - 1
        far = lambda a, b, i: math.sqrt(sum(float(((a[k] - b[k]) ** 2).sum()) for k in i))  # noqa: E731
        here = slice(at, at + n)
        assert rows.run[here].tolist() == [r] * n
        assert rows.remaining[here].tolist() == list(range(n, 0, -1))
        assert rows.loss[here] == pytest.approx(losses[:n], rel=1e-4)
        layers = [[far(path[k], path[n], (0, 1)), far(path[k], path[n], (2, 3))] for k in range(n)]
        np.testing.assert_allclose(rows.layers[here], layers, rtol=1e-3)
        every = range(4)
        assert rows.slowdown[r] == pytest.approx(
            far(path[1], path[0], every) / far(path[n], path[n - 1], every), rel=1e-3
        )
        at += n
    assert at == len(rows.run)


def test_starts_are_watched_until_their_loss_is_small():
    """A network that is still above the target when time is up counts as the most epochs."""
    height, epochs = start_losses_and_epochs(
        activation="tanh", target=1.6, runs=3, seed=2, width=4, samples=30, max_epochs=12
    )
    nets = layered_digits.Networks((64, 4, 10), "tanh", 1.0, 30, 3, stream(2, "start losses: tanh", 0))
    losses = [nets.losses_then_step(layered_digits.RATES["tanh"]).tolist() for _ in range(12)]
    assert height == pytest.approx(losses[0], rel=1e-5)  # processors add float32 in different orders
    slow = [next((n for n in range(12) if losses[n][r] < 1.6), 12) for r in range(3)]
    assert epochs.tolist() == slow


def test_slow_down_is_the_first_step_over_the_last():
    path = 0.5 ** np.arange(8.0)[:, None, None]  # steps of 1/2, 1/4, ...; one run of one parameter
    ended = layered_digits._cut([path], path[:, :, 0], 0.02, first_run=0)
    assert ended.remaining[0] == 6
    assert ended.slowdown == pytest.approx(2.0**5)
