"""Each value of a probe beside loops over samples and built Hessians, on many architectures; and what it leaves."""

import json
import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW
from torch.utils.data import DataLoader, TensorDataset

from tests.tools.test_architectures import CASES, CROSS, SAMPLES, brute_force, labels
from trainphys import Estimate, probe, probe_cost, sgd_temperature
from trainphys.tools.probe.updates import updates
from trainphys.tools.probe.values import Refused, interval, missing

LOOKED = {"tolerance": 1e-7, "population": SAMPLES, "most_products": 2000}


def case(name):
    torch.manual_seed(3)
    build, draw = CASES[name]
    model, x, y = build().double(), draw(), labels()
    return model, x.double() if x.is_floating_point() else x, y


def trained(model, x, y, optimizer, updates=3):
    for _ in range(updates):
        optimizer.zero_grad()
        CROSS(model(x), y).backward()
        optimizer.step()
    optimizer.zero_grad()
    return optimizer


@pytest.mark.parametrize("name", CASES)
def test_sgd_against_brute_force(name):
    model, x, y = case(name)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.5, weight_decay=0.25)
    found = probe(model, CROSS, (x, y), optimizer, batch_size=4, **LOOKED)
    each, hessian = brute_force(model, x, y)
    mean = each.mean(axis=0)
    noise = ((each - mean) ** 2).sum(axis=1).mean()
    top = np.linalg.eigvalsh(hessian)[-1]
    assert found.loss == pytest.approx(CROSS(model(x), y).item(), rel=1e-12)
    assert found.sharpness.value == pytest.approx(top, rel=1e-9)
    assert found.margin.value == pytest.approx(3 / (0.05 * (top + 0.25)), rel=1e-9)
    assert found.noise_scale.value == pytest.approx(noise / (mean @ mean), rel=1e-9)
    assert found.temperature.value == pytest.approx(0.05 * noise / (2 * 4 * 0.5 * len(mean)), rel=1e-9)
    assert found.excess_loss.value == pytest.approx(len(mean) / 2 * found.temperature.value, rel=1e-12)
    assert (found.samples, found.sharpness.n, found.parameters) == (SAMPLES, SAMPLES, len(mean))
    assert all(interval(value) == pytest.approx((value.value, value.value), rel=1e-6) for value in got(found).values())


@pytest.mark.parametrize("name", ["perceptron", "conv 2d", "transformer", "attention", "tied"])
def test_adamw_with_groups_against_a_built_matrix(name):
    model, x, y = case(name)
    parameters = list(model.parameters())
    groups = [{"params": parameters[:2], "weight_decay": 0.5}, {"params": parameters[2:], "lr": 0.01}]
    optimizer = trained(model, x, y, AdamW(groups, lr=0.002, betas=(0.9, 0.98)))
    found = probe(model, CROSS, (x, y), optimizer, **LOOKED)
    _, hessian = brute_force(model, x, y)
    rates, decays = [], []
    for group in optimizer.param_groups:
        for p in group["params"]:
            for v in optimizer.state[p]["exp_avg_sq"].flatten().tolist():
                scale = (v / (1 - 0.98**3)) ** 0.5 + 1e-8
                rates.append(group["lr"] * 0.1 / (1 - 0.9**3) / scale)
                decays.append(1.9 * group["lr"] * group["weight_decay"])
    root = np.sqrt(rates)
    seen = root[:, None] * hessian * root + np.diag(decays)
    assert found.margin.value == pytest.approx(3.8 / np.linalg.eigvalsh(seen)[-1], rel=1e-7)
    assert found.sharpness.value == pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-9)
    assert isinstance(found.temperature, Refused)
    assert isinstance(found.noise_scale, Estimate)


def got(found):
    return {name: value for name, value in found.values().items() if isinstance(value, Estimate)}


def own(model, batch):
    return CROSS(model(batch["x"]), batch["y"])


