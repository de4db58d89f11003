"""Tests of ``tools.schedules.shaped_lr``."""

import copy
import io
import math
import pickle
import warnings
from functools import partial

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    ReduceLROnPlateau,
    SequentialLR,
)

from trainphys.tools.schedules.shaped_lr import ShapedLR, torch_exponential_fall
from trainphys.tools.schedules.shapes import cosine_decay, linear_decay, quench_shape


def test_bad_input() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    with pytest.raises(ValueError, match="expected a whole number total_steps >= 1"):
        ShapedLR(optimizer, 0)
    state = ShapedLR(optimizer, 10).state_dict()
    with pytest.raises(
        ValueError, match="a run of 20 steps, got one of 10: make the scheduler with the same total_steps"
    ):
        ShapedLR(optimizer, 20).load_state_dict(state)
    with pytest.raises(ValueError, match="expected tau > 0"):
        torch_exponential_fall(0.0, 1)
    with pytest.raises(ValueError, match="updates >= 1"):
        torch_exponential_fall(1.0, 0)


def test_a_run_may_begin_where_another_one_stopped() -> None:
    """By ``last_epoch``, from the first rates that the optimizer has kept; and one step is a whole run."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    first = ShapedLR(optimizer, 10)
    for _ in range(4):
        optimizer.step()
        first.step()
    second = ShapedLR(optimizer, 10, last_epoch=3)
    assert second.last_epoch == 4
    assert second.get_last_lr() == first.get_last_lr() == [pytest.approx(0.5 * 0.01**0.4)]
    assert "shape" not in second.state_dict()
    only = ShapedLR(torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0), 1)
    only.optimizer.step()
    only.step()
    assert only.get_last_lr() == [pytest.approx(0.01)]


def test_pytorch_multiplies_once_an_update() -> None:
    assert torch_exponential_fall(4.0, 3) == pytest.approx(math.exp(-3 / 4))
    assert torch_exponential_fall(0.5, 1) == pytest.approx(math.exp(-2))


STEPS, WARM = 12, 4
OURS, THEIRS = (lambda o: ShapedLR(o, STEPS, partial(cosine_decay, end=0.0))), (lambda o: CosineAnnealingLR(o, STEPS))


def optimizer_of(rates=(0.1,), tensor=False):
    groups = [
        {"params": [torch.nn.Parameter(torch.zeros(1))], "lr": torch.tensor(r, dtype=torch.float64) if tensor else r}
        for r in rates
    ]
    return torch.optim.SGD(groups, lr=0.1)


def warmed(make, optimizer):
    return SequentialLR(optimizer, [LinearLR(optimizer, 0.1, 1.0, WARM), make(optimizer)], [WARM])


def restarted(make, optimizer):
    return SequentialLR(optimizer, [make(optimizer), make(optimizer)], [5])


def chained(make, optimizer):
    return ChainedScheduler([make(optimizer), ExponentialLR(optimizer, 0.9)], optimizer)


def chained_first(make, optimizer):
    return ChainedScheduler([LinearLR(optimizer, 0.5, 1.0, 3), make(optimizer)], optimizer)


def nested(make, optimizer):
    with warnings.catch_warnings(action="ignore"):  # PyTorch takes its first step twice, and complains
        return SequentialLR(optimizer, [warmed(make, optimizer), make(optimizer)], [8])


COMPOSED = {
    "alone": lambda make, optimizer: make(optimizer),
    "warmed": warmed,
    "restarted": restarted,
    "nested": nested,
    "chained": chained,
    "chained first": chained_first,
    "warmed and chained": lambda make, o: ChainedScheduler([warmed(make, o), ExponentialLR(o, 0.9)], o),
}


def walk(optimizer, scheduler, steps):
    rates = []
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        rates.append([float(group["lr"]) for group in optimizer.param_groups])
        assert [float(rate) for rate in scheduler.get_last_lr()] == rates[-1]
    return rates


@pytest.fixture(params=COMPOSED)
def composed(request):
    return COMPOSED[request.param]


def both(composed, act, **options):
    """What our cosine and PyTorch's do under the same act."""
    found = []
    for make in (OURS, THEIRS):
        optimizer = optimizer_of(**options)
        found.append(act(optimizer, composed(make, optimizer), lambda o, make=make: composed(make, o)))
    return found


