"""Tests of ``tools.curvature.lanczos``."""

import pytest
import torch

from trainphys.tools.curvature.lanczos import largest_ritz_pair


def test_restarts_of_a_small_basis_reach_the_same_value():
    values = torch.linspace(0, 1, 300, dtype=torch.float64)
    start = torch.sin(torch.arange(300, dtype=torch.float64) ** 2)
    found = largest_ritz_pair(lambda v: values * v, start, tolerance=1e-7, most_products=2000, basis_size=8)
    assert found.converged
    assert found.products > 40
    assert found.value == pytest.approx(1.0, rel=1e-7)


def test_an_operator_that_is_not_symmetric_is_refused():
    values, skew = torch.linspace(0, 1, 20), 0.1 * torch.randn(20, 20, generator=torch.Generator().manual_seed(0))
    with pytest.raises(ValueError, match="symmetric"):
        largest_ritz_pair(lambda v: values * v + (skew - skew.T) @ v, torch.ones(20), tolerance=1e-3, most_products=30)
