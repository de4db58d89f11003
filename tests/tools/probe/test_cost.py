"""What a probe will cost, beside what it does cost."""

import pytest
import torch
from torch.optim import SGD, Adam
from torch.utils.data import DataLoader, TensorDataset

from tests.tools.test_architectures import CASES, CROSS
from trainphys import probe, probe_cost

N = 300


def case(name="conv 2d"):
    torch.manual_seed(0)
    model = CASES[name][0]()
    x = torch.cat([CASES[name][1]() for _ in range(N // 12)])
    return model, x, torch.randint(0, 3, (N,))


@pytest.mark.parametrize("loader", [False, True])
@pytest.mark.parametrize("name", ["perceptron", "conv 2d", "used elsewhere"])
def test_no_more_passes_than_it_says(name, loader):
    """Samples through the model, over those in the data."""
    model, x, y = case(name)
    data = DataLoader(TensorDataset(x, y), 50) if loader else (x, y)
    optimizer = SGD(model.parameters(), lr=0.1)
    cost = probe_cost(model, CROSS, data, optimizer, most_products=40)
    seen = []
    handle = next(iter(model.children())).register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    found = probe(model, CROSS, data, optimizer, most_products=40)
    handle.remove()
    assert cost.samples == N
    assert cost.singles == (N if name == "used elsewhere" else 0)
    products = found.products + 2
    assert found.products <= cost.products
    through = products if loader else 2  # one batch keeps its graph
    assert sum(seen) / N <= cost.gradients + through + cost.singles / N
    assert sum(seen) / N > cost.gradients - 3


def test_seconds_add_up_and_the_bar_moves(capsys):
    model, x, y = case()
    sgd = SGD(model.parameters(), lr=0.1)
    cost = probe_cost(model, CROSS, (x, y), sgd)
    assert cost.seconds == cost.gradients * cost.seconds_per_gradient + cost.products * cost.seconds_per_product
    assert " ".join(str(cost).split()).endswith(f"at most {cost.seconds:.2g} s for 300 samples")  # wherever lines end
    probe(model, CROSS, (x, y), sgd, progress=True)
    assert "product" in capsys.readouterr().err
    probe(model, CROSS, (x, y), sgd)
    assert capsys.readouterr().err == ""


def test_another_preconditioner_takes_a_second_eigenvalue():
    model, x, y = case()
    adam = Adam(model.parameters(), lr=0.1)
    assert probe_cost(model, CROSS, (x, y), adam, most_products=50).products == 52
    CROSS(model(x), y).backward()
    adam.step()
    assert probe_cost(model, CROSS, (x, y), adam, most_products=50).products == 102


def test_the_model_is_left_as_it_was():
    model, x, y = case()
    before = torch.get_rng_state()
    probe_cost(model.train(), CROSS, DataLoader(TensorDataset(x, y), 50, shuffle=True), SGD(model.parameters(), lr=0.1))
    assert model.training
    assert torch.equal(torch.get_rng_state(), before)
    assert all(p.grad is None for p in model.parameters())
    with pytest.raises(ValueError, match="most_products >= 1"):
        probe_cost(model, CROSS, (x, y), SGD(model.parameters(), lr=0.1), most_products=0)


def test_where_no_second_derivatives_are_there_is_no_product():
    torch.manual_seed(0)
    model, data = torch.nn.EmbeddingBag(5, 3), (torch.randint(0, 5, (N, 4)), torch.randint(0, 3, (N,)))
    sgd = SGD(model.parameters(), lr=0.1)
    cost, found = probe_cost(model, CROSS, data, sgd), probe(model, CROSS, data, sgd)
    assert cost.products == found.products == 0
    assert found.noise_scale.value > 0
    assert cost.seconds == cost.gradients * cost.seconds_per_gradient + cost.singles * cost.seconds_per_single
