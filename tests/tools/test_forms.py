"""All five tools on data, models and losses in the forms in which people hold them: the same value, or a refusal."""

import math
from collections import OrderedDict, UserDict, defaultdict
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from trainphys import Estimate, gradient_covariance_trace, hessian_trace, noise_scale, probe, sgd_temperature, sharpness

CROSS, N = functional.cross_entropy, 40


def temperature(*arguments, **settings):
    return sgd_temperature(*arguments, learning_rate=0.1, batch_size=4, **settings)


NOISE = (gradient_covariance_trace, noise_scale, temperature)
X = torch.randn(N, 1, 4, generator=torch.Generator().manual_seed(0)) + 1
Y = torch.randint(0, 3, (N,), generator=torch.Generator().manual_seed(1))


def network(norm=nn.Identity):
    torch.manual_seed(2)
    return nn.Sequential(nn.Conv1d(1, 2, 2), norm(), nn.Tanh(), nn.Flatten(), nn.Linear(6, 3))


def values(model, loss, data):
    """Of all five, for a whole set."""
    found = [sharpness(model, loss, data, tolerance=1e-5).value, hessian_trace(model, loss, data).value]
    noise = gradient_covariance_trace(model, loss, data, population=N)
    scale = noise_scale(model, loss, data, population=N).value
    return np.array(
        [*found, noise.trace, noise.squared_gradient, scale, temperature(model, loss, data, population=N).value]
    )


def own(model, batch):
    return CROSS(model(batch["x"]), batch["y"])


SET = TensorDataset(X, Y)
DICTIONARIES = [{"x": x, "y": y} for x, y in SET]


@pytest.mark.parametrize(
    ("loss", "data"),
    [
        (CROSS, SET),
        (CROSS, DataLoader(SET, 7)),
        (CROSS, DataLoader(SET, 16, shuffle=True)),
        (CROSS, (X.numpy().astype(float), Y.numpy())),
        (CROSS, ({"input": X}, Y)),
        (CROSS, ((X,), Y)),
        (own, {"x": X, "y": Y}),
        (own, DataLoader(DICTIONARIES, 9)),
        (lambda model, batch: CROSS(model(batch[0]), batch[2]), (X, None, Y)),
        (nn.CrossEntropyLoss(), [X, Y.to(torch.uint8)]),
    ],
)
def test_one_value_in_every_form(loss, data):
    known = values(network(), CROSS, (X, Y))
    assert values(network(), loss, data) == pytest.approx(known, rel=2e-4)
    with torch.no_grad():
        assert values(network(), loss, data) == pytest.approx(known, rel=2e-4)


def test_single_precision_and_a_compiled_model_give_what_doubles_give():
    exact = values(network().double(), CROSS, (X.double(), Y))
    assert values(network(), CROSS, (X, Y)) == pytest.approx(exact, rel=1e-4)
    compiled = torch.compile(network().double(), backend="eager")
    assert values(compiled, CROSS, (X.double(), Y)) == pytest.approx(exact, rel=2e-6)


def perceptron():
    torch.manual_seed(2)
    return nn.Sequential(nn.Flatten(), nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))


@pytest.mark.parametrize("build", [network, perceptron])
@pytest.mark.parametrize(
    "loss",
    [
        nn.CrossEntropyLoss(weight=torch.tensor([9.0, 1.0, 1.0])),
        nn.CrossEntropyLoss(ignore_index=1),
        nn.CrossEntropyLoss(reduction="sum"),
        lambda z, t: CROSS(z, t, weight=torch.tensor([1.0, 2.0, 3.0]).to(z)),
    ],
)
def test_a_loss_that_is_no_mean_has_a_hessian_on_one_batch_and_no_noise(build, loss):
    """Alike for a stack of Linear layers and any model, and for one whose last layer starts at zero."""
    for head in (1.0, 0.0):
        model = build()
        model[-1].weight.data.mul_(head)
        model[-1].bias.data.mul_(head)
        full = torch.autograd.functional.hessian
        parameters, names = tuple(p.detach() for p in model.parameters()), [n for n, _ in model.named_parameters()]

        def of(*now, model=model, names=names):
            return loss(torch.func.functional_call(model, dict(zip(names, now, strict=True)), (X,)), Y)

        trace = sum(
            float(h[i].reshape(p.numel(), -1).trace())
            for i, (h, p) in enumerate(zip(full(of, parameters), parameters, strict=True))
        )
        assert hessian_trace(model, loss, (X, Y)).value == pytest.approx(trace, rel=1e-4)
        for call in NOISE:
            with pytest.raises(ValueError, match=r"give the mean over samples|one finite number, got nan"):
                call(model, loss, (X, Y), population=N)
        for call in (sharpness, hessian_trace):
            with pytest.raises(ValueError, match="give the mean over samples"):
                call(model, loss, DataLoader(SET, 7))