@pytest.mark.parametrize("tensor", [False, True])
def test_in_every_composition_the_rates_are_those_of_pytorch(composed, tensor) -> None:
    ours, theirs = both(composed, lambda o, s, _: walk(o, s, STEPS), rates=(0.1, 0.02), tensor=tensor)
    for one, other in zip(ours, theirs, strict=True):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-17)


@pytest.mark.parametrize("stop", range(STEPS))
@pytest.mark.parametrize("scheduler_first", [False, True])
def test_in_every_composition_a_run_resumes_at_any_step(composed, stop, scheduler_first) -> None:
    def act(optimizer, scheduler, make):
        walk(optimizer, scheduler, stop)
        file = io.BytesIO()
        torch.save((optimizer.state_dict(), scheduler.state_dict()), file)
        file.seek(0)
        states = torch.load(file, weights_only=True)
        fresh = optimizer_of()
        again = make(fresh)
        for part, state in list(zip((fresh, again), states, strict=True))[:: -1 if scheduler_first else 1]:
            part.load_state_dict(state)
        late = walk(optimizer, scheduler, STEPS - stop)
        return late, walk(fresh, again, STEPS - stop)

    (whole, resumed), (theirs, _) = both(composed, act)
    assert resumed == whole  # bit for bit
    assert [r for [r] in whole] == pytest.approx([r for [r] in theirs], rel=1e-9, abs=1e-17)


BEGUN = {
    "quench": quench_shape,
    "from zero": lambda p: min(p / 0.3, 1.0),
    "from a tenth": lambda p: min(0.1 + 3 * p, 1.0),
    "cosine": cosine_decay,
}


@pytest.mark.parametrize("tensor", [False, True])
@pytest.mark.parametrize("stop", [0, 1, 4, 7])
@pytest.mark.parametrize(
    "order", ["optimizer, made, scheduler", "made, optimizer, scheduler", "made, scheduler, optimizer"]
)
@pytest.mark.parametrize("shape", BEGUN)
def test_a_shape_that_does_not_begin_at_one_resumes_in_each_order_of_loading(shape, order, stop, tensor) -> None:
    optimizer = optimizer_of((0.1, 0.02), tensor)
    scheduler = ShapedLR(optimizer, STEPS, BEGUN[shape])
    walk(optimizer, scheduler, stop)
    for group in optimizer.param_groups:
        group["lr"] *= 0.5  # as a plateau does
    states = copy.deepcopy((optimizer.state_dict(), scheduler.state_dict()))
    fresh = optimizer_of((0.1, 0.02), tensor)
    for part in order.split(", "):
        if part == "made":
            again = ShapedLR(fresh, STEPS, BEGUN[shape])
        elif part == "optimizer":
            fresh.load_state_dict(states[0])
        else:
            again.load_state_dict(states[1])
    assert [float(g["lr"]) for g in fresh.param_groups] == [float(g["lr"]) for g in optimizer.param_groups]
    assert walk(fresh, again, STEPS - stop) == walk(optimizer, scheduler, STEPS - stop)


