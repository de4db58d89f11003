"""Largest Hessian eigenvalue and Hessian trace: against closed forms, and against the Hessian that torch builds."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from trainphys.tools.curvature.hessian import NotConverged, largest_eigenpair, sharpness
from trainphys.tools.curvature.hessian_products import model_hessian_product
from trainphys.tools.curvature.hessian_trace import TraceNotResolved, hessian_trace, hutch_plus_plus
from trainphys.tools.curvature.lanczos import largest_ritz_pair
from trainphys.tools.curvature.model_loss import flat_loss
from trainphys.tools.curvature.stack_trace import stack_hessian_trace
from trainphys.tools.stacks.linear_stack import LinearStack
from trainphys.tools.stacks.sample_losses import CrossEntropy

CROSS = nn.functional.cross_entropy


def half_square(outputs, targets):
    return 0.5 * ((outputs - targets) ** 2).sum(dim=1).mean()


def quartic(outputs, targets):
    return ((outputs - targets) ** 4).sum(dim=1).mean()


class Doubled(nn.Module):
    """Not a Sequential: nothing about it is known."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x):
        return self.layer(2 * x).tanh()


NETWORKS = {
    "one layer": lambda: nn.Linear(4, 3),
    "deep, mixed": lambda: nn.Sequential(
        nn.Linear(4, 5),
        nn.Tanh(),
        nn.Linear(5, 6, bias=False),
        nn.GELU(),
        nn.Linear(6, 4),
        nn.Sigmoid(),
        nn.Linear(4, 3),
    ),
    "rectified": lambda: nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 3)),
    "nested, no activation": lambda: nn.Sequential(nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 3))),
}
LOSSES = {
    "cross-entropy": (CROSS, True),
    "smoothed": (nn.CrossEntropyLoss(label_smoothing=0.1), True),
    "squared error": (nn.MSELoss(), False),
    "half square": (half_square, False),
    "quartic": (quartic, False),
}


def samples(labels, n=30):
    generator = torch.Generator().manual_seed(3)
    inputs = torch.randn(n, 4, dtype=torch.float64, generator=generator)
    if labels:
        return inputs, torch.randint(0, 3, (n,), generator=generator)
    return inputs, torch.randn(n, 3, dtype=torch.float64, generator=generator)


def network(name):
    torch.manual_seed(1)
    return NETWORKS[name]().double()


def built_hessian(model, loss, data):
    of, at = flat_loss(model, loss, data)
    return torch.autograd.functional.hessian(of, at)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", NETWORKS)
def test_stacks_against_a_built_hessian(name, loss):
    model, (function, labels) = network(name), LOSSES[loss]
    data = samples(labels)
    full = built_hessian(model, function, data)
    vector = torch.linspace(-1, 1, len(full), dtype=torch.float64)
    np.testing.assert_allclose(
        model_hessian_product(model, function, data)(vector), full @ vector, rtol=1e-9, atol=1e-12
    )
    assert stack_hessian_trace(model, function, data) == pytest.approx(float(full.trace()), rel=1e-10)
    found = sharpness(model, function, data, tolerance=1e-8)
    assert found.converged
    assert found.value == pytest.approx(float(torch.linalg.eigvalsh(full)[-1]), rel=1e-10)
    residual = full.numpy() @ found.vector - found.value * found.vector
    assert np.linalg.norm(residual) == pytest.approx(found.residual, rel=1e-3, abs=1e-12)


def forgotten_bends(stack, at, layers):
    return [torch.zeros_like(slope) for slope in layers[:-1]]


def forgotten_rank_one(losses, direction):
    p = losses.probabilities
    return p.reshape(*p.shape, *[1] * (direction.ndim - 2)) * direction


@pytest.mark.parametrize(
    ("owner", "name", "error"),
    [(LinearStack, "bent_slopes", forgotten_bends), (CrossEntropy, "bent", forgotten_rank_one)],
)
def test_planted_errors_are_seen(monkeypatch, owner, name, error):
    """Without the activations' second derivatives, or the softmax's sum, neither product nor trace is right."""
    model, data = network("deep, mixed"), samples(True)
    full = built_hessian(model, CROSS, data)
    vector = torch.linspace(-1, 1, len(full), dtype=torch.float64)
    monkeypatch.setattr(owner, name, error)
    product = model_hessian_product(model, CROSS, data)(vector)
    assert float((product - full @ vector).norm()) > 1e-3 * float((full @ vector).norm())
    assert abs(stack_hessian_trace(model, CROSS, data) - float(full.trace())) > 1e-3 * abs(float(full.trace()))