@pytest.mark.parametrize("call", [sharpness, hessian_trace, *NOISE])
@pytest.mark.parametrize(
    ("model", "loss", "data", "message"),
    [
        (network(), CROSS, [(X, Y), (X, Y)], "one batch or a loader of batches"),
        (network(), CROSS, iter([(X, Y)]), "more than once"),
        (network(), CROSS, (X, Y[:3]), "as many inputs as targets"),
        (network(), CROSS, ({"x": X}, Y), r"a loss for loss\(model\(inputs\), targets\), got .*unexpected keyword"),
        (
            network(),
            CROSS,
            {"x": X, "y": Y},
            r"a loss for loss\(model, batch\), got .*: for batches that are no pairs give a loss of model and batch",
        ),
        (network(), lambda m, b: CROSS(m(b[0]), b[1]), (X, Y), "got .*: for data in pairs give a loss of outputs and"),
        (CROSS, network(), (X, Y), "give model, loss, data in this order"),
        (network().bfloat16(), CROSS, (X.bfloat16(), Y), "single or double precision"),
        (network(nn.Dropout), CROSS, (X, Y), "model.eval"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(call, model, loss, data, message):
    with pytest.raises(ValueError, match=message):
        call(model, loss, data)


@pytest.mark.parametrize("call", [sharpness, hessian_trace, *NOISE])
def test_batch_statistics_are_refused_where_batches_or_samples_are_taken_apart(call):
    """On one batch the Hessian with its statistics is well defined, and the model's own are left as they are."""
    model = network(lambda: nn.BatchNorm1d(2))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(ValueError, match=r"model.eval"):
        call(model, CROSS, DataLoader(SET, 20))
    if call in NOISE:
        with pytest.raises(ValueError, match=r"model.eval"):
            call(model, CROSS, (X, Y))
    else:
        assert call(model, CROSS, (X, Y)).value > 0
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_data_that_change_from_pass_to_pass_are_refused():
    class Noisy(TensorDataset):
        def __getitem__(self, k):
            x, y = super().__getitem__(k)
            return x + torch.randn_like(x), y

    with pytest.raises(ValueError, match=r"the same loss in each pass, got .*: no random augmentation"):
        sharpness(network(), CROSS, DataLoader(Noisy(X, Y), 8))


def test_operations_without_right_second_derivatives_are_refused():
    torch.manual_seed(0)
    ids = torch.randint(0, 7, (N, 5))
    bag = nn.Sequential(nn.EmbeddingBag(7, 3), nn.Linear(3, 3)).double()
    normed = nn.utils.parametrizations.weight_norm(nn.Linear(4, 3)).double()
    for call in (sharpness, hessian_trace):
        with pytest.raises(
            ValueError, match=r"differentiated twice, got .*_embedding_bag_backward.*: use a plain form"
        ):
            call(bag, CROSS, (ids, Y))
        with pytest.raises(ValueError, match=r"symmetric operator, got .*weight_norm: write it out"):
            call(normed, CROSS, (X[:, 0].double(), Y))
    for model, x in ((bag, ids), (normed, X[:, 0].double())):  # a first derivative they have
        assert gradient_covariance_trace(model, CROSS, (x, Y)).trace > 0


@pytest.mark.parametrize("build", [network, perceptron])
def test_a_loss_without_second_derivatives_has_noise_and_no_hessian(build):
    hinge = nn.MultiMarginLoss()
    for call in (sharpness, hessian_trace):
        with pytest.raises(ValueError, match=r"differentiated twice, got .*multi_margin_loss"):
            call(build(), hinge, (X, Y))
    each = [each_gradient(build(), hinge, n) for n in range(N)]
    trace = gradient_covariance_trace(build(), hinge, (X, Y), population=N).trace
    assert trace == pytest.approx(np.var(each, axis=0).sum(), rel=1e-4)


@pytest.mark.parametrize("build", [network, perceptron])
def test_a_penalty_on_the_weights_is_part_of_the_loss(build):
    r"""$c\lvert\theta\rvert^2$ adds 2c to each eigenvalue and $2c\theta$ to each gradient."""
    model, c = build().double(), 0.05
    penalised = lambda z, t: CROSS(z, t) + c * sum(p.square().sum() for p in model.parameters())  # noqa: E731
    data, at = (X.double(), Y), torch.cat([p.detach().flatten() for p in model.parameters()])
    assert sharpness(model, penalised, data, tolerance=1e-6).value == pytest.approx(
        sharpness(model, CROSS, data, tolerance=1e-6).value + 2 * c, rel=1e-6
    )
    trace = hessian_trace(model, CROSS, data, products=200).value + 2 * c * len(at)
    assert hessian_trace(model, penalised, data, products=200).value == pytest.approx(trace, rel=1e-6)
    plain = gradient_covariance_trace(model, CROSS, data, population=N)
    found = gradient_covariance_trace(model, penalised, data, population=N)
    mean = np.mean([each_gradient(model, CROSS, n) for n in range(N)], axis=0) + 2 * c * at.numpy()
    assert (found.trace, found.squared_gradient) == pytest.approx((plain.trace, mean @ mean), rel=1e-6)


def each_gradient(model, loss, n):
    x = X.to(next(model.parameters()).dtype)
    found = torch.autograd.grad(loss(model(x[n : n + 1]), Y[n : n + 1]), list(model.parameters()))
    return torch.cat([g.flatten() for g in found]).numpy()


def test_the_vector_of_one_tool_is_the_direction_of_another():
    top = sharpness(network(), CROSS, (X, Y))
    found = temperature(network(), CROSS, (X, Y), direction=top.vector, curvature=top.value, relative_error=9.0)
    assert found.parameters == 1
    with pytest.raises(ValueError, match=f"or population={N} if these are all that is trained on"):
        temperature(network(), CROSS, (X, Y), relative_error=1e-3)


@pytest.mark.parametrize("build", [network, perceptron])
def test_class_weights_that_a_split_does_not_show_are_seen_by_single_samples(build):
    """The first two samples weigh as much together as the other four do by twos."""
    labels = torch.tensor([0, 2, 0, 2, 1, 1])
    loss = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0]))
    for call in NOISE:
        with pytest.raises(ValueError, match="give the mean over samples"):
            call(build(), loss, (X[:6], labels), population=6)


