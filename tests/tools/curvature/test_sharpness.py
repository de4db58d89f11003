"""Tests of ``tools.curvature.sharpness``."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.tools.curvature.test_stack_trace import CROSS, samples
from trainphys.errors import NotConverged
from trainphys.tools.curvature.hessian_trace import hessian_trace, hutch_plus_plus
from trainphys.tools.curvature.sharpness import largest_eigenpair, sharpness


def quadratic(values, start, dtype=torch.float64, **settings):
    scales = torch.as_tensor(np.asarray(values), dtype=dtype)
    settings = {"tolerance": 1e-3, "start": start, **settings}
    return largest_eigenpair(lambda x: 0.5 * (scales * x * x).sum(), torch.ones(len(scales), dtype=dtype), **settings)


SPECTRA = {
    "two": np.array([1.0, 3.0]),
    "bulk at zero": np.concatenate([np.linspace(0, 0.01, 497), [0.8, 0.9, 1.0]]),
    "top two 5 % apart": np.concatenate([np.linspace(0, 0.01, 498), [0.95, 1.0]]),
    "clustered": np.concatenate([np.linspace(-1, 1, 497), [2 - 2e-4, 2 - 1e-4, 2.0]]),
    "double": np.concatenate([np.linspace(-1, 1, 498), [2.0, 2.0]]),
    "even": np.linspace(0, 1, 200),
    "negative definite": -np.linspace(0.1, 1, 100)[::-1],
    "large negative": np.concatenate([np.linspace(-0.1, 0.1, 300), [-10.0, 1.0]]),
    "all alike": np.full(7, 2.5),
    "zero": np.zeros(5),
}


@pytest.mark.parametrize("start", ["none", "second vector", "top vector"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_largest_eigenvalue_of_known_spectra(spectrum, dtype, start):
    """Even from an eigenvector that is orthogonal to the one sought."""
    values = SPECTRA[spectrum]
    order = np.argsort(values)
    unit = None if start == "none" else np.eye(len(values))[order[-1 if start == "top vector" else -2]]
    found = quadratic(values, unit, dtype)
    assert found.converged
    assert found.value == pytest.approx(values.max(), rel=1e-3, abs=1e-7)
    true = np.linalg.norm(values * found.vector - found.value * found.vector)
    assert true == pytest.approx(found.residual, rel=0.02, abs=2e-5)
    assert np.abs(values - found.value).min() <= found.residual + 1e-6
    assert found.residual <= 1e-3 * abs(found.value) + 1e-6
    if spectrum not in ("clustered", "zero", "all alike", "double"):
        assert abs(found.value - values.max()) <= found.isolated_error + 1e-6


def test_stopping_at_the_error_bound_would_have_been_too_early():
    """Two eigenvalues 5 % apart: r^2/gap is below a thousandth while the vector is a mixture of both."""
    values = SPECTRA["top two 5 % apart"]
    mixed = np.zeros(len(values))
    mixed[-2:] = 0.8, 0.6
    theta = float(values @ mixed**2)
    residual = np.linalg.norm((values - theta) * mixed)
    assert residual**2 / (theta - 0.01) < 1e-3 * theta  # the gap to what has been seen, the bulk
    assert abs(theta - 1.0) > 0.02
    assert quadratic(values, mixed).value == pytest.approx(1.0, rel=1e-5)


def test_giving_up_carries_the_estimate():
    with pytest.raises(
        NotConverged, match=r"a residual below 0.001 of the eigenvalue.* raise most_products"
    ) as refusal:
        quadratic(np.linspace(0, 1, 200), None, most_products=3)
    estimate = refusal.value.estimate
    assert f"got {estimate.residual:.2g} for {estimate.value:.4g} after 3 products" in str(refusal.value)
    assert estimate.products == 3
    assert not estimate.converged
    assert estimate.residual > 1e-3
    assert 0.5 < estimate.value < 1


def test_a_linear_loss_has_no_curvature():
    found = largest_eigenpair(lambda x: x.sum(), torch.ones(3))
    assert (found.value, found.residual) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (torch.ones(2, 2), r"tensor of 1 or more, got \(2, 2\): flatten it"),
        (torch.ones(0), r"got \(0,\)"),
        (torch.ones(3, dtype=torch.int64), "flat floating-point tensor"),
        (torch.tensor([1.0, float("nan")]), "has diverged"),
    ],
)
def test_a_place_is_a_flat_tensor_of_finite_numbers(at, message):
    with pytest.raises(ValueError, match=message):
        largest_eigenpair(lambda x: (x * x).sum(), at)


def test_two_parameters_are_enough_and_a_start_spares_products():
    assert largest_eigenpair(lambda x: x[0] ** 2 + 3 * x[1] ** 2, torch.ones(2)).value == pytest.approx(6.0)
    values = SPECTRA["even"]
    scales = torch.as_tensor(values)
    assert largest_eigenpair(lambda x: 0.5 * (scales * x * x).sum(), torch.ones_like(scales)).residual <= 1e-5
    cold = quadratic(values, None)
    warm = quadratic(values, cold.vector)
    assert warm.products < cold.products
    assert quadratic(values, cold.vector[:, None]).value == warm.value
    short, long = (quadratic(values, size * cold.vector) for size in (1e-3, 1e3))  # of any length
    assert short.value == pytest.approx(long.value, rel=1e-12)
    assert short.products == long.products == warm.products


class Random(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x):
        return nn.functional.dropout(self.layer(x), 0.5, training=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, d: sharpness(m, CROSS, (d[0], d[1][:3])), "as many inputs as targets"),
        (lambda m, d: sharpness(m, CROSS, d, tolerance=0.0), "tolerance > 0"),
        (lambda m, d: sharpness(m, CROSS, d, tolerance=np.inf), "tolerance > 0 and finite"),
        (lambda m, d: sharpness(m, CROSS, d, most_products=0), "most_products >= 1"),
        (lambda m, d: sharpness(m, CROSS, d, start=np.full(15, np.nan)), "leave it out"),
        (lambda m, d: sharpness(m, CROSS, d, start=np.ones(3)), "finite start of 15 numbers, .* got 3: leave it out"),
        (lambda m, d: sharpness(m, CROSS, d, start=np.zeros(15)), "leave it out"),
        (lambda m, d: sharpness(nn.Tanh(), CROSS, d), "trainable"),
        (lambda m, d: sharpness(Random().double(), CROSS, d), "model.eval"),
        (lambda m, d: sharpness(m, nn.CrossEntropyLoss(reduction="none"), d), "one finite number"),
        (lambda m, d: hessian_trace(m, CROSS, d, products=3), "products >= 12"),
        (lambda m, d: hessian_trace(m, CROSS, d, relative_error=-1.0), "relative_error > 0"),
        (lambda m, d: hutch_plus_plus(lambda v: v, 9, products=3, seed=0), "products >= 6"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call(nn.Linear(4, 3).double(), samples(True))


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_one_parameter_is_enough_whatever_the_sign_of_its_gradient(sign):
    """The start is half gradient, half random: of one number the two halves could cancel."""
    found = largest_eigenpair(lambda x: 1.5 * (x * x).sum(), torch.tensor([sign]))
    assert found.value == pytest.approx(3.0)
    assert largest_eigenpair(lambda x: -(x * x).sum(), torch.tensor([sign])).value == pytest.approx(-2.0)