@pytest.mark.parametrize("shape", BEGUN)
@pytest.mark.parametrize("warm_up", [lambda o: ConstantLR(o, 1.0, 1), lambda o: LinearLR(o, 0.1, 1.0, WARM)])
@pytest.mark.parametrize("stop", [WARM, WARM + 1, WARM + 5])
def test_in_a_sequence_made_over_a_loaded_optimizer_it_is_the_shape_as_with_a_function_of_pytorch(
    shape, warm_up, stop
) -> None:
    def act(make):
        optimizer, fresh = optimizer_of(), optimizer_of()
        sequence = lambda o: SequentialLR(o, [warm_up(o), make(o)], [WARM])  # noqa: E731
        scheduler = sequence(optimizer)
        walk(optimizer, scheduler, stop)
        states = copy.deepcopy((optimizer.state_dict(), scheduler.state_dict()))
        fresh.load_state_dict(states[0])
        again = sequence(fresh)
        again.load_state_dict(states[1])
        resumed = walk(fresh, again, 6)
        assert resumed == walk(optimizer, scheduler, 6)
        return resumed

    ours = act(lambda o: ShapedLR(o, STEPS, BEGUN[shape]))
    assert ours == act(lambda o: LambdaLR(o, lambda n: float(BEGUN[shape](min(n / STEPS, 1)))))


def test_a_state_loaded_into_a_run_that_goes_on_leaves_its_rates() -> None:
    optimizer = optimizer_of()
    ShapedLR(optimizer, STEPS, quench_shape)
    second = ShapedLR(optimizer, STEPS, quench_shape)
    walk(optimizer, second, 3)
    [rate] = second.get_last_lr()
    second.load_state_dict(second.state_dict())
    assert optimizer.param_groups[0]["lr"] == rate


@pytest.mark.parametrize("stop", [0, 1, 3, 6])
@pytest.mark.parametrize("name", ["alone", "chained", "chained first"])
def test_a_group_that_comes_later_follows_as_with_pytorch(name, stop) -> None:
    def act(optimizer, scheduler, _):
        walk(optimizer, scheduler, stop)
        optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 0.3})
        return walk(optimizer, scheduler, STEPS - stop)

    ours, theirs = both(COMPOSED[name], act)
    for one, other in zip(ours, theirs, strict=True):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-17)


def test_a_group_that_came_during_warm_up_follows_the_shape_from_its_own_rate() -> None:
    optimizer = optimizer_of()
    scheduler = restarted(OURS, optimizer)
    walk(optimizer, scheduler, 2)
    optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 0.3})
    fall = lambda n: float(cosine_decay(n / STEPS, 0.0))  # noqa: E731
    rates = walk(optimizer, scheduler, 5)
    assert [late for _, late in rates[:2]] == pytest.approx([0.3 * fall(3) / fall(2), 0.3 * fall(4) / fall(2)])
    assert [late for _, late in rates[2:]] == pytest.approx([0.3 * fall(4) / fall(2) * fall(n) for n in range(3)])


def test_a_group_that_comes_when_the_rate_is_zero_stays_there() -> None:
    optimizer = optimizer_of()
    scheduler = ShapedLR(optimizer, 2, partial(linear_decay, end=0.0))
    assert walk(optimizer, scheduler, 3) == [[0.05], [0.0], [0.0]]
    optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 0.3})
    assert walk(optimizer, scheduler, 1) == [[0.0, 0.0]]


@pytest.mark.filterwarnings("ignore:Seems like")  # PyTorch marks the first optimizer only
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_copies_go_on_by_themselves(composed, copied) -> None:
    def act(optimizer, scheduler, _):
        walk(optimizer, scheduler, 5)
        try:
            fresh, again = copied((optimizer, scheduler))
        except Exception as error:
            return type(error)
        rates = walk(fresh, again, 6)
        return rates, walk(optimizer, scheduler, 6)

    ours, theirs = both(composed, act)
    if isinstance(theirs, type):
        assert ours == theirs  # PyTorch's optimizers with a scheduler do not pickle everywhere
        return
    assert ours[0] == ours[1]
    assert np.ravel(ours[0]) == pytest.approx(np.ravel(theirs[0]), rel=1e-9)