@pytest.mark.parametrize("build", [network, perceptron])
@pytest.mark.parametrize(
    "loss", [nn.CrossEntropyLoss(reduction="sum"), nn.CrossEntropyLoss(weight=torch.tensor([9.0, 1.0, 1.0]))]
)
def test_a_loss_that_is_no_mean_is_seen_where_each_sample_is_a_batch(build, loss):
    """``DataLoader(dataset)`` gives one sample at a time, and of one sample a sum is the mean."""
    right = gradient_covariance_trace(build(), CROSS, (X, Y), population=N).trace
    found = gradient_covariance_trace(build(), CROSS, DataLoader(SET), population=N).trace
    assert found == pytest.approx(right, rel=1e-4)
    for call in NOISE:
        for data, settings in ((DataLoader(SET), {}), ((X, Y), {"chunk": 1})):
            with pytest.raises(ValueError, match="give the mean over samples"):
                call(build(), loss, data, population=N, **settings)


@pytest.mark.parametrize("call", NOISE)
def test_batch_normalisation_is_named_before_torch_asks_for_more_than_one_value(call):
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.BatchNorm1d(3))
    with pytest.raises(ValueError, match="no batch normalisation in training mode"):
        call(model, CROSS, (X[:3], Y[:3]))


@pytest.mark.parametrize("of", [sharpness, hessian_trace])
@pytest.mark.parametrize("weighted", ["class weights", "sum"])
def test_a_loss_that_is_no_mean_is_refused_from_batches_of_one_sample_too(of, weighted):
    """The loss of one sample does not show that its weight counts in a batch."""
    rng = torch.Generator().manual_seed(0)
    inputs, labels = torch.randn(24, 4, generator=rng), torch.arange(24) % 3
    loss = nn.CrossEntropyLoss(reduction="sum") if weighted == "sum" else nn.CrossEntropyLoss(torch.tensor([5.0, 1, 1]))
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    with pytest.raises(ValueError, match="mean of its samples"):
        of(model, loss, DataLoader(TensorDataset(inputs, labels)))


