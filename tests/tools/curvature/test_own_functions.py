"""Tests of ``tools.curvature.own_functions``: squares whose backward is written by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn.utils import parametrizations
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader, TensorDataset

from trainphys import gradient_covariance_trace, hessian_trace, sharpness
from trainphys.tools.curvature.hessian_products import model_hessian_product

N, LOSS = 12, nn.functional.mse_loss


class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, slope):
        return 2 * ctx.saved_tensors[0] * slope


class Held(Square):
    """Elementwise, so that what torch makes of it is symmetric, and wrong."""

    @staticmethod
    def backward(ctx, slope):
        return 2 * ctx.saved_tensors[0].detach() * slope


class Once(Square):
    @staticmethod
    @once_differentiable
    def backward(ctx, slope):
        return 2 * ctx.saved_tensors[0] * slope


class Rounded(torch.autograd.Function):
    """A gradient that is none of the loss: straight through."""

    @staticmethod
    def forward(ctx, x):
        return (4 * x).round() / 4

    @staticmethod
    def backward(ctx, slope):
        return slope


class Network(nn.Module):
    def __init__(self, function):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second, self.function = nn.Linear(3, 4), nn.Linear(4, 2), function

    def forward(self, x):
        return self.second(self.function(self.first(x)))


def data(dtype):
    torch.manual_seed(1)
    return torch.randn(N, 3).to(dtype), torch.randn(N, 2).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_backward_that_is_right_has_the_hessian_of_the_plain_form(dtype):
    own, plain = Network(Square.apply).to(dtype), Network(lambda x: x * x).to(dtype)
    for call in (sharpness, hessian_trace):
        assert call(own, LOSS, data(dtype)).value == pytest.approx(call(plain, LOSS, data(dtype)).value, rel=1e-4)
    full = [p.detach() for p in plain.parameters()]
    names = [name for name, _ in plain.named_parameters()]
    x, y = data(dtype)

    def of(*now):
        return LOSS(torch.func.functional_call(plain, dict(zip(names, now, strict=True)), (x,)), y)

    rows = torch.autograd.functional.hessian(of, tuple(full))
    sizes = [p.numel() for p in full]
    built = torch.cat([torch.cat([h.reshape(n, -1) for h in row], 1) for n, row in zip(sizes, rows, strict=True)])
    assert sharpness(own, LOSS, (x, y)).value == pytest.approx(np.linalg.eigvalsh(built.numpy())[-1], rel=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("kind", [Held, Once, Rounded])
@pytest.mark.parametrize("call", [sharpness, hessian_trace])
def test_one_that_is_not_is_refused(call, kind, dtype):
    model, (x, y) = Network(kind.apply).to(dtype), data(dtype)
    for given in ((x, y), DataLoader(TensorDataset(x, y), 5)):
        with pytest.raises(
            ValueError, match=r"expected second derivatives that are those of the loss, .* write it out"
        ):
            call(model, LOSS, given)
    assert gradient_covariance_trace(model, LOSS, (x, y)).trace > 0  # a gradient it has


def test_a_wide_network_of_kinks_is_not_refused():
    """Many samples and rectifiers, some of which turn within any step: the mean over them has another slope."""
    torch.manual_seed(0)
    middle = type("Middle", (nn.Module,), {"forward": lambda self, x: Square.apply(x)})()
    wide = nn.Sequential(nn.Linear(3, 500), nn.ReLU(), nn.Linear(500, 50), nn.ReLU(), middle, nn.Linear(50, 2))
    assert sharpness(wide, LOSS, (torch.randn(2000, 3), torch.randn(2000, 2))).value > 0


def test_where_the_slope_is_rounding_there_is_nothing_to_compare():
    class Turned(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, slope):
            return slope

    linear, (x, y) = nn.Linear(3, 2), data(torch.float64)
    product = model_hessian_product(linear.double(), lambda z, t: Turned.apply(z).exp().log().mean(), (x, y))
    assert float(product(torch.ones(8, dtype=torch.float64)).norm()) < 1e-12


def test_a_loss_that_is_a_module_is_looked_at_in_doubles_too():
    weighted = nn.CrossEntropyLoss(weight=torch.ones(2))
    model, (x, _) = Network(Held.apply), data(torch.float32)
    with pytest.raises(ValueError, match="expected second derivatives"):
        sharpness(model, weighted, (x, torch.arange(N) % 2))


def test_a_function_that_takes_no_doubles_is_not_looked_at():
    class Single(Held):
        @staticmethod
        def forward(ctx, x):
            if x.dtype == torch.float64:
                raise TypeError("a kernel for single precision")
            return Held.forward(ctx, x)

    assert sharpness(Network(Single.apply), LOSS, data(torch.float32)).converged


def detached(z, t):
    """Samples that are far off count more, by a weight that moves with the parameters."""
    each = (z - t).square().mean(dim=1)
    return (each.detach() * each).mean()


def ungraded(z, t):
    with torch.no_grad():
        weight = (z - t).square().mean(dim=1, keepdim=True)
    return (weight * (z - t).square()).mean()


def as_floats(z, t):
    return (z - t).square().mean() * (1 + z.square().mean().item())


class Mapped(Held):
    """A function that vmap can go through, as a stack of Linear layers does with its loss."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x * x

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[0])