@pytest.mark.parametrize("stop", [1, 4])
def test_last_epoch_is_that_of_pytorch(stop) -> None:
    """Made anew over an optimizer that has been stepped, whatever its rates are."""

    def act(optimizer, scheduler, make):
        walk(optimizer, scheduler, stop)
        optimizer.param_groups[0]["lr"] *= 0.5
        again = make(optimizer)
        return [again.last_epoch, again.get_last_lr()[0], *np.ravel(walk(optimizer, again, 4))]

    found = []
    for make in (
        lambda o, **k: ShapedLR(o, STEPS, partial(cosine_decay, end=0.0), **k),
        lambda o, **k: CosineAnnealingLR(o, STEPS, **k),
    ):
        optimizer = optimizer_of()
        found.append(act(optimizer, make(optimizer), partial(make, last_epoch=stop - 1)))
    assert found[0] == pytest.approx(found[1], rel=1e-9)


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_a_part_that_has_not_begun_resumes_however_deep_it_is_nested(depth) -> None:
    def deep(optimizer):
        scheduler = warmed(OURS, optimizer)
        with warnings.catch_warnings(action="ignore"):
            for around in range(1, depth):
                scheduler = SequentialLR(optimizer, [scheduler, ExponentialLR(optimizer, 0.9)], [8 + around])
        return scheduler

    optimizer, fresh = optimizer_of(), optimizer_of()
    scheduler, again = deep(optimizer), deep(fresh)
    again.load_state_dict(scheduler.state_dict())
    fresh.load_state_dict(optimizer.state_dict())
    assert walk(fresh, again, 20) == walk(optimizer, scheduler, 20)


def test_what_a_plateau_takes_away_stays_away() -> None:
    optimizer = optimizer_of()
    scheduler, plateau = OURS(optimizer), ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
    rates = []
    for _ in range(4):
        rates += walk(optimizer, scheduler, 1)[0]
        plateau.step(1.0)
    fall = [float(cosine_decay(n / STEPS, 0.0)) for n in range(1, 5)]
    assert rates == pytest.approx([0.1 * f / 2**k for f, k in zip(fall, (0, 0, 1, 2), strict=True)])


@pytest.mark.parametrize("steps", [2.7, math.nan, 10**30, True + 0.5, "10", -1])
def test_steps_are_whole_and_not_endless(steps) -> None:
    with pytest.raises(ValueError, match="total_steps"):
        ShapedLR(optimizer_of(), steps)


@pytest.mark.parametrize("factor", [math.nan, math.inf, -1.0])
def test_a_shape_without_a_factor_is_refused(factor) -> None:
    with pytest.raises(ValueError, match=f"a finite factor >= 0 of the shape, got {factor} after 10 steps"):
        ShapedLR(optimizer_of(), 10, lambda p: factor if p == 1 else 1.0)
    optimizer = optimizer_of()
    scheduler = ShapedLR(optimizer, 10, lambda p: factor if p == 0.3 else 1.0)
    walk(optimizer, scheduler, 2)
    with pytest.raises(ValueError, match="after 3 steps"):
        walk(optimizer, scheduler, 1)


def test_nonsense_is_refused_in_words_of_our_own() -> None:
    with pytest.raises(ValueError, match="a function of progress as the shape, got 'linear'"):
        ShapedLR(optimizer_of(), 10, "linear")
    with pytest.raises(ValueError, match="last_epoch >= -1"):
        ShapedLR(optimizer_of(), 10, last_epoch=-5)
    scheduler = ShapedLR(optimizer_of(), 10)
    for state in (
        scheduler.state_dict() | {"more": 1},
        {key: value for key, value in scheduler.state_dict().items() if key != "last_epoch"},
        scheduler.state_dict() | {"last_epoch": -5},
    ):
        with pytest.raises(ValueError, match=r"expected the keys|last_epoch >= -1"):
            scheduler.load_state_dict(state)
    with pytest.raises(ValueError, match="expected a dictionary of the state, got NoneType"):
        scheduler.load_state_dict(None)
    assert scheduler.last_epoch == 0
    with pytest.raises(ValueError, match="expected the first rates in the optimizer for last_epoch=3, got none: load"):
        ShapedLR(optimizer_of(), 10, last_epoch=3)


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        (None, "a list base_lrs, one a group of parameters, got None: take state_dict"),
        (0.1, "a list base_lrs, .*, got 0.1"),
        (["x"], r"real numbers base_lrs, got \['x'\]"),
        ([None], "base_lrs >= 0 and finite"),
    ],
)
def test_first_rates_that_are_none_are_refused(rates, message) -> None:
    scheduler = ShapedLR(optimizer_of(), 10)
    with pytest.raises(ValueError, match=f"expected {message}"):
        scheduler.load_state_dict(scheduler.state_dict() | {"base_lrs": rates})