@pytest.mark.parametrize("call", [sharpness, hessian_trace, *NOISE])
@pytest.mark.parametrize("build", [network, perceptron])
def test_class_weights_are_seen_where_each_batch_holds_one_class(call, build):
    """A loader that does not shuffle data sorted by class: in each of its batches the weights cancel."""
    order = Y.argsort()
    sorted_by_class = [TensorDataset(X[order][Y[order] == k], Y[order][Y[order] == k]) for k in range(3)]
    pure = [batch for one in sorted_by_class for batch in DataLoader(one, 4)]
    loader = DataLoader(pure, batch_size=None)
    settings = {"population": N} if call in NOISE else {}
    call(build(), CROSS, loader, **settings)
    with pytest.raises(ValueError, match="give the mean over samples"):
        call(build(), nn.CrossEntropyLoss(weight=torch.tensor([9.0, 1.0, 1.0])), loader, **settings)


@pytest.mark.parametrize("build", [network, perceptron])
def test_a_forward_that_was_exchanged_is_the_one_that_counts(build):
    """Libraries wrap models so. The class alone says no more what is computed."""
    for layer in (slice(None), 0 if build is network else 1, -1):
        model, wrapped = build(), build()
        inner = wrapped if layer == slice(None) else wrapped[layer]
        plain = inner.forward
        inner.forward = lambda x, plain=plain: plain(x) + 0.3 * plain(x) ** 2

        class Same(nn.Module):
            def __init__(self, model, layer):
                super().__init__()
                self.model, self.layer = model, layer

            def forward(self, x):
                layers = [self.model] if self.layer == slice(None) else list(self.model)
                for at, module in enumerate(layers):
                    x = module(x)
                    if self.layer == slice(None) or at == self.layer % len(layers):
                        x = x + 0.3 * x**2
                return x

        known = values(Same(model, layer), CROSS, (X, Y))
        assert values(wrapped, CROSS, (X, Y)) == pytest.approx(known, rel=2e-4)


class Attributed(UserDict):
    """As the batches of Hugging Face: a dictionary whose parts are attributes as well."""

    def __getattr__(self, name):
        if name != "data" and name in self.data:
            return self.data[name]
        raise AttributeError(name)


@pytest.mark.parametrize("kind", [Attributed, OrderedDict, dict, lambda parts: defaultdict(list, parts)])
def test_a_dictionary_of_its_own_class_reaches_the_loss_as_it_is(kind):
    known = values(network(), own, {"x": X, "y": Y})
    reach = (lambda m, b: CROSS(m(b.x), b.y)) if kind is Attributed else own
    assert values(network(), reach, kind({"x": X, "y": Y})) == pytest.approx(known, rel=2e-6)


