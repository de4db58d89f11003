"""Tests of ``workloads.perceptron``."""

import numpy as np
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
