"""Tests of ``tools.curvature.hessian_products``."""

import pytest
import torch

from trainphys.tools.curvature.hessian_products import GraphHessian


def test_products_of_a_loss_that_bends_along_some_of_its_parameters():
    """x^3 + 5 y: the second one is straight, and a product may be asked for again and again."""
    hessian = GraphHessian(lambda x: x[0] ** 3 + 5 * x[1], torch.tensor([2.0, 7.0]))
    assert hessian.gradient.tolist() == [12.0, 5.0]
    for vector, product in (([1.0, 0.0], [12.0, 0.0]), ([0.0, 1.0], [0.0, 0.0]), ([2.0, 3.0], [24.0, 0.0])):
        assert hessian(torch.tensor(vector)).tolist() == product
    assert not hessian(torch.ones(2)).requires_grad


def test_a_linear_loss_has_a_gradient_and_no_curvature():
    at = torch.ones(3, dtype=torch.float64)
    hessian = GraphHessian(lambda x: (2 * x).sum(), at)
    assert (hessian.gradient.tolist(), hessian(at).tolist()) == ([2.0] * 3, [0.0] * 3)
    assert not at.requires_grad


def test_a_part_of_the_gradient_that_is_constant_is_no_obstacle():
    """The second derivative does not depend on the parameters at all: their gradient has lost the way to them."""
    weight = torch.tensor([1.0, 2.0], requires_grad=True)
    hessian = GraphHessian(lambda x: (x * weight).sum(), torch.zeros(2))
    assert hessian.gradient.tolist() == [1.0, 2.0]
    assert hessian(torch.ones(2)).tolist() == pytest.approx([0.0, 0.0])
