"""Tests of ``tools.schedules.shapes``."""

import io
import math
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainphys.tools.schedules import shapes as shapes
from trainphys.tools.schedules.shaped_lr import ShapedLR
from trainphys.tools.schedules.shapes import (
    constant_shape,
    cosine_decay,
    exponential_decay,
    inverse_time_decay,
    linear_decay,
    logarithmic_decay,
    step_decay,
)
from trainphys.workloads.datasets import digits_split

STEPS = 24


ALL = [
    constant_shape,
    partial(linear_decay, end=0.0),
    cosine_decay,
    step_decay,
    exponential_decay,
    inverse_time_decay,
    logarithmic_decay,
]


OPTIMIZERS = [
    partial(torch.optim.SGD, lr=0.3, momentum=0.9),
    partial(torch.optim.Adam, lr=0.01),
]


def _start(optimizer_of, shape):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(64, 8), torch.nn.Tanh(), torch.nn.Linear(8, 10))
    groups = [{"params": model[0].parameters()}, {"params": model[2].parameters(), "lr": 0.02}]
    optimizer = optimizer_of(groups)
    return model, optimizer, ShapedLR(optimizer, STEPS, shape)


def _train(model, optimizer, scheduler, first, last):
    data, rates = digits_split(), []
    for n in range(first, last):
        batch = torch.from_numpy(np.random.default_rng([n, 7]).integers(len(data.labels), size=32))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(data.inputs[batch]), data.labels[batch]).backward()
        rates.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize("shape", ALL)
