"""Tests of ``chapters.distance.c8_conclusions.layered_digits``."""

import numpy as np
import pytest
import torch

from trainphys.chapters.distance.c8_conclusions import layered_digits
from trainphys.chapters.distance.c8_conclusions.layered_digits import start_losses_and_epochs, train_layered


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