def test_trace_and_eigenvalue_of_softmax_regression_in_closed_form():
    """With equal probabilities of C classes: curvature (1 - 1/C) on the diagonal, inputs and bias as a factor."""
    model = nn.Linear(2, 4).double()
    for p in model.parameters():
        nn.init.zeros_(p)
    inputs = torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    data = inputs, torch.tensor([1])
    assert hessian_trace(model, CROSS, data).value == pytest.approx(4 * 0.25 * 0.75 * 26)
    assert sharpness(model, CROSS, data).value == pytest.approx(0.25 * 26)


@pytest.mark.parametrize(
    "model",
    [
        Doubled(),
        nn.Sequential(nn.Linear(4, 3), nn.Tanh()),
        nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 3)),
    ],
)
def test_other_models_against_a_built_hessian(model):
    model, data = model.double(), samples(True)
    assert stack_hessian_trace(model, CROSS, data) is None
    full = built_hessian(model, CROSS, data)
    found = sharpness(model, CROSS, data, tolerance=1e-8)
    assert found.value == pytest.approx(float(torch.linalg.eigvalsh(full)[-1]), rel=1e-10)
    trace = hessian_trace(model, CROSS, data)  # as many products as parameters: column by column
    assert trace.value == pytest.approx(float(full.trace()), rel=1e-10)
    assert not trace.exact


def test_frozen_and_shared_layers_are_left_to_automatic_differentiation():
    shared = nn.Linear(4, 4).double()
    frozen = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double()
    frozen[0].requires_grad_(False)
    tied = nn.Sequential(shared, nn.Tanh(), shared)
    for model, loss, data in ((frozen, CROSS, samples(True)), (tied, nn.MSELoss(), (torch.eye(4).double(),) * 2)):
        assert stack_hessian_trace(model, loss, data) is None
        full = built_hessian(model, loss, data)
        found = sharpness(model, loss, data, tolerance=1e-8)
        assert found.value == pytest.approx(float(torch.linalg.eigvalsh(full)[-1]), rel=1e-10)


def test_a_loss_that_is_no_mean_is_not_taken_for_one():
    model, data = network("rectified"), samples(False)
    summed = nn.MSELoss(reduction="sum")
    assert stack_hessian_trace(model, summed, data) is None
    full = built_hessian(model, summed, data)
    assert hessian_trace(model, summed, data).value == pytest.approx(float(full.trace()), rel=1e-10)


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


def test_giving_up_carries_the_estimate():
    with pytest.raises(NotConverged, match="most_products") as refusal:
        quadratic(np.linspace(0, 1, 200), None, most_products=3)
    estimate = refusal.value.estimate
    assert estimate.products == 3
    assert not estimate.converged
    assert estimate.residual > 1e-3
    assert 0.5 < estimate.value < 1


def test_a_linear_loss_has_no_curvature():
    found = largest_eigenpair(lambda x: x.sum(), torch.ones(3))
    assert (found.value, found.residual) == (0.0, 0.0)


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
    with pytest.raises(TraceNotResolved, match="give about") as refusal:
        hessian_trace(model, CROSS, data, products=12, relative_error=1e-4)
    assert refusal.value.needed_products > 12
    full = built_hessian(model, CROSS, data)
    found = hessian_trace(model, CROSS, data, products=90)
    assert abs(found.value - float(full.trace())) < 5 * found.stderr
    exact = hessian_trace(model, CROSS, data, products=refusal.value.needed_products, relative_error=1e-4)
    assert exact.value == pytest.approx(float(full.trace()), rel=1e-10)


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
        (lambda m, d: sharpness(m, CROSS, d, start=np.ones(3)), "leave it out"),
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


def test_a_model_that_diverged_is_refused_and_no_model_is_changed():
    model, data = network("rectified"), samples(True)
    before = [p.clone() for p in model.parameters()]
    sharpness(model, CROSS, data)
    hessian_trace(model, CROSS, data)
    assert all(torch.equal(p, q) and p.grad is None for p, q in zip(model.parameters(), before, strict=True))
    nn.init.constant_(model[0].weight, math.nan)
    with pytest.raises(ValueError, match="diverged"):
        hessian_trace(model, CROSS, data)
