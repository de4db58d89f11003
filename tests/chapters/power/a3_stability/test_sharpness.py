"""Tests of ``chapters.power.a3_stability.sharpness``."""

import numpy as np
import pytest
import torch

from trainphys.chapters.power.a3_stability.sharpness import (
    critical_steps_found,
    digits_loss,
    first_parameters,
    gradient,
    sharpness_path,
)
from trainphys.tools.curvature.hessian_products import GraphHessian
from trainphys.tools.curvature.sharpness import largest_eigenpair


def test_lanczos_against_a_built_hessian():
    loss, at = digits_loss((64, 3, 10)), first_parameters(5, (64, 3, 10))
    full = torch.autograd.functional.hessian(loss, at).numpy()
    values = np.linalg.eigvalsh(full)
    found = largest_eigenpair(loss, at, tolerance=1e-8)
    assert found.converged
    assert found.value == pytest.approx(values[-1], rel=1e-8)
    vector = torch.as_tensor(np.random.default_rng(0).standard_normal(len(at)))
    np.testing.assert_allclose(GraphHessian(loss, at)(vector), full @ vector.numpy(), atol=1e-10)


def test_gradient_against_finite_differences():
    loss, at = digits_loss((64, 3, 10)), first_parameters(5, (64, 3, 10))
    along = torch.as_tensor(np.random.default_rng(1).standard_normal(len(at)))
    slope = (loss(at + 1e-5 * along) - loss(at - 1e-5 * along)) / 2e-5
    assert float(gradient(loss, at) @ along) == pytest.approx(float(slope), rel=1e-6)


def test_pushed_network_finds_its_own_limit():
    ((rate, top),) = critical_steps_found(step=0.5, updates=60, seeds=(2,))
    assert rate * top == pytest.approx(2.0, rel=1e-3)


def test_training_lowers_the_loss():
    path = sharpness_path(step=0.5, updates=40, looks=3, seed=0)
    assert path.updates == (0, 20, 40)
    assert path.losses[-1] < 0.5 * path.losses[0]


def test_the_path_is_that_of_plain_descent():
    """Losses at the updates that are looked at, and the largest curvature there by power iteration."""
    loss, at, losses, top = digits_loss(), first_parameters(3), [], []
    for t in range(5):
        at = at.detach().requires_grad_(True)
        height = loss(at)
        (slope,) = torch.autograd.grad(height, at, create_graph=True)
        if t in (0, 2, 4):
            losses.append(float(height.detach()))
            vector = torch.ones_like(at)
            for _ in range(200):  # power iteration, on the Hessian plus ten
                product = torch.autograd.grad(slope @ vector, at, retain_graph=True)[0] + 10 * vector
                vector = product / product.norm()
            top.append(float(vector @ torch.autograd.grad(slope @ vector, at, retain_graph=True)[0]))
        at = at - 0.3 * slope
    path = sharpness_path(step=0.3, updates=4, looks=3, seed=3)
    assert path.updates == (0, 2, 4)
    assert path.losses == pytest.approx(losses, rel=1e-10)
    assert path.sharpness == pytest.approx(top, rel=0.02)


def test_momentum_widens_the_limit_of_a_pushed_network():
    ((rate, top),) = critical_steps_found(step=0.5, updates=60, seeds=(2,), momentum=0.5)
    assert rate * top == pytest.approx(2 * (1 + 0.5), rel=0.05)