@pytest.mark.parametrize("call", [sharpness, hessian_trace, *NOISE])
@pytest.mark.parametrize("build", [network, perceptron])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((X.double(), Y), "give inputs as torch.float32, labels as torch.int64, not torch.float64"),
        ((X.bfloat16(), Y), "not torch.bfloat16"),
        ((X.to(torch.uint8), Y), "not torch.uint8"),
        ((X, Y + 1), "Target 3 is out of bounds.*look at shapes, devices and labels"),
        ((X, Y[:, None]), "look at shapes"),
        ((X[:, :, :3], Y), "look at shapes"),
        ((X * math.nan, Y), "finite.*look at .*data"),
        (DataLoader(TensorDataset(X[:0], Y[:0]), 8), "a batch or more in each pass, got none"),
    ],
)
def test_what_does_not_go_through_the_model_is_refused_with_the_cure(call, build, data, message):
    with pytest.raises(ValueError, match=message):
        call(build(), CROSS, data)


@pytest.mark.parametrize("call", [sharpness, hessian_trace, *NOISE])
def test_samples_that_come_and_go_from_pass_to_pass_are_refused(call):
    torch.manual_seed(0)
    loader = DataLoader(SET, 16, shuffle=True, drop_last=True)
    with pytest.raises(ValueError, match=r"in each pass, got .* and drop_last=False"):
        call(network(), CROSS, loader)
    same = gradient_covariance_trace(network(), CROSS, DataLoader(SET, 16, drop_last=True), population=32)
    known = gradient_covariance_trace(network(), CROSS, (X[:32], Y[:32]), population=32)
    assert same.trace == pytest.approx(known.trace, rel=1e-5)


def test_operations_without_a_second_derivative_are_named():
    model = nn.Sequential(nn.Embedding(5, 3, sparse=True), nn.Flatten(), nn.Linear(6, 3))
    data = torch.arange(2 * N).view(N, 2) % 5, Y
    with pytest.raises(ValueError, match=r"differentiated twice, got .*sparse.* for embeddings sparse=False"):
        sharpness(model, CROSS, data)
    dense = nn.Sequential(nn.Embedding(5, 3), nn.Flatten(), nn.Linear(6, 3))
    dense.load_state_dict(model.state_dict())
    noise = [gradient_covariance_trace(m, CROSS, data, population=N).trace for m in (model, dense)]
    assert noise[0] == pytest.approx(noise[1], rel=1e-6)


def test_squares_in_double_precision_beside_outputs_in_single():
    """As torch has it for targets that came from NumPy: the loss is in doubles, gradients are in singles."""
    torch.manual_seed(2)
    targets = torch.randn(N, 3)
    for build in (network, perceptron):
        known = values(build(), nn.MSELoss(), (X, targets))
        assert values(build(), nn.MSELoss(), (X, targets.double())) == pytest.approx(known, rel=2e-4)


def test_an_exchanged_forward_that_bends_one_sample_alone_is_seen():
    def bent(model):
        plain = model[0].forward
        edge = plain(X).detach().flatten(1).max(dim=1).values.topk(2).values.mean()
        model[0].forward = lambda x: plain(x).clamp(max=edge)
        return model, float(edge)

    wrapped, edge = bent(network())
    clamped = network()
    clamped.insert(1, nn.Hardtanh(-1e9, edge))
    known = gradient_covariance_trace(clamped, CROSS, (X, Y), population=N).trace
    assert gradient_covariance_trace(wrapped, CROSS, (X, Y), population=N).trace == pytest.approx(known, rel=1e-6)


def test_batches_that_are_normalised_for_ever_are_told_what_helps():
    """Without running statistics evaluation mode changes nothing, so it is no cure."""
    told = "without running statistics, which model.eval.. does not change: train with track_running_stats=True"
    for norm in (lambda: nn.BatchNorm1d(2, track_running_stats=False), nn.BatchNorm1d):
        model = network(norm if norm is not nn.BatchNorm1d else lambda: nn.BatchNorm1d(2))
        tracked = model[1].running_mean is not None
        for training in (True, False):
            model.train(training)
            for call in NOISE:
                if tracked and not training:
                    assert call(model, CROSS, (X, Y), population=N)
                    continue
                with pytest.raises(ValueError, match="call model.eval" if tracked else told):
                    call(model, CROSS, (X, Y), population=N)
    sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    assert isinstance(probe(model, CROSS, (X, Y), sgd).sharpness, Estimate)
    model = network(lambda: nn.BatchNorm1d(2, track_running_stats=False))
    found = probe(model, CROSS, (X, Y), torch.optim.SGD(model.parameters(), lr=0.1))
    assert "track_running_stats=True" in found.sharpness.why
    assert "track_running_stats=True" in found.noise_scale.why


