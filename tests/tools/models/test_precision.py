"""Inference mode and autocast change no value; what cannot be switched off is refused."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from tests.tools.test_forms import CROSS, N, X, Y, network, perceptron, temperature, values
from trainphys import ProbeRecorder, gradient_covariance_trace, hessian_trace, noise_scale, probe, probe_cost, sharpness


class Around(nn.Module):
    """A model whose forward does something to a plain one."""

    def __init__(self, inner, cast):
        super().__init__()
        self.inner, self.cast = inner, cast

    def forward(self, x):
        with torch.autocast("cpu", enabled=self.cast == "autocast"):
            x = self.inner(x)
        return (x.bfloat16() if self.cast == "explicit" else x).float()


def lowered(model, batch):
    with torch.autocast("cpu"):
        return CROSS(model(batch["x"]), batch["y"])


@pytest.mark.parametrize("build", [network, perceptron])
def test_data_and_models_of_inference_mode_are_taken(build):
    known = values(build(), CROSS, (X, Y))
    with torch.inference_mode():
        data, model = (X.clone(), Y.clone()), build()
        assert data[0].is_inference()
        assert model[-1].weight.is_inference()
        assert values(model, CROSS, data) == pytest.approx(known, rel=2e-6)
    assert values(build(), CROSS, data) == pytest.approx(known, rel=2e-6)


@pytest.mark.parametrize("build", [network, perceptron])
def test_values_under_autocast_are_those_in_full_precision(build):
    known = values(build(), CROSS, (X, Y))
    with torch.autocast("cpu"):
        assert build()(X).dtype == torch.bfloat16
        assert values(build(), CROSS, (X, Y)) == pytest.approx(known, rel=2e-6)
        assert build()(X).dtype == torch.bfloat16  # as it was
    inside = Around(build(), "autocast")
    assert values(inside, CROSS, (X, Y)) == pytest.approx(known, rel=2e-6)
    assert values(build(), lowered, {"x": X, "y": Y}) == pytest.approx(known, rel=2e-6)
    sgd = torch.optim.SGD(inside.parameters(), lr=0.1)
    found = probe(inside, CROSS, (X, Y), sgd, population=N)
    assert found.loss == pytest.approx(CROSS(build()(X), Y).item(), rel=1e-6)
    assert found.sharpness.value == pytest.approx(known[0], rel=1e-4)


@pytest.mark.parametrize("call", [sharpness, hessian_trace, gradient_covariance_trace, noise_scale, temperature])
def test_other_casts_are_refused(call):
    with pytest.raises(ValueError, match=r"precision of the parameters, got torch.bfloat16 on the way.*take that cast"):
        call(Around(network(), "explicit"), CROSS, (X, Y))
    for cast in (lambda z: z.bfloat16(), lambda z: z.bfloat16().float()):
        with pytest.raises(ValueError, match=r"got torch\.bfloat16 on the way"):
            call(perceptron(), lambda z, t, cast=cast: CROSS(cast(z), t), (X[:32], Y[:32]))  # by 32 rounds alike


def test_a_frozen_part_may_be_in_half_precision():
    """What it gives is data: only what depends on the trained parameters has to be exact."""
    torch.manual_seed(0)
    body = nn.Sequential(nn.Flatten(), nn.Linear(4, 6)).bfloat16().requires_grad_(False)

    class Headed(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head = body, nn.Linear(6, 3)

        def forward(self, x):
            return self.head(self.body(x.bfloat16()).float())

    model = Headed()
    features = body(X.bfloat16()).float()
    known = values(model.head, CROSS, (features, Y))
    assert values(model, CROSS, (X, Y)) == pytest.approx(known, rel=2e-4)


@pytest.mark.parametrize(
    "call",
    [
        *(sharpness, hessian_trace, gradient_covariance_trace, noise_scale, temperature),
        lambda m, loss, data: probe(m, loss, data, torch.optim.SGD(m.parameters(), lr=0.1)),
        lambda m, loss, data: probe_cost(m, loss, data, torch.optim.SGD(m.parameters(), lr=0.1)),
        lambda m, loss, data: ProbeRecorder(m, loss, data, torch.optim.SGD(m.parameters(), lr=0.1)),
    ],
)
def test_the_class_of_a_loss_is_no_loss(call):
    with pytest.raises(ValueError, match=r"got the class CrossEntropyLoss: make one of it, CrossEntropyLoss\(\)"):
        call(perceptron(), nn.CrossEntropyLoss, (X, Y))


@pytest.mark.parametrize("build", [network, perceptron])
def test_compiled_parts_and_losses_have_second_derivatives(build):
    known, model = values(build(), CROSS, (X, Y)), build()
    model[-1] = torch.compile(model[-1], backend="aot_eager")
    assert values(model, torch.compile(CROSS, backend="aot_eager"), (X, Y)) == pytest.approx(known, rel=2e-4)


class Symmetric(nn.Module):
    def forward(self, weight):
        return weight.triu() + weight.triu(1).mT


def test_parametrizations_that_are_kept_are_computed_anew():
    """Kept ones are of the parameters of an earlier pass, and have no gradient in the present ones."""
    torch.manual_seed(2)
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 3))
    parametrize.register_parametrization(model[1], "weight", Symmetric())
    known = values(model, CROSS, (X, Y))
    with parametrize.cached():
        weight = model[1].weight
        assert values(model, CROSS, (X, Y)) == pytest.approx(known, rel=2e-6)
        assert model[1].weight is weight