@pytest.mark.parametrize("name", ["perceptron", "conv 2d", "transformer"])
def test_one_answer_in_every_form_of_data(name):
    model, x, y = case(name)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.5)
    known = got(probe(model, CROSS, (x, y), optimizer, batch_size=5, **LOOKED))
    rows = TensorDataset(x, y)
    forms = [
        (CROSS, rows, {"batch_size": 5}),
        (CROSS, DataLoader(rows, 5, shuffle=True), {}),  # whose batch size is that of the updates
        (own, {"x": x, "y": y}, {"batch_size": 5}),
        (own, DataLoader([{"x": a, "y": b} for a, b in rows], 4), {"batch_size": 5}),
    ]
    for loss, data, more in forms:
        found = got(probe(model, loss, data, optimizer, **LOOKED, **more))
        assert found.keys() == known.keys()
        for key in known:
            assert found[key].value == pytest.approx(known[key].value, rel=1e-8), key


def test_the_temperature_is_that_of_its_own_tool():
    model, x, y = case("conv 2d")
    x, y = x.repeat(4, 1, 1, 1), y.repeat(4)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.5, dampening=0.2)
    found = probe(model, CROSS, (x, y), optimizer, batch_size=4, relative_error=9.0)
    whole = sgd_temperature(
        model, CROSS, (x, y), learning_rate=0.05 * 0.8, batch_size=4, momentum=0.5, relative_error=9.0
    )
    assert found.temperature.value == pytest.approx(whole.value, rel=1e-12)
    assert found.temperature.stderr == pytest.approx(whole.stderr, rel=1e-12)
    few = probe(model, CROSS, (x[:20], y[:20]), optimizer, batch_size=4, relative_error=9.0)
    assert "30 samples or more" in few.temperature.why
    rough = probe(model, CROSS, (x, y), optimizer, batch_size=4, relative_error=1e-3)
    assert "a relative error below 0.001" in rough.temperature.why
    unknown = probe(model, CROSS, (x, y), optimizer, relative_error=9.0)
    assert "give batch_size" in unknown.temperature.why
    assert unknown.margin.value == found.margin.value


def test_the_interval_of_the_sharpness_is_as_wide_as_samples_scatter():
    """Over many samples from one population; and none where all of it is given."""
    torch.manual_seed(0)
    x = torch.randn(20_000, 3, dtype=torch.float64) * torch.tensor([3.0, 1.0, 1.0])
    y = (x[:, 0] + torch.randn(len(x)) > 0).long()
    model = nn.Sequential(nn.Linear(3, 2)).double()
    optimizer = SGD(model.parameters(), lr=0.1)
    found = [probe(model, CROSS, (x[k : k + 250], y[k : k + 250]), optimizer).sharpness for k in range(0, len(x), 250)]
    scatter = np.std([value.value for value in found], ddof=1)
    assert np.mean([value.stderr for value in found]) == pytest.approx(scatter, rel=0.25)
    whole = probe(model, CROSS, (x, y), optimizer, population=len(x)).sharpness
    held = np.mean([low < whole.value < high for low, high in map(interval, found)])
    assert 0.85 <= held <= 1
    part = probe(model, CROSS, (x[:250], y[:250]), optimizer, population=500).sharpness
    assert part.stderr == pytest.approx(found[0].stderr * (250 / 499) ** 0.5, rel=1e-3)


class Drawing(TensorDataset):
    """Data that draw from all generators, as those with augmentations do."""

    def __getitem__(self, k):
        random.random()
        np.random.rand()  # noqa: NPY002
        return super().__getitem__(k)


def dropped():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Sequential(nn.Linear(4, 3)))