@pytest.mark.parametrize("optimizer_of", OPTIMIZERS)
@pytest.mark.parametrize("scheduler_first", [True, False])
def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(shape, optimizer_of, scheduler_first) -> None:
    whole = _start(optimizer_of, shape)
    rates = _train(*whole, 0, STEPS)

    half = _start(optimizer_of, shape)
    early = _train(*half, 0, 9)
    file = io.BytesIO()
    torch.save([part.state_dict() for part in half], file)
    file.seek(0)
    states = torch.load(file, weights_only=True)  # plain data, no code

    again = _start(optimizer_of, shape)
    order = [2, 1, 0] if scheduler_first else [0, 1, 2]
    for k in order:
        again[k].load_state_dict(states[k])
    late = _train(*again, 9, STEPS)

    assert early + late == rates
    assert again[2].get_last_lr() == whole[2].get_last_lr()
    for one, other in zip(whole[0].parameters(), again[0].parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("shape", ALL)
def test_rates_are_the_shape_of_progress(shape) -> None:
    model, optimizer, scheduler = _start(OPTIMIZERS[0], shape)
    rates = np.array(_train(model, optimizer, scheduler, 0, STEPS))
    factors = [float(shape(n / STEPS)) for n in range(STEPS)]
    assert rates[:, 0] == pytest.approx(0.3 * np.array(factors))
    assert rates[:, 1] == pytest.approx(0.02 * np.array(factors))


def test_the_last_rate_stays() -> None:
    _, optimizer, scheduler = _start(OPTIMIZERS[0], exponential_decay)
    for _ in range(STEPS + 5):
        optimizer.step()
        scheduler.step()
    assert scheduler.get_last_lr()[0] == pytest.approx(0.003)


def test_against_pytorchs_own_schedulers() -> None:
    own = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    theirs = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    one = ShapedLR(own, 50, partial(cosine_decay, end=0.1))
    other = torch.optim.lr_scheduler.CosineAnnealingLR(theirs, 50, eta_min=0.05)
    for _ in range(50):
        for optimizer, scheduler in ((own, one), (theirs, other)):
            optimizer.step()
            scheduler.step()
        assert one.get_last_lr()[0] == pytest.approx(other.get_last_lr()[0], rel=1e-9)


FALLING = [
    shapes.linear_decay,
    shapes.cosine_decay,
    shapes.step_decay,
    shapes.exponential_decay,
    shapes.inverse_time_decay,
    shapes.logarithmic_decay,
]


@given(st.sampled_from(FALLING), st.floats(1e-4, 1.0), st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_shapes_fall_from_one_to_their_end(shape, end, progress) -> None:
    p = np.sort(progress)
    factors = shape(p, end)
    assert (np.diff(factors) <= 1e-12).all()
    assert shape(0.0, end) == pytest.approx(1.0)
    assert shape(1.0, end) == pytest.approx(end)
    # one by one or all at once: the same to rounding (NumPy's powers differ by a last bit between the two)
    assert [float(shape(x, end)) for x in p] == pytest.approx(factors.tolist(), rel=1e-14)


def test_shapes_in_closed_form() -> None:
    assert shapes.exponential_decay(0.25, 1e-4) == pytest.approx(0.1)
    assert shapes.cosine_decay(1 / 3, 0.0) == pytest.approx(0.75)
    assert shapes.step_decay([0.24, 0.26, 0.51, 0.76], 0.001, drops=3) == pytest.approx([1, 0.1, 0.01, 0.001])
    assert shapes.inverse_time_decay(0.5, 0.2) == pytest.approx(1 / 3)
    # logarithmic cooling: 1/T is linear in the logarithm of time
    t = np.array([1e-2, 1e-1, 1.0])
    inverse = 1 / shapes.logarithmic_decay(t, 0.1, periods=1e9)
    assert np.diff(inverse)[0] == pytest.approx(np.diff(inverse)[1], rel=1e-6)


def test_means_of_shapes() -> None:
    p = np.linspace(0, 1, 1001)
    assert np.trapezoid(shapes.linear_decay(p, 0.2), p) == pytest.approx(0.6)
    assert np.trapezoid(shapes.exponential_decay(p, 0.01), p) == pytest.approx(0.99 / math.log(100), rel=1e-5)
    assert shapes.quench_shape([0.0, 0.5], 0.2).tolist() == [0.2, 0.2]
    assert shapes.constant_shape([0.0, 0.5], 0.2).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("shape", [*FALLING, shapes.quench_shape])
def test_a_run_ends_at_a_hundredth_unless_it_is_told(shape) -> None:
    assert shape(1.0) == pytest.approx(0.01)
    assert shape(1.0, 1.0) == 1.0


def test_defaults_of_steps_and_of_the_logarithm() -> None:
    """Two drops, in thirds of the run; a thousand times the time after which the logarithm sets in."""
    assert shapes.step_decay([0.33, 0.34, 0.66, 0.67]) == pytest.approx([1, 0.1, 0.1, 0.01])
    assert shapes.step_decay([0.49, 0.5], 0.2, drops=1) == pytest.approx([1, 0.2])
    expected = 1 / (1 + 9 * math.log(1 + 250.0) / math.log(1001.0))
    assert shapes.logarithmic_decay(0.25, 0.1) == pytest.approx(expected)
    # few periods: the logarithm is still straight, which is decay as 1/t
    assert shapes.logarithmic_decay(0.3, 0.1, periods=1e-9) == pytest.approx(float(shapes.inverse_time_decay(0.3, 0.1)))


@pytest.mark.parametrize("shape", [*FALLING, shapes.quench_shape, shapes.constant_shape])
@pytest.mark.parametrize("progress", [-1e-9, 1 + 1e-9, math.nan])
def test_a_progress_beyond_the_run_is_refused(shape, progress) -> None:
    with pytest.raises(ValueError, match=r"progress in \[0, 1\]"):
        shape([0.5, progress])


@pytest.mark.parametrize("shape", [*FALLING, shapes.quench_shape])
def test_an_end_is_a_share_of_the_start(shape) -> None:
    zero = shape in (shapes.linear_decay, shapes.cosine_decay, shapes.quench_shape)
    for end in (-1e-9, 1 + 1e-9, math.nan):
        bound = "0 <= end <= 1" if zero else "0 < end <= 1"
        with pytest.raises(ValueError, match=f"expected {bound}, got {end}: it is the last factor over the first"):
            shape(0.5, end)
    if zero:
        assert shape(1.0, 0.0) == 0
    else:
        with pytest.raises(ValueError, match=r"0 < end <= 1, got 0.0"):
            shape(0.5, 0.0)


def test_other_arguments_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="whole number drops >= 1"):
        shapes.step_decay(0.5, 0.1, drops=0)
    with pytest.raises(ValueError, match="periods > 0"):
        shapes.logarithmic_decay(0.5, 0.1, periods=0.0)
    for duration, start, end in ((0.0, 1.0, 0.1), (1.0, math.inf, 0.1), (1.0, 1.0, 0.0)):
        with pytest.raises(ValueError, match="> 0 and finite"):
            shapes.cooling_time(duration, start, end)
    for end in (1.0, [0.5, 2.0]):
        with pytest.raises(ValueError, match=r"end < start, got .* and 1\.0: cooling goes down"):
            shapes.cooling_time(1.0, 1.0, end)
