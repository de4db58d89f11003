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
