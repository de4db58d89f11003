"""Tests of ``tools.models.tool``, on all tools that take a model."""

import inspect
import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

import trainphys

N, LOSS = 40, nn.functional.mse_loss
X, Y = torch.randn(N, 3, generator=torch.Generator().manual_seed(0)), torch.ones(N, 2)
TOOLS = ["sharpness", "hessian_trace", "gradient_covariance_trace", "noise_scale", "sgd_temperature"]
WATCHERS = ["probe", "probe_cost", "ProbeRecorder"]
ALL = {"population": N}
SETTINGS = {"noise_scale": ALL, "sgd_temperature": ALL | {"learning_rate": 0.1, "batch_size": 4}}


def model():
    return nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Unflatten(1, (2, 1)), nn.Linear(1, 1), nn.Flatten())


def given(name, of, data):
    """Arguments by position, as the tool has them."""
    return (of, LOSS, data, *([torch.optim.SGD(of.parameters(), lr=0.1)] if name in WATCHERS else []))


@pytest.mark.parametrize("name", TOOLS + WATCHERS)
def test_a_call_of_another_form_is_refused_in_words(name):
    call, settings = getattr(trainphys, name), SETTINGS.get(name, {})
    of, loss, data, *optimizer = given(name, model(), (X, Y))
    needed = "model, loss, data" + ", optimizer" * len(optimizer)
    wrong = {
        "too many positional arguments": lambda: call(of, loss, *data, *optimizer, **settings),
        "missing a required argument: 'data'": lambda: call(of, loss, **settings),
        "an unexpected keyword argument 'batchsize'": lambda: call(of, loss, data, *optimizer, batchsize=3, **settings),
    }
    for got, make in wrong.items():
        said = rf"expected \w+\({needed}, \.\.\.\), got {got}: give inputs and targets as one pair, settings by name"
        with pytest.raises(ValueError, match=said):
            make()
    assert call(model=of, loss=loss, data=data, **dict(zip(["optimizer"], optimizer, strict=False)), **settings)


@pytest.mark.parametrize("name", TOOLS + WATCHERS)
def test_the_signature_is_the_tools_own_and_is_read_in_help(name):
    shown = str(inspect.signature(getattr(trainphys, name)))
    assert "population" in shown or name in {"sharpness", "hessian_trace", "probe_cost", "ProbeRecorder"}
    assert "_typing" not in shown  # ArrayLike written out takes ten lines


def states(generator):
    python, array = random.getstate(), np.random.get_state()  # noqa: NPY002
    return python, array[1].tolist(), array[2], torch.get_rng_state().tolist(), generator.get_state().tolist()


class Drawn(TensorDataset):
    """Data that draw from all generators, and are the same all the same."""

    def __getitem__(self, k):
        random.random(), np.random.rand(), torch.rand(1)  # noqa: NPY002
        return super().__getitem__(k)


@pytest.mark.parametrize("name", TOOLS + WATCHERS)
def test_random_states_are_left_as_they_were(name):
    own = torch.Generator().manual_seed(1)
    drawn = Drawn(X, Y)
    loaders = [
        DataLoader(drawn, 8, shuffle=True),
        DataLoader(drawn, 8, shuffle=True, generator=own),
        DataLoader(drawn, 8, sampler=RandomSampler(drawn, generator=own)),
        DataLoader(drawn, batch_sampler=BatchSampler(RandomSampler(drawn, generator=own), 8, drop_last=False)),
    ]
    for loader in loaders:
        arguments = given(name, model(), loader)
        before = states(own)
        getattr(trainphys, name)(*arguments, **SETTINGS.get(name, {}))
        assert states(own) == before


def test_they_are_left_by_what_is_refused_too():
    random_one = nn.Sequential(nn.Linear(3, 2), nn.Dropout())
    before = torch.get_rng_state()
    with pytest.raises(ValueError, match="expected the same loss twice"):
        trainphys.sharpness(random_one, LOSS, (X, Y))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_dictionary_whose_attributes_are_its_keys_is_asked_for_none():
    class Keys(dict):
        def __getattr__(self, name):
            return self[name]

    own = lambda m, batch: LOSS(m(batch["x"]), batch["y"])  # noqa: E731
    of = model()
    assert trainphys.sharpness(of, own, Keys(x=X, y=Y)).value == trainphys.sharpness(of, LOSS, (X, Y)).value


@pytest.mark.parametrize("name", ["sharpness", "hessian_trace"])
def test_buffers_are_left_as_they_were_also_by_a_checkpoint(name):
    """It computes again in the backward pass, with the buffers of the model itself."""

    class Saved(nn.Sequential):
        def forward(self, x):
            return checkpoint(super().forward, x, use_reentrant=False)

    of = Saved(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 2))
    before = {key: value.clone() for key, value in of.named_buffers()}
    assert getattr(trainphys, name)(of, LOSS, (X, Y), **SETTINGS.get(name, {})).value
    assert all(torch.equal(value, before[key]) for key, value in of.named_buffers())


@pytest.mark.parametrize("name", TOOLS + WATCHERS)
def test_a_buffer_that_the_first_call_fills_is_asked_for_before_and_left_empty(name):
    """It would hold what the tool happened to look at first."""

    class Centred(nn.Sequential):
        def __init__(self, *parts):
            super().__init__(*parts)
            self.register_buffer("mean", None)

        def forward(self, x):
            self.mean = x.mean(dim=0) if self.mean is None else self.mean
            return super().forward(x - self.mean)

    of, call, settings = Centred(nn.Linear(3, 2)), getattr(trainphys, name), SETTINGS.get(name, {})
    keys = list(of.state_dict())
    with pytest.raises(ValueError, match=r"got mean empty until the model is called: call it once first"):
        call(*given(name, of, (X, Y)), **settings)
    assert of.mean is None
    assert list(of.state_dict()) == keys
    of(X)
    call(*given(name, of, (X, Y)), **settings)
    assert torch.equal(of.mean, X.mean(dim=0))


@pytest.mark.parametrize("name", ["gradient_covariance_trace", "noise_scale", "sgd_temperature", "probe"])
def test_a_population_is_a_whole_number_of_any_type(name):
    of, call = model(), getattr(trainphys, name)
    settings = SETTINGS.get(name, {}) | ({"batch_size": 4} if name == "probe" else {})
    found = [
        call(*given(name, of, (X, Y)), **settings | {"population": kind(N)}) for kind in (int, np.int64, torch.tensor)
    ]
    values = [getattr(one, "temperature", one) for one in found]
    values = [getattr(one, "trace", getattr(one, "value", None)) for one in values]
    assert values[0] == values[1] == values[2] > 0
    with pytest.raises(ValueError, match="population"):
        call(*given(name, of, (X, Y)), **settings | {"population": torch.tensor(40.5)})