def test_a_run_goes_on_as_if_nobody_had_looked():
    def run(look):
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002
        random.seed(0)
        model = dropped()
        model[3].eval()
        optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
        own_generator = torch.Generator().manual_seed(5)
        loader = DataLoader(Drawing(torch.randn(64, 3), labels().repeat(6)[:64]), 16, shuffle=True)
        other = DataLoader(loader.dataset, 16, shuffle=True, generator=own_generator)
        for x, y in [*loader, *other]:
            CROSS(model(x), y).backward()  # gradients add up: they must be left alone
            if look:
                for data in (loader, other):
                    found = probe(model, CROSS, data, optimizer)
                assert "evaluation mode" in found.notes[0]
                assert isinstance(found.sharpness, Estimate)
            optimizer.step()
        modes = [module.training for module in model.modules()]
        state = [*model.state_dict().values(), *(p.grad for p in model.parameters())]
        draws = torch.rand(1), torch.tensor(np.random.rand()), torch.tensor(random.random())  # noqa: NPY002
        return modes, [t.clone() for t in (*state, *draws, own_generator.get_state(), *next(iter(loader)))]

    (modes, alone), (other_modes, looked) = run(False), run(True)
    assert modes == other_modes
    assert len(set(modes)) == 2
    assert all(torch.equal(a, b) for a, b in zip(alone, looked, strict=True))


@pytest.mark.parametrize(
    ("part", "noted"),
    [
        (nn.Tanh(), 0),
        (nn.LayerNorm(3), 0),
        (nn.Dropout(0.5), 1),
        (nn.BatchNorm1d(3), 1),
        (nn.Dropout(0.5).eval(), 0),
        (nn.TransformerEncoderLayer(3, 1, 2), 1),
        (type("Own", (nn.Identity,), {})(), 1),
        (nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3)), 1),
        (nn.utils.spectral_norm(nn.Linear(3, 3)), 1),
        (nn.utils.spectral_norm(nn.Linear(3, 3)).eval(), 0),
    ],
)
def test_training_mode_is_noted_where_it_makes_a_difference(part, noted):
    model = nn.Sequential(nn.Linear(3, 3), part)
    model.training = model[0].training = True
    found = probe(model, CROSS, (torch.randn(12, 3), labels()), SGD(model.parameters(), lr=0.1))
    assert len(found.notes) == noted


def test_modes_come_back_after_an_error():
    model = dropped()
    with pytest.raises(ValueError, match="expected a loss that is one finite number, got 3"):
        probe(model, lambda *_: 3, (torch.zeros(4, 3), torch.zeros(4)), SGD(model.parameters()))
    assert model.training


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimizer": SGD([torch.zeros(1, requires_grad=True)], lr=0.1)}, "got 2 that are not: add them"),
        ({"optimizer": 0.1}, "give model, loss, data, optimizer in this order"),
        ({"model": CROSS}, "give model, loss, data in this order"),
        ({"data": [1, 2]}, "expected one batch or a loader"),
        ({"batch_size": 0}, "batch_size >= 1"),
        ({"population": 3}, "a population of at least the 12 samples given, got 3"),
        ({"most_products": 0}, "most_products >= 1"),
        ({"tolerance": 0.0}, "tolerance > 0"),
        ({"relative_error": 0.0}, "relative_error > 0"),
    ],
)
def test_what_no_value_can_be_had_from_is_refused_as_a_whole(change, message):
    model, x, y = case("softmax regression")
    given = {"model": model, "loss": CROSS, "data": (x, y), "optimizer": SGD(model.parameters(), lr=0.1)} | change
    with pytest.raises(ValueError, match=message):
        probe(**given)


