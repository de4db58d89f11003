"""Tests of ``tools.models.model_loss``."""

import math

import pytest
import torch
from torch import nn

import trainphys
from trainphys.tools.models.model_loss import ModelLoss, check_model

DATA = torch.arange(8.0).view(4, 2), torch.zeros(4, 3)
LOSS = nn.MSELoss()


def test_only_trainable_parameters_move_and_buffers_stay():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 3, bias=False))
    model[0].bias.requires_grad_(False)
    model[2].requires_grad_(False)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    of = ModelLoss(model, LOSS)
    assert of.at.tolist() == torch.cat([model[0].weight.flatten(), model[1].weight, model[1].bias]).tolist()
    moved = of.flat(of.at + 1, DATA).detach()
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    with torch.no_grad():
        for p in (model[0].weight, model[1].weight, model[1].bias):
            p += 1
        assert float(moved) == pytest.approx(float(LOSS(model(DATA[0]), DATA[1])), rel=1e-6)


def test_a_module_that_is_met_twice_keeps_its_parameters():
    """torch.func.functional_call with ties leaves others in their place."""
    layer = nn.Linear(2, 2)
    model = nn.Sequential(layer, nn.Tanh(), layer)
    own = layer.weight
    ModelLoss(model, LOSS).gradient((DATA[0], DATA[0]))
    assert layer.weight is own
    assert own.is_leaf