def test_a_number_of_numpy_leaves_a_state_of_plain_numbers() -> None:
    """Which is what torch loads from a file that it does not trust."""
    optimizer = optimizer_of()
    walk(optimizer, ShapedLR(optimizer, 10), 4)
    scheduler = ShapedLR(optimizer, np.int64(10), last_epoch=np.int64(3))
    assert type(scheduler.state_dict()["last_epoch"]) is int
    file = io.BytesIO()
    torch.save(scheduler.state_dict(), file)
    file.seek(0)
    scheduler.load_state_dict(torch.load(file, weights_only=True) | {"last_epoch": np.int64(3)})
    assert type(scheduler.state_dict()["last_epoch"]) is int


@pytest.mark.parametrize("optimizer", [torch.nn.Linear(1, 1), None, 0.1, 10, [torch.zeros(1)]])
def test_what_is_no_optimizer_is_refused(optimizer) -> None:
    got = type(optimizer).__name__
    with pytest.raises(ValueError, match=f"a torch.optim.Optimizer, got {got}: give optimizer, total_steps, shape"):
        ShapedLR(optimizer, optimizer_of() if optimizer == 10 else 10)


@pytest.mark.parametrize(
    ("shape", "got"),
    [
        (torch.optim.lr_scheduler.CosineAnnealingLR, "TypeError, .*T_max"),
        (lambda p, q: p, "TypeError"),
        (lambda p: 1 / (1 - p), "ZeroDivisionError, float division"),
        (lambda p: math.log(p - 1), "ValueError, math domain error"),
        (lambda p: [][0], "IndexError"),
    ],
)
def test_a_shape_that_fails_is_told_where(shape, got) -> None:
    with pytest.raises(ValueError, match=f"a factor of the shape at progress 1, got {got}.*: it is a function of one"):
        ShapedLR(optimizer_of(), 10, shape)


def test_a_shape_may_be_of_torch() -> None:
    optimizer = optimizer_of((0.5,))
    scheduler = ShapedLR(optimizer, 4, lambda p: torch.tensor(1 - p, requires_grad=True))
    assert walk(optimizer, scheduler, 4) == [[0.375], [0.25], [0.125], [0.0]]


def test_after_a_zero_it_begins_from_its_own_rate_as_its_help_says() -> None:
    optimizer = optimizer_of()
    shape = lambda p: abs(1 - 2 * p)  # noqa: E731
    rates = walk(optimizer, ChainedScheduler([MultiStepLR(optimizer, [2], 0.1), ShapedLR(optimizer, 10, shape)]), 10)
    expected = [0.1 * shape(n / 10) * (0.1 if 2 <= n < 5 else 1.0) for n in range(1, 11)]
    assert [rate for [rate] in rates] == pytest.approx(expected)
    told = " ".join((ShapedLR.__doc__ or "").split())
    assert r"A zero of f keeps nothing of it: after one the rate is $\eta_0f(n/N)$ again." in told


def test_alone_it_is_the_shape_bit_for_bit_and_comes_back_from_zero() -> None:
    shape = lambda p: abs(1 - 2 * p)  # noqa: E731
    optimizer = optimizer_of((0.1, 0.07))
    rates = walk(optimizer, ShapedLR(optimizer, 1000, shape), 1000)
    assert rates == [[base * shape(n / 1000) for base in (0.1, 0.07)] for n in range(1, 1001)]
    assert rates[499] == [0.0, 0.0]