def test_a_value_that_cannot_be_had_does_not_lose_the_others():
    model, x, y = case("perceptron")
    optimizer = SGD(model.parameters(), lr=0.05)
    few = probe(model, CROSS, (x, y), optimizer, batch_size=4, population=SAMPLES, most_products=1)
    assert "raise most_products" in few.sharpness.why
    assert few.margin.why == few.largest_learning_rate.why.replace("margin", "sharpness") == missing("sharpness")
    assert few.advice["learning rate"].why == missing("margin")
    assert few.noise_scale.value > 0
    weighted = nn.CrossEntropyLoss(weight=torch.tensor([9.0, 1.0, 1.0], dtype=torch.float64))
    found = probe(model, weighted, (x, y), optimizer, batch_size=4)
    assert all("give the mean over samples" in getattr(found, name).why for name in ("sharpness", "noise_scale"))
    assert "population=12" in found.sharpness.why
    told = str(found).replace("\n", "").replace(" ", "")
    assert told.count("givethemeanoversamples") == 2  # a reason stands once, beside the value that it is about
    assert found.temperature.why == found.advice["batch size"].why == missing("noise scale")
    assert found.advice["cooling"].why == missing("excess loss")
    whole = probe(model, weighted, (x, y), optimizer, batch_size=4, population=SAMPLES)
    assert whole.sharpness.value > 0


def test_no_direction_rises():
    model = nn.Linear(2, 1, bias=False)
    data = torch.randn(8, 2), torch.randn(8, 1)
    found = probe(
        model, lambda z, t: -nn.functional.mse_loss(z, t), data, SGD(model.parameters(), lr=0.1), population=8
    )
    assert "there is no limit here" in found.margin.why


def test_a_rate_of_zero_has_no_margin():
    model, x, y = case("softmax regression")
    found = probe(model, CROSS, (x, y), SGD(model.parameters(), lr=0.0), population=SAMPLES)
    assert "expected a learning rate above 0" in found.margin.why


def test_the_batch_size_of_a_sampler_of_batches_is_seen():
    model, x, y = case("softmax regression")
    rows = TensorDataset(x, y)
    batches = torch.utils.data.BatchSampler(range(SAMPLES), 5, drop_last=False)
    found = probe(model, CROSS, DataLoader(rows, batch_sampler=batches), SGD(model.parameters(), lr=0.1))
    assert found.batch_size == 5
    assert probe(model, CROSS, DataLoader(rows, 5), SGD(model.parameters(), lr=0.1), batch_size=7).batch_size == 7


def test_the_batch_size_of_a_loader_is_the_number_of_rows_that_its_batches_have():
    """Also where each item of its set is a batch already, and a batch size of one is one of these."""
    model, x, y = case("softmax regression")
    sgd, rows = SGD(model.parameters(), lr=0.1), TensorDataset(x, y)

    def size(data):
        return probe(model, CROSS, data, sgd, population=SAMPLES).batch_size

    ready = [(x[k : k + 4], y[k : k + 4]) for k in range(0, SAMPLES, 4)]
    joined = lambda parts: tuple(torch.cat(column) for column in zip(*parts, strict=True))  # noqa: E731
    found = probe(model, CROSS, DataLoader(ready, 1, collate_fn=lambda one: one[0]), sgd, population=SAMPLES)
    known = probe(model, CROSS, DataLoader(rows, 4), sgd, population=SAMPLES)
    assert (found.batch_size, known.batch_size) == (4, 4)
    assert found.temperature.value == pytest.approx(known.temperature.value, rel=1e-9)
    assert size(DataLoader(ready, 2, collate_fn=joined)) == 8
    assert size(DataLoader(rows, 50)) == 50  # of which there are but a few
    uneven = [(x[i:j], y[i:j]) for i, j in ((0, 1), (1, 3), (3, 7), (7, 12))]
    assert size(DataLoader(uneven, 1, collate_fn=lambda one: one[0])) is None


def test_json_holds_all_of_it():
    model, x, y = case("perceptron")
    found = probe(model, CROSS, (x, y), SGD(model.parameters(), lr=0.05), population=SAMPLES)
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["sharpness"]["value"] == found.sharpness.value
    assert told["noise_scale"]["interval"] == list(interval(found.noise_scale))
    assert told["temperature"] == {"refused": found.temperature.why}
    assert told["advice"]["learning rate"] == {
        "text": found.advice["learning rate"].text,
        "tried": "SGD with momentum "
        "on quadratic losses, and on a perceptron on digits with the exact gradient (chapter A3).",
    }
    assert told["notes"] == list(found.notes)
    for kind in (np.int64, torch.tensor, int):
        optimizer = SGD(model.parameters(), lr=float("nan"))
        found = probe(
            model,
            CROSS,
            (x, y),
            optimizer,
            population=kind(SAMPLES) if kind is np.int64 else SAMPLES,
            batch_size=kind(4),
        )
        told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert (told["batch_size"], told["learning_rate"]) == (4, None)