def test_results_are_printed_with_the_digits_that_they_have():
    model = network()
    top = sharpness(model, CROSS, (X, Y))
    assert str(top) == f"{top.value:.4g} +- {top.isolated_error:.2g} ({top.products} products)"
    assert str(replace(top, converged=False)).endswith("products, not converged)")
    noise = gradient_covariance_trace(model, CROSS, (X, Y))
    assert str(noise).startswith(f"trace {noise.trace:.4g} +- {noise.stderr:.2g}, squared gradient ")
    scale, hot = noise_scale(model, CROSS, (X, Y), population=N), temperature(model, CROSS, (X, Y))
    assert str(scale) == f"{scale.value:.4g} +- 0 (40 samples)"
    assert str(hot) == f"{hot.value:.4g} +- {hot.stderr:.2g} (40 samples)"


def test_results_are_numbers_where_one_is_asked_for_and_are_shown_without_vectors():
    model = network()
    top, trace = sharpness(model, CROSS, (X, Y)), hessian_trace(model, CROSS, (X, Y))
    scale, hot = noise_scale(model, CROSS, (X, Y), population=N), temperature(model, CROSS, (X, Y))
    assert [float(found) for found in (top, trace, scale, hot)] == [f.value for f in (top, trace, scale, hot)]
    assert float(scale.noise) == scale.noise.trace
    assert "vector" not in repr(top)
    assert "residual" in repr(top)


@pytest.mark.parametrize("call", [sharpness, hessian_trace, *NOISE])
@pytest.mark.parametrize("kind", [torch.int8, torch.int32, torch.bool, torch.uint16])
def test_labels_that_torch_does_not_take_are_refused_by_all_tools_alike(call, kind):
    for build in (network, perceptron):
        with pytest.raises(ValueError, match="for this model and loss, got"):
            call(build(), CROSS, (X, (Y > 0).to(kind)))


def test_sparse_inputs_have_the_curvature_of_dense_ones_and_no_rows():
    layer, x = nn.Linear(4, 3), X[:, 0]
    assert sharpness(layer, CROSS, (x.to_sparse(), Y)).value == pytest.approx(sharpness(layer, CROSS, (x, Y)).value)
    with pytest.raises(ValueError, match=r"give it as x.to_dense"):
        gradient_covariance_trace(layer, CROSS, (x.to_sparse(), Y))


def test_a_start_or_a_direction_may_be_of_any_kind():
    model, data = perceptron(), (X, Y)
    top = sharpness(model, CROSS, data)
    vectors = [
        top.vector,
        top.vector.tolist(),
        torch.tensor(top.vector, requires_grad=True),
        torch.tensor(top.vector)[None],
    ]
    for vector in vectors:
        assert sharpness(model, CROSS, data, start=vector).value == pytest.approx(top.value, rel=1e-4)
        along = [sgd_temperature(model, CROSS, data, **RUN, direction=v).value for v in (vector, top.vector)]
        assert along[0] == along[1]
    half = torch.tensor(top.vector).bfloat16()
    assert sharpness(model, CROSS, data, start=half).value == pytest.approx(top.value, rel=1e-4)
    for nonsense in ("abc", 1j):
        with pytest.raises(ValueError, match="expected real numbers start"):
            sharpness(model, CROSS, data, start=nonsense)
        with pytest.raises(ValueError, match="expected real numbers direction"):
            sgd_temperature(model, CROSS, data, **RUN, direction=nonsense)
    with pytest.raises(ValueError, match=r"expected a finite start of .* got 1: leave it out"):
        sharpness(model, CROSS, data, start=top)  # a number, as which it goes elsewhere
    with pytest.raises(ValueError, match="got 1 numbers: give the vector of sharpness"):
        sgd_temperature(model, CROSS, data, **RUN, direction=top)