class Sides(nn.Module):
    """Two inputs, two outputs."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1, bias=False)
        nn.init.ones_(self.layer.weight)

    def forward(self, a, b):
        return self.layer(a), self.layer(b)


def both(outputs, targets):
    return ((outputs[0] - targets) ** 2 + outputs[1] ** 2).mean()


A, B, T = torch.tensor([[1.0, 2.0], [0.0, 1.0]]), torch.tensor([[1.0, 1.0], [2.0, 0.0]]), torch.tensor([[1.0], [0.0]])


@pytest.mark.parametrize(
    ("loss", "batch"),
    [
        (both, ((A, B), T)),
        (both, [[A, B], T]),
        (both, ({"b": B, "a": A}, T)),
        (lambda model, batch: both(model(batch["a"], batch["b"]), batch["t"]), {"a": A, "b": B, "t": T}),
        (lambda model, batch: both(model(*batch[:2]), batch[2]), (A, B, T)),
        (lambda model, batch: both(model(batch[:, :2], batch[:, 2:4]), batch[:, 4:]), torch.cat([A, B, T], dim=1)),
    ],
)
def test_several_inputs_and_outputs_and_losses_of_ones_own(loss, batch):
    """At weights (1, 1): residuals (2, 1) and outputs (2, 2), so a loss of 6.5."""
    of = ModelLoss(Sides(), loss)
    assert float(of(of.trained, batch)) == 6.5
    expected = 2 * (torch.tensor([2.0, 1.0]) @ A + torch.tensor([2.0, 2.0]) @ B) / 2
    assert of.gradient(batch).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("model", "loss", "message"),
    [
        (nn.Linear(2, 3), nn.MSELoss(reduction="none"), r"numbers of shape \(4, 3\): average it over the batch"),
        (nn.Linear(2, 3), lambda z, t: z.sum() * math.nan, "one finite number, got nan"),
        (nn.Linear(2, 3), lambda z, t: 1.0, "one finite number, got 1.0"),
        (
            nn.Linear(2, 3),
            lambda z, t: (z.sum(), "a log"),
            "got tuple: average it over the batch, and return that alone",
        ),
        (nn.Linear(2, 3), lambda z, t: z.detach().sum(), "depends on the parameters, got none: no detach"),
        (nn.Linear(2, 3), lambda z: z.sum(), r"loss\(model\(inputs\), targets\), got .*: for data in pairs give a"),
    ],
)
def test_a_loss_has_to_be_one_number_of_the_parameters(model, loss, message):
    with pytest.raises(ValueError, match=message):
        ModelLoss(model, loss).gradient(DATA)


def test_a_random_model_is_refused():
    torch.manual_seed(0)
    of = ModelLoss(nn.Sequential(nn.Dropout(), nn.Linear(2, 3)), LOSS)
    with pytest.raises(ValueError, match=r"the same loss twice, got .*: call model.eval\(\)"):
        of.check_not_random(DATA)
    of.model.eval()
    of.check_not_random(DATA)


def test_a_random_model_is_refused_behind_a_head_that_starts_at_zero():
    model = nn.Sequential(nn.Linear(2, 5), nn.Dropout(), nn.Linear(5, 3))
    for p in model[2].parameters():
        nn.init.zeros_(p)
    of = ModelLoss(model, LOSS)
    assert len({float(of(of.trained, DATA)) for _ in range(9)}) == 1
    with pytest.raises(ValueError, match="the same loss twice"):
        of.check_not_random(DATA)
    assert float(of.beside().sub(of.at).norm()) == pytest.approx(0.1 * float(of.at.norm()) * 0.5**0.5, rel=0.1)
    nothing = ModelLoss(nn.Linear(2, 3), LOSS)
    nothing.at.zero_()
    assert float(nothing.beside().norm()) > 0


def test_where_there_is_no_loss_beside_a_random_model_is_asked_at_its_parameters():
    class Exactly(nn.Module):
        def __init__(self):
            super().__init__()
            self.w, self.noise = nn.Parameter(torch.ones(1)), 0.0

        def forward(self, x):
            return self.w * x.sum() * (1 + self.noise * torch.rand(1)) if self.w == 1 else self.w * math.nan

    of = ModelLoss(Exactly(), lambda z, t: z.sum())
    of.check_not_random(DATA)
    of.model.noise = 1.0
    with pytest.raises(ValueError, match="the same loss twice"):
        of.check_not_random(DATA)


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (nn.CrossEntropyLoss(reduction="sum"), torch.tensor([0, 1, 2, 1])),
        (nn.CrossEntropyLoss(weight=torch.tensor([5.0, 1.0, 1.0])), torch.tensor([0, 1, 2, 1])),
        (nn.CrossEntropyLoss(ignore_index=1), torch.tensor([0, 1, 2, 1])),
        (lambda z, t: (z.mean(dim=0) - t.mean(dim=0)).square().sum(), torch.zeros(4, 3)),
        (nn.MSELoss(), torch.arange(12.0).view(4, 1, 3)),  # which broadcasts every row against every other
    ],
)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_a_loss_that_is_no_mean_over_samples_is_refused(loss, targets):
    """Also from a head that starts at zero, where all samples have the same loss."""
    torch.manual_seed(0)
    model, data = nn.Linear(2, 3), (torch.randn(4, 2), targets)
    for start in (nn.init.normal_, nn.init.zeros_):
        start(model.weight)
        of = ModelLoss(model, loss)
        with pytest.raises(ValueError, match=r"the mean of its samples' gradients, got .*: give the mean over samples"):
            of.mean_gradient(4, data, of.at + 0.1 * torch.arange(len(of.at)).cos())
        with pytest.raises(ValueError, match="the mean of its samples' gradients"):
            of.check_mean(4, data, model(data[0]))
        mean = ModelLoss(model, nn.CrossEntropyLoss(label_smoothing=0.1))
        plain = data[0], torch.tensor([0, 1, 2, 1])
        assert torch.equal(mean.mean_gradient(4, plain), mean.gradient(plain))


def test_the_loss_of_what_the_model_gave_out_is_asked_before_gradients(monkeypatch):
    """Only where it refuses outputs beside, such as those that are no probabilities, the gradients are compared."""
    torch.manual_seed(0)
    gradients = []
    monkeypatch.setattr(ModelLoss, "mean_gradient", lambda self, n, batch: gradients.append(n))
    plain, x = nn.Linear(2, 3), torch.randn(4, 2)
    ModelLoss(plain, nn.CrossEntropyLoss()).check_mean(4, (x, torch.tensor([0, 1, 2, 1])), plain(x))
    assert gradients == []
    bounded = nn.Sequential(plain, nn.Hardsigmoid())
    ModelLoss(bounded, nn.BCELoss()).check_mean(4, (10 * x, torch.zeros(4, 3)), bounded(10 * x))
    assert gradients == [4]


def test_models_that_tell_nothing_are_refused():
    model = nn.Linear(2, 3)
    frozen = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 3))
    frozen[0].requires_grad_(False).weight[0, 0] = math.inf
    check_model(frozen, LOSS)  # what is not trained is the user's own
    frozen[1].requires_grad_(False)
    same = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    same[1].weight.data = same[0].weight.data
    for bad, message in (
        (frozen, "trainable parameters, got none: set requires_grad"),
        (
            nn.Linear(2, 3, dtype=torch.bfloat16),
            r"single or double .* got torch.bfloat16 on cpu: model.float",
        ),
        (nn.Sequential(model, nn.Linear(3, 3).double()), r"got torch.float32 on cpu, torch.float64 on cpu"),
        (nn.Linear(2, 3, dtype=torch.complex64), r"got torch.complex64 on cpu: keep .* torch.view_as_real"),
        (nn.Linear(2, 3, device="meta"), "with values, got some on the meta device: load the weights"),
        (nn.ParameterList([torch.zeros(0, 3)]), "trainable parameters, got none: set requires_grad"),
        (same, "memory of their own, got two in the same, which move together: tie them as one"),
        (nn.LazyLinear(3), r"got a lazy module that has none yet: call it once"),
        (nn.Sequential(model, nn.LazyBatchNorm1d(affine=False)), "a lazy module"),
    ):
        with pytest.raises(ValueError, match=message):
            check_model(bad, LOSS)
    with pytest.raises(ValueError, match="got function and Linear: give model, loss, data in this order"):
        check_model(nn.functional.mse_loss, model)
    with pytest.raises(ValueError, match="got none: give model, loss, data in this order"):
        check_model(LOSS, model)
    nn.init.constant_(model.bias[1:2], math.inf)
    with pytest.raises(ValueError, match="has diverged"):
        check_model(model, LOSS)


class Failing(torch.autograd.Function):
    """Right forward; what comes back is an error."""

    @staticmethod
    def forward(ctx, x, error):
        ctx.error = error
        return x.clone()

    @staticmethod
    def backward(ctx, slope):
        raise ctx.error


ERRORS = [
    (KeyError("labels"), "KeyError 'labels'"),
    (AttributeError("no logits"), "AttributeError no logits"),
    (AssertionError(), "AssertionError"),
    (ValueError("sizes differ"), "sizes differ"),
    (ZeroDivisionError("zero"), "ZeroDivisionError zero"),
    (StopIteration(), "StopIteration"),
    (RuntimeError("no kernel"), "no kernel"),
]


@pytest.mark.parametrize(("error", "got"), ERRORS)
def test_what_a_model_or_a_loss_or_its_backward_raises_is_said_in_words(error, got):
    def forward(z, t):
        raise error

    said = f"expected a batch for this model and loss, got {got}: try them on one batch"
    model = nn.Linear(2, 3)
    with pytest.raises(ValueError, match=said) as caught:
        ModelLoss(model, forward).gradient(DATA)
    assert caught.value.__cause__ is error
    backward = lambda z, t: Failing.apply(z, error).sum()  # noqa: E731
    for call in (trainphys.gradient_covariance_trace, trainphys.sharpness):
        with pytest.raises(ValueError, match=rf"^expected .*, got {got}: "):
            call(model, backward, DATA)


class Clamped(nn.Linear):
    def forward(self, x):
        with torch.no_grad():
            self.weight.clamp_(-0.1, 0.1)
        return super().forward(x)


@pytest.mark.parametrize("call", ["sharpness", "hessian_trace", "gradient_covariance_trace", "noise_scale"])
@pytest.mark.parametrize("kind", ["clamped", "embedding"])
def test_a_model_that_writes_into_its_parameters_is_refused_and_keeps_them(call, kind):
    if kind == "clamped":
        model, x = Clamped(2, 3), DATA[0]
    else:
        model = nn.Sequential(nn.Embedding(5, 3, max_norm=0.1), nn.Flatten(), nn.Linear(6, 3))
        x = torch.tensor([[0, 1], [2, 3], [1, 4], [0, 0]])
    before = [p.detach().clone() for p in model.parameters()]
    with pytest.raises(ValueError, match="got one that writes into them when it is called: take that out"):
        getattr(trainphys, call)(model, LOSS, (x, DATA[1]))
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True))


class Complex(nn.Module):
    """Weights that are pairs of real and imaginary parts, behind an odd number of others."""

    def __init__(self):
        super().__init__()
        self.shift, self.pairs = nn.Parameter(torch.randn(3)), nn.Parameter(torch.randn(2, 2))
        self.head = nn.Linear(2, 3)

    def forward(self, x):
        return self.head((x * torch.view_as_complex(self.pairs)).abs()) + self.shift


def test_a_parameter_that_is_viewed_as_complex_is_taken_as_in_training():
    torch.manual_seed(0)
    model, data = Complex().double(), (DATA[0].double(), DATA[1].double())
    trained = list(model.parameters())
    value = LOSS(model(data[0]), data[1])
    slopes = torch.autograd.grad(value, trained, create_graph=True)
    numbers = [one for slope in slopes for one in slope.flatten()]  # joined, torch itself takes no second derivative
    rows = [torch.autograd.grad(one, trained, retain_graph=True, materialize_grads=True) for one in numbers]
    hessian = torch.stack([torch.cat([g.flatten() for g in row]) for row in rows])
    torch.testing.assert_close(ModelLoss(model, LOSS).gradient(data), torch.stack(numbers).detach())
    found = trainphys.sharpness(model, LOSS, data, tolerance=1e-8)
    assert found.value == pytest.approx(float(torch.linalg.eigvalsh(hessian)[-1]), rel=1e-8)


def test_a_hook_on_a_compiled_model_is_part_of_it():
    torch.manual_seed(0)
    inner = nn.Linear(2, 3)
    compiled = torch.compile(inner, backend="eager")
    assert ModelLoss(compiled, LOSS).model is inner
    compiled.register_forward_hook(lambda module, inputs, outputs: 3 * outputs)
    thrice = lambda z, t: LOSS(3 * z, t)  # noqa: E731
    for call in (trainphys.sharpness, trainphys.gradient_covariance_trace, trainphys.hessian_trace):
        assert float(call(compiled, LOSS, DATA)) == pytest.approx(float(call(inner, thrice, DATA)), rel=1e-5)


def test_a_model_may_call_a_part_of_its_own_as_torch_compile_does():
    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self._orig_mod, self.more = nn.Linear(2, 2), nn.Linear(2, 3)

        def forward(self, x):
            return self.more(self._orig_mod(x))

    assert trainphys.gradient_covariance_trace(Wrapped(), LOSS, DATA).parameters == 6 + 9


@pytest.mark.parametrize("form", [nn.Embedding, nn.EmbeddingBag])
@pytest.mark.parametrize("call", [trainphys.sharpness, trainphys.gradient_covariance_trace])
def test_a_layer_whose_gradients_are_divided_by_counts_is_named(form, call):
    model = nn.Sequential(form(5, 2, scale_grad_by_freq=True), nn.Flatten(), nn.LazyLinear(3))
    data = torch.tensor([[0, 1], [2, 3], [1, 4], [0, 0]]), torch.tensor([0, 1, 2, 1])
    model(data[0])
    with pytest.raises(
        ValueError, match=r"got Embedding(Bag)?\(scale_grad_by_freq=True\), .*: set scale_grad_by_freq=F"
    ):
        call(model, nn.CrossEntropyLoss(), data)
    model[0].weight.requires_grad_(False)
    assert call(model, nn.CrossEntropyLoss(), data)