def straight(x):
    return x + (x.round() - x).detach()


class Detached(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 2)

    def forward(self, x):
        hidden = self.first(x)
        return self.second(hidden * hidden.detach())


class Reentrant(Network):
    """Inputs that need no gradient leave its first layer without one, as torch warns in training."""

    def forward(self, x):
        return self.second(self.function(checkpoint(self.first, x, use_reentrant=True)))


def held_inside(build):
    """Models that hold something fixed, in double precision."""
    model = Network(torch.tanh)
    if build == "straight through":
        model.function = straight
    elif build == "reentrant checkpoint":
        model = Reentrant(torch.tanh)
    elif build == "script":
        model = torch.jit.script(Detached(torch.tanh))
    else:
        model.first = build(model.first)
        model(torch.randn(N, 3))
    return model.double()


@pytest.mark.parametrize("call", [sharpness, hessian_trace])
@pytest.mark.parametrize("loss", [detached, ungraded, as_floats, lambda z, t: Mapped.apply(z - t).mean()])
def test_a_loss_that_holds_something_fixed_is_refused(call, loss):
    """It has a gradient, but what torch differentiates twice is another function than that of the gradient."""
    for model in (Network(torch.tanh), nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))):
        given = data(torch.float32)
        with pytest.raises(ValueError, match=r"held fixed that moves with the parameters, as by detach\(\), item\(\)"):
            call(model, loss, given)
        if loss is not as_floats:  # which is no mean over samples
            assert gradient_covariance_trace(model, loss, given).trace > 0


@pytest.mark.filterwarnings("ignore:None of the inputs have requires_grad=True", "ignore:.torch.jit.script. is")
@pytest.mark.parametrize("call", [sharpness, hessian_trace])
@pytest.mark.parametrize(
    "build",
    [parametrizations.spectral_norm, nn.utils.spectral_norm, "straight through", "reentrant checkpoint", "script"],
)
def test_a_model_that_holds_something_fixed_is_refused(call, build):
    model, given = held_inside(build), data(torch.float64)
    with pytest.raises(ValueError, match=r"spectral_norm in training mode, .* call model.eval\(\)"):
        call(model, LOSS, given)
    if callable(build):  # the iteration of spectral_norm stands still in evaluation mode
        assert call(model.eval(), LOSS, given).value > 0


def test_what_is_held_fixed_without_harm_is_not_refused():
    """A log, a weight of ones, and a checkpoint, which computes again in the backward pass."""

    class Logged(Network):
        def forward(self, x):
            hidden = checkpoint(lambda y: torch.tanh(self.first(y)), x, use_reentrant=False)
            self.log = float(hidden.detach().mean())
            return self.second(hidden)

    given = data(torch.float32)
    sharpness(
        Logged(None), lambda z, t: 1e-200 * LOSS(z, t).double(), given
    )  # lengths that double precision rounds to 0
    for call in (sharpness, hessian_trace):
        known = call(Network(torch.tanh), LOSS, given).value
        assert call(Logged(None), LOSS, given).value == pytest.approx(known, rel=1e-5)
        found = call(Network(torch.tanh), lambda z, t: (torch.ones_like(z) * (z - t).square()).mean(), given)
        assert found.value == pytest.approx(known, rel=1e-5)
