"""Tests of ``workloads.perceptron``."""

import numpy as np
import pytest
import torch

from trainphys.ensemble import stream
from trainphys.workloads.perceptron import perceptron_digits


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


def test_a_perceptron_settles_as_one_network_with_momentum_does():
    """Velocity first, the exact gradient over all samples and the ridge, so many updates and no more."""
    model = perceptron_digits(2, ridge=0.1)
    start = model.start(stream(3, "perceptron"), 2)
    found = model.settle(start, learning_rate=0.5, momentum=0.8, updates=4)
    x, y = torch.from_numpy(model.inputs), torch.from_numpy(model.labels)
    for r in range(2):
        t, v = torch.from_numpy(start[r].copy()), torch.zeros(model.dimension, dtype=torch.float64)
        for _ in range(4):
            t.requires_grad_(True)
            hidden = torch.tanh(x @ t[:-20].reshape(-1, 2))
            loss = torch.nn.functional.cross_entropy(hidden @ t[-20:].reshape(2, 10), y) + 0.05 * (t @ t)
            (slope,) = torch.autograd.grad(loss, t)
            v = 0.8 * v - 0.5 * slope
            t = (t + v).detach()
        np.testing.assert_allclose(found[r], t.numpy(), rtol=1e-10)
    features = model.inputs.shape[1]
    many = model.start(stream(4, "perceptron"), 4000)
    for part, fan_in in ((many[:, : 2 * features], features), (many[:, 2 * features :], 2)):
        assert part.var() * fan_in == pytest.approx(1, abs=5 * (2 / part.size) ** 0.5)