def test_the_temperature_of_a_group_is_that_of_sgd_temperature_while_the_others_are_frozen():
    """As the refusal says: against the covariance of the group's own gradients, sample by sample."""
    model, x, y = case("perceptron")
    first, last = [*model.parameters()][:2], [*model.parameters()][2:]
    optimizer = SGD([{"params": first, "lr": 0.1}, {"params": last, "lr": 0.02}])
    found = probe(model, CROSS, (x, y), optimizer, batch_size=4, population=SAMPLES)
    assert "for each group call sgd_temperature with its settings while the" in found.temperature.why
    assert found.temperature.why.endswith("of the others have requires_grad_(False)")
    for group, others in zip(optimizer.param_groups, (last, first), strict=True):
        for p in others:
            p.requires_grad_(False)
        settings = {"learning_rate": group["lr"], "batch_size": 4, "population": SAMPLES}
        hot = sgd_temperature(model, CROSS, (x, y), **settings)
        each = [torch.autograd.grad(CROSS(model(x[i : i + 1]), y[i : i + 1]), group["params"]) for i in range(SAMPLES)]
        own = torch.stack([torch.cat([g.flatten() for g in one]) for one in each])
        trace = float((own - own.mean(dim=0)).square().sum(dim=1).mean())
        assert hot.value == pytest.approx(group["lr"] * trace / (2 * 4 * own.shape[1]))
        for p in others:
            p.requires_grad_(True)


def test_print_fits_a_terminal():
    """Whatever is refused, and however long the settings are."""
    model, x, y = case("perceptron")
    groups = [{"params": [p], "lr": 0.001234567} for p in model.parameters()]
    optimizer = SGD(groups, momentum=0.987654, weight_decay=0.000123456, nesterov=True)
    for given in ((x, y), DataLoader(TensorDataset(x.repeat(200, 1), y.repeat(200)), 1024)):
        for settings in ({}, {"batch_size": 1_000_000, "population": 12_345_678}):
            found = probe(model, CROSS, given, optimizer, **settings)
            lines = str(found).splitlines() + str(probe_cost(model, CROSS, given, optimizer)).splitlines()
            assert max(map(len, lines)) <= 80
            assert "\n".join(lines).count("parameters, ") == 1


def test_moments_of_normalised_batches_have_no_margin_in_evaluation_mode():
    """A bias before batch normalisation is flat in training mode: Adam's rate for it is far above the others'."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 3)).double()
    x, y = torch.randn(SAMPLES, 3, dtype=torch.float64), labels()
    adam = trained(model, x, y, AdamW(model.parameters(), lr=0.01), updates=20)
    mixed = probe(model, CROSS, (x, y), adam, **LOOKED)
    assert "got moments of batch normalisation in training mode" in mixed.margin.why
    assert mixed.sharpness.value > 0
    model[1].eval()
    adam = trained(model, x, y, AdamW(model.parameters(), lr=0.01), updates=20)
    frozen = probe(model, CROSS, (x, y), adam, **LOOKED)
    rates, shifts = updates(adam, list(model.parameters())).rates, updates(adam, list(model.parameters())).shifts
    hessian = brute_force(model, x, y)[1]
    root = rates.sqrt().numpy()
    top = np.linalg.eigvalsh(root[:, None] * hessian * root + np.diag(shifts.numpy()))[-1]
    assert frozen.margin.value == pytest.approx(3.8 / top, rel=1e-6)
    model[1].train()
    assert probe(model, CROSS, (x, y), SGD(model.parameters(), lr=0.1), **LOOKED).margin.value > 0