RUN = {"learning_rate": 0.1, "batch_size": 4, "population": N}


class Listed(nn.Module):
    """Weights in a plain list beside their modules."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 3), nn.Linear(3, 3)])
        self.kept = [layer.weight for layer in self.layers]

    def forward(self, x):
        return torch.tanh(x.flatten(1) @ self.kept[0].T) @ self.kept[1].T


class Shared(nn.Module):
    """A loss that has registered a weight of the model as its own."""

    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def forward(self, outputs, targets):
        return CROSS(outputs, targets) + self.weight.square().sum()


@pytest.mark.parametrize("call", [sharpness, hessian_trace, *NOISE])
def test_parameters_kept_elsewhere_than_in_their_modules_are_refused(call):
    """Others cannot be put in their place, so that what they add to gradient and curvature would be left out."""
    for build in (network, perceptron, Listed):
        model = build()
        kept = list(model.parameters())
        penalised = lambda z, t, kept=kept: CROSS(z, t) + 0.1 * sum(p.square().sum() for p in kept)  # noqa: E731
        for loss in (penalised, Shared(kept[0]), *([CROSS] if build is Listed else [])):
            with pytest.raises(ValueError, match=r"kept before, as in a list: write model.parameters\(\)"):
                call(model, loss, (X, Y))


def halved(outputs, targets):
    """Written into outputs and targets."""
    targets -= 1
    return CROSS(outputs.mul_(0.5), targets)


@pytest.mark.parametrize("build", [network, perceptron])
def test_what_is_written_into_a_batch_is_written_into_a_copy(build):
    """In training a loader gives it anew each time; here the caller's own data would change, and with it the loss."""
    whole = nn.Sequential(nn.Hardtanh(0.0, 1.5, inplace=True), *build())
    clamped, x, y = X.clamp(0.0, 1.5), X.clone(), Y + 1
    known = values(build(), lambda z, t: CROSS(0.5 * z, t), (clamped, Y))
    assert values(whole, halved, (x, y)) == pytest.approx(known, rel=2e-4)
    assert values(build(), halved, (clamped, y)) == pytest.approx(known, rel=2e-4)
    found = probe(whole, halved, (x, y), torch.optim.SGD(whole.parameters(), lr=0.1), population=N)
    assert found.noise_scale.value == pytest.approx(known[4], rel=2e-4)
    assert torch.equal(x, X)
    assert torch.equal(y, Y + 1)


class Padded(nn.Module):
    """The mean over all places of what torch computes otherwise in evaluation mode where nothing is differentiated."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(4, 2, 4, dropout=0.0, batch_first=True)
        self.encoder, self.head = nn.TransformerEncoder(layer, 1), nn.Linear(4, 3)

    def forward(self, x, padding):
        hidden = self.encoder(x, src_key_padding_mask=padding)
        hidden.retain_grad()
        return self.head(hidden.mean(dim=1))


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_a_value_alone_is_computed_as_in_training():
    torch.manual_seed(0)
    model, padding = Padded().eval(), torch.arange(5) >= torch.randint(1, 6, (N, 1))
    data = (torch.randn(N, 5, 4), padding), Y
    found = probe(model, CROSS, data, torch.optim.SGD(model.parameters(), lr=0.1), population=N)
    assert found.loss == pytest.approx(CROSS(model(*data[0]), Y).item(), rel=1e-6)
    each = [torch.autograd.grad(CROSS(model(x[None], p[None]), y[None]), list(model.parameters())) for x, p, y in
            zip(*data[0], Y, strict=True)]  # fmt: skip
    trace = float(sum(torch.stack(g).double().var(dim=0, correction=0).sum() for g in zip(*each, strict=True)))
    assert gradient_covariance_trace(model, CROSS, data, population=N).trace == pytest.approx(trace, rel=1e-4)
