"""Tests of ``tools.gradients.layerwise``."""

import pytest
import torch
from benchmarks.architecture_zoo import CASES, CROSS, SAMPLES, labels
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils.data import DataLoader, TensorDataset

from trainphys.tools.gradients import layerwise
from trainphys.tools.gradients.layerwise import model_pass
from trainphys.tools.gradients.per_sample import gradient_spread
from trainphys.tools.models.batches import rows
from trainphys.tools.models.model_loss import ModelLoss

# Layer by layer each of these is right by itself; the others meet a layer twice, or not as rows of samples.
OTHERS = {
    "attention", "transformer", "tied", "the same layer twice", "used elsewhere", "branching", "samples times places",
    "places in front", "recurrent", "long short-term memory", "gated",
}  # fmt: skip


def case(name):
    torch.manual_seed(3)
    build, draw = CASES[name]
    model, x, y = build().double(), draw(), labels()
    return ModelLoss(model, CROSS), (x.double() if x.is_floating_point() else x, y)


@pytest.mark.parametrize("most", [2**23, 20])
@pytest.mark.parametrize("name", sorted(set(CASES) - OTHERS))
def test_squares_and_products_of_known_layers(monkeypatch, name, most):
    """Also where gradients are written out for a few samples at a time."""
    monkeypatch.setattr(layerwise, "MOST_NUMBERS", most)
    of, batch = case(name)
    each = torch.stack([of.gradient(rows(batch, k, k + 1)) for k in range(SAMPLES)])
    found = model_pass(of, SAMPLES, batch)
    assert found is not None
    way = torch.arange(len(of.at), dtype=torch.float64).sin()
    both = torch.stack([each.square().sum(dim=1), each @ way])
    torch.testing.assert_close(found.measured(of.split(way)), both, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(found.gradient, each.mean(dim=0), rtol=1e-9, atol=1e-12)
    assert not any(module._forward_hooks for module in of.model.modules())


@pytest.mark.parametrize("name", ["attention", "transformer", "tied", "the same layer twice", "recurrent", "branching"])
def test_what_is_known_to_be_otherwise_is_left_to_single_samples(name):
    assert model_pass(*case(name)[:1], SAMPLES, case(name)[1]) is None


@pytest.mark.parametrize("name", ["residual", "places in front"])
def test_the_quick_way_is_taken_where_it_is_right(monkeypatch, name):
    """Rows that are samples by their number alone are seen by the single samples that are compared."""
    made = []
    gradient = ModelLoss.gradient
    monkeypatch.setattr(ModelLoss, "gradient", lambda self, *a: made.append(1) or gradient(self, *a))
    of, batch = case(name)
    found = gradient_spread(of.model, CROSS, batch)
    assert (len(made) < SAMPLES) == (name == "residual")
    each = torch.stack([gradient(of, rows(batch, k, k + 1)) for k in range(SAMPLES)])
    torch.testing.assert_close(found.squared_distances, (each - each.mean(dim=0)).square().sum(dim=1))


def test_a_loader_that_shuffles_gives_each_sample_its_own_product():
    """The second pass has another order: squares of one order and products of the other would be of no sample."""
    torch.manual_seed(3)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 3)).double()
    x, y = torch.randn(12, 1, 4, 4, dtype=torch.float64), torch.randint(0, 3, (12,))
    loss = nn.functional.cross_entropy
    whole = gradient_spread(model, loss, (x, y))
    loader = DataLoader(TensorDataset(x, y), 5, shuffle=True)
    found = gradient_spread(model, loss, loader)
    for name in ("squared_distances", "along_mean"):
        assert getattr(found, name).sort()[0].tolist() == pytest.approx(
            getattr(whole, name).sort()[0].tolist(), rel=1e-9
        )


class Largest(TorchFunctionMode):
    """Notes how many numbers the largest tensor holds."""

    numbers = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        found = func(*args, **(kwargs or {}))
        self.numbers = max(self.numbers, found.numel() if isinstance(found, torch.Tensor) else 0)
        return found


@pytest.mark.parametrize("padded", [None, 0])
def test_an_embedding_over_long_rows_makes_no_pairs_of_places(padded):
    """They are the square of the length: a thousand tokens took gigabytes."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(7, 3, padding_idx=padded), nn.Flatten(), nn.Linear(3 * 100, 3)).double()
    data = torch.randint(0, 7, (6, 100)), torch.randint(0, 3, (6,))
    of = ModelLoss(model, CROSS)
    each = torch.stack([of.gradient(rows(data, k, k + 1)) for k in range(6)])
    found = model_pass(of, 6, data)
    assert found is not None
    with Largest() as made:
        squares = found.measured(of.split(of.at))[0]
    torch.testing.assert_close(squares, each.square().sum(dim=1), rtol=1e-9, atol=1e-12)
    assert made.numbers < 6 * 100 * 100


class Called(nn.Module):
    """A layer that is called in another way than with its inputs alone, by place."""

    def __init__(self, layer, **settings):
        super().__init__()
        self.layer, self.settings = layer, settings

    def forward(self, x):
        return self.layer(input=x, **self.settings).flatten(1)


@pytest.mark.parametrize(
    ("build", "known"),
    [
        (lambda: Called(nn.Conv1d(2, 2, 2)), True),
        (lambda: Called(nn.Linear(4, 4)), True),
        (lambda: Called(nn.ConvTranspose1d(2, 1, 2, stride=2), output_size=[9]), False),
    ],
)
def test_a_layer_may_be_called_by_name_and_with_more(build, known):
    torch.manual_seed(0)
    model, data = build().double(), (torch.randn(6, 2, 4, dtype=torch.float64), torch.randint(0, 3, (6,)))
    of = ModelLoss(model, CROSS)
    assert (model_pass(of, 6, data) is not None) == known
    each = torch.stack([of.gradient(rows(data, k, k + 1)) for k in range(6)])
    found = gradient_spread(model, CROSS, data).squared_distances
    torch.testing.assert_close(found, (each - each.mean(dim=0)).square().sum(dim=1))
