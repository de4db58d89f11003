"""Tests of ``tools.curvature.lanczos``."""

import math

import numpy as np
import pytest
import torch

from trainphys.tools.curvature.lanczos import _isolated_error, largest_ritz_pair


def test_restarts_of_a_small_basis_reach_the_same_value():
    values = torch.linspace(0, 1, 300, dtype=torch.float64)
    start = torch.sin(torch.arange(300, dtype=torch.float64) ** 2)
    found = largest_ritz_pair(lambda v: values * v, start, tolerance=1e-7, most_products=2000, basis_size=8)
    assert found.converged
    assert found.products > 40
    assert found.value == pytest.approx(1.0, rel=1e-7)


@pytest.mark.parametrize("settings", [{}, {"basis_size": 4}, {"most_products": 2}])
def test_an_operator_that_is_not_symmetric_is_refused(settings):
    values, skew = torch.linspace(0, 1, 20), 0.1 * torch.randn(20, 20, generator=torch.Generator().manual_seed(0))
    settings = {"tolerance": 1e-3, "most_products": 30, **settings}
    with pytest.raises(ValueError, match="symmetric"):
        largest_ritz_pair(lambda v: values * v + (skew - skew.T) @ v, torch.ones(20), **settings)


@pytest.mark.parametrize("basis_size", [5, 12, 48])
def test_residuals_are_those_of_the_products_that_were_not_kept(basis_size):
    """Of a pair before it has converged, also after restarts, beside H u and lambda u."""
    generator = torch.Generator().manual_seed(0)
    half = torch.randn(60, 60, dtype=torch.float64, generator=generator)
    matrix, start = half + half.T, torch.randn(60, dtype=torch.float64, generator=generator)
    for products in (1, 2, 4, 7, 13, 30):
        settings = {"tolerance": 1e-14, "most_products": products, "basis_size": basis_size}
        found = largest_ritz_pair(lambda v: matrix @ v, start, **settings)
        assert not found.converged
        image = matrix.numpy() @ found.vector
        assert found.value == pytest.approx(found.vector @ image)
        assert found.residual == pytest.approx(np.linalg.norm(image - found.value * found.vector), rel=1e-9, abs=1e-11)


def test_a_pair_says_how_wrong_it_may_be():
    """After two products on diag(0, 1, 3): the Ritz pair of the Krylov space, by hand."""
    values, start = torch.tensor([0.0, 1.0, 3.0], dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    found = largest_ritz_pair(lambda v: values * v, start, tolerance=1e-3, most_products=2)
    basis = np.linalg.qr(np.stack([np.ones(3), values.numpy()], axis=1))[0]
    ritz, turn = np.linalg.eigh(basis.T @ (values.numpy()[:, None] * basis))
    pairs = basis @ turn
    residuals = np.linalg.norm(values.numpy()[:, None] * pairs - ritz * pairs, axis=0)
    assert found.value == pytest.approx(ritz[1])
    assert abs(found.vector @ pairs[:, 1]) == pytest.approx(1.0)
    assert found.residual == pytest.approx(residuals[1])
    assert found.isolated_error == pytest.approx(residuals[1] ** 2 / (ritz[1] - ritz[0] - residuals[0]))
    assert found.isolated_error < found.residual
    assert (found.products, found.converged) == (2, False)


def test_one_product_bounds_the_error_by_its_residual():
    values, start = torch.tensor([1.0, 3.0], dtype=torch.float64), torch.ones(2, dtype=torch.float64)
    found = largest_ritz_pair(lambda v: values * v, start, tolerance=1e-3, most_products=1)
    assert (found.value, found.residual, found.isolated_error) == pytest.approx((2.0, 1.0, 1.0))
    whole = largest_ritz_pair(lambda v: values * v, start, tolerance=1e-3, most_products=9)
    assert (whole.value, whole.products, whole.converged) == (pytest.approx(3.0), 2, True)


def test_a_start_close_to_another_eigenvector_is_given_eight_products():
    """Its residual is below the tolerance at once, yet the largest eigenvalue is another one."""
    values = torch.linspace(-1, 1, 100, dtype=torch.float64)
    start = torch.full_like(values, 1e-7)
    start[50] = 1.0
    found = largest_ritz_pair(lambda v: values * v, start, tolerance=1e-3, most_products=200)
    assert found.value == pytest.approx(1.0, rel=1e-3)
    loose = largest_ritz_pair(lambda v: values * v, start, tolerance=2.0, most_products=200)
    assert loose.products == 8  # as many, and no more
    few = largest_ritz_pair(lambda v: values * v, start, tolerance=2.0, most_products=200, least_products=3)
    assert few.products == 3
    exact = largest_ritz_pair(lambda v: 2 * v, start, tolerance=1e-3, most_products=200)
    assert (exact.value, exact.products) == (pytest.approx(2.0), 1)  # nothing but rounding is left


@pytest.mark.parametrize("basis_size", [4, 5])
def test_the_smallest_basis_is_enough(basis_size):
    values = torch.linspace(0, 1, 40, dtype=torch.float64) ** 2
    found = largest_ritz_pair(
        lambda v: values * v, torch.ones_like(values), tolerance=1e-9, most_products=3000, basis_size=basis_size
    )
    assert found.converged
    assert found.value == pytest.approx(1.0, rel=1e-12)
    assert np.linalg.norm(values.numpy() * found.vector - found.value * found.vector) == pytest.approx(
        found.residual, abs=1e-12
    )


@pytest.mark.parametrize(("dtype", "size"), [(torch.float64, 1e-8), (torch.float32, 2e-4)])
def test_rounding_is_no_asymmetry(dtype, size):
    """Allowed is the root of what the numbers resolve, 1.5e-8 for doubles and 3.5e-4 for floats."""
    values = torch.linspace(0.1, 1, 20, dtype=dtype)
    skew = torch.zeros(20, 20, dtype=dtype)
    skew[0, 1], skew[1, 0] = 1.0, -1.0

    def nearly(share):
        return lambda v: values * v + share * (skew @ v)

    fine = largest_ritz_pair(nearly(0.1 * size), torch.ones(20, dtype=dtype), tolerance=1e-3, most_products=30)
    assert math.isfinite(fine.value)
    with pytest.raises(ValueError, match=r"symmetric operator, got u.Hv and v.Hu .* apart: an operation is random"):
        largest_ritz_pair(nearly(30 * size), torch.ones(20, dtype=dtype), tolerance=1e-12, most_products=30)


@pytest.mark.parametrize(
    ("residuals", "bound"),
    [([0.3, 0.5], 0.25 / 0.7), ([0.3, 0.8], 0.8), ([1.0, 0.5], 0.5), ([1.5, 0.2], 0.2), ([0.0, 0.1], 0.01)],
)
def test_the_error_of_an_eigenvalue_alone_is_at_most_its_residual(residuals, bound):
    """Values 4 and 5: the gap is one less the residual of the lower; where it is nothing, the residual is all."""
    assert _isolated_error(np.array([1.0, 4.0, 5.0]), residuals) == pytest.approx(bound)
