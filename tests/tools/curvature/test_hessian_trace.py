"""Tests of ``tools.curvature.hessian_trace``."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from tests.tools.curvature.test_stack_trace import CROSS, built_hessian, network, samples
from trainphys.errors import NotIdentifiable
from trainphys.tools.curvature.hessian_trace import hessian_trace, hutch_plus_plus
from trainphys.tools.curvature.sharpness import sharpness


def test_trace_and_eigenvalue_of_softmax_regression_in_closed_form():
    """With equal probabilities of C classes: curvature (1 - 1/C) on the diagonal, inputs and bias as a factor."""
    model = nn.Linear(2, 4).double()
    for p in model.parameters():
        nn.init.zeros_(p)
    inputs = torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    data = inputs, torch.tensor([1])
    assert hessian_trace(model, CROSS, data).value == pytest.approx(4 * 0.25 * 0.75 * 26)
    assert sharpness(model, CROSS, data).value == pytest.approx(0.25 * 26)


def test_hutch_plus_plus_covers_the_trace():
    """Its errors in units of its standard error, over seeds; and a low rank is found without error."""
    n = 300
    turn = torch.linalg.qr(torch.randn(n, n, dtype=torch.float64, generator=torch.Generator().manual_seed(0)))[0]
    matrix = turn @ torch.diag(torch.arange(1, n + 1, dtype=torch.float64) ** -0.5) @ turn.T
    found = [hutch_plus_plus(lambda v: matrix @ v, n, products=90, seed=seed) for seed in range(60)]
    z = np.array([(f.value - float(matrix.trace())) / f.stderr for f in found])
    assert 0.75 < z.std() < 1.3
    assert abs(z.mean()) < 0.5
    low = turn[:, :4] @ turn[:, :4].T
    assert hutch_plus_plus(lambda v: low @ v, n, products=30, seed=0).value == pytest.approx(4.0, rel=1e-10)


def test_unresolved_trace_says_what_it_needs():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 30), nn.Tanh(), nn.Linear(30, 3), nn.Softplus()).double()
    data = samples(True)
    with pytest.raises(NotIdentifiable, match="give about") as refusal:
        hessian_trace(model, CROSS, data, products=12, relative_error=1e-4)
    assert refusal.value.needed_samples > 12
    full = built_hessian(model, CROSS, data)
    found = hessian_trace(model, CROSS, data, products=90)
    assert abs(found.value - float(full.trace())) < 5 * found.stderr
    exact = hessian_trace(model, CROSS, data, products=refusal.value.needed_samples, relative_error=1e-4)
    assert exact.value == pytest.approx(float(full.trace()), rel=1e-10)


def test_a_model_that_diverged_is_refused_and_no_model_is_changed():
    model, data = network("rectified"), samples(True)
    before = [p.clone() for p in model.parameters()]
    sharpness(model, CROSS, data)
    hessian_trace(model, CROSS, data)
    assert all(torch.equal(p, q) and p.grad is None for p, q in zip(model.parameters(), before, strict=True))
    nn.init.constant_(model[0].weight, math.nan)
    with pytest.raises(ValueError, match="diverged"):
        hessian_trace(model, CROSS, data)
