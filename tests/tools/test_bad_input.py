"""Nonsense is refused in words of our own, never carried into a number: values that once came back as results."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from trainphys import checks
from trainphys.estimate import Estimate
from trainphys.laws.success import harmonic_success
from trainphys.tools.batch_size.energy import PowerModel
from trainphys.tools.batch_size.limits import FASTEST, MaxSlowdown, PowerLimit, TimeLimit
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.new_run import predicted_steps
from trainphys.tools.batch_size.operating_point import operating_point
from trainphys.tools.batch_size.step_time import StepTime
from trainphys.tools.curvature.hessian_trace import hessian_trace
from trainphys.tools.gradients.sgd_temperature import sgd_temperature
from trainphys.tools.schedules.adaptive_cooling import AdaptiveCooling
from trainphys.tools.schedules.shaped_lr import ShapedLR
from trainphys.tools.time_to_target.forecast import time_to_target

nan, inf = math.nan, math.inf
SIZES = (8.0, 32.0, 128.0, 512.0, 2048.0)
FALLING = tuple(Estimate(50 + 5000 / b, 1.0, 9) for b in SIZES)
RISING = tuple(Estimate(50 + 5 * b, 1.0, 9) for b in SIZES)
HISTORY = 0.5 * 0.9 ** np.arange(40)


def sweep(batch_sizes=SIZES, steps=FALLING, learning_rates=(0.1,) * 5, momenta=(), time=1e-3, power=40.0):
    return Measured(batch_sizes, steps, learning_rates, StepTime(time), PowerModel(power, 0.1), momenta)


def choice(limit=FASTEST, **more):
    return operating_point(sweep(**more), limit)


def steps(value, error=1.0):
    return (Estimate(value, error, 9), *FALLING[1:])


def temperature(**more):
    torch.manual_seed(0)
    data = torch.randn(64, 3), torch.randn(64, 1)
    given = {"learning_rate": 0.1, "batch_size": 8, "relative_error": 2.0, **more}
    return sgd_temperature(nn.Linear(3, 1), nn.functional.mse_loss, data, **given)


def trace(**more):
    data = torch.ones(4, 3), torch.zeros(4, 1)
    return hessian_trace(nn.Linear(3, 1), nn.functional.mse_loss, data, **more)


def scheduler(total_steps=10, shape=lambda progress: 1 - progress, **more):
    return ShapedLR(torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5), total_steps, shape, **more)


def resumed(**changed):
    scheduler().load_state_dict({**scheduler().state_dict(), **changed})


def cooled(**state):
    rule = AdaptiveCooling(10)
    rule.load_state_dict({**rule.state_dict(), **state})


BAD = {
    "learning rates": (lambda x: choice(learning_rates=(0.1, 0.1, x, 0.1, 0.1)), [0, -1, nan, inf, "0.1", 1j]),
    "momenta": (lambda x: choice(momenta=(x,) * 5), [1.5, 1.0, -0.1, nan, "0.9"]),
    "rising steps": (lambda x: choice(steps=x), [RISING]),
    "steps": (lambda x: choice(steps=steps(*x)), [(0.0,), (-1.0,), (inf,), (600.0, nan), (600.0, -1.0)]),
    "batch sizes": (lambda x: choice(batch_sizes=(x, *SIZES[1:])), [0.0, -8.0, nan]),
    "largest batch": (lambda x: choice(batch_sizes=(*SIZES[:-1], x)), [inf]),
    "limit": (choice, [None, 3.0, MaxSlowdown(nan), MaxSlowdown("2"), TimeLimit("1"), PowerLimit(nan)]),
    "seconds": (lambda x: choice(time=x), [nan, inf, -1.0, 0.0, "1"]),
    "watts": (lambda x: choice(power=x), [nan, inf, -50.0, "1"]),
    "other batch sizes": (lambda x: predicted_steps(sweep(), x), [0.0, -1.0, nan, "8"]),
    "tolerance": (lambda x: harmonic_success(x, 3), [nan, -1.0, "3", 1j, None]),
    "dimension": (lambda x: harmonic_success(1.0, x), [nan, inf, 0, "3", 1j]),
    "batch size": (lambda x: temperature(batch_size=x), [2.5, inf, nan, 0, "8"]),
    "population": (lambda x: temperature(population=x), [nan, 64.5, inf, 0]),
    "direction": (lambda x: temperature(direction=x), [torch.zeros(4), torch.full((4,), nan), [1, 2, 3]]),
    "learning rate of the run": (lambda x: temperature(learning_rate=x), [nan, 0, -1, "0.1", [0.1, 0.2], []]),
    "relative error": (lambda x: temperature(relative_error=x), [nan, 0, -1, "x"]),
    "momentum": (lambda x: temperature(momentum=x), [nan, 1.0, "x"]),
    "curvature": (lambda x: temperature(curvature=x), [nan, -1.0, inf, "x"]),
    "seed": (lambda x: trace(seed=x), [-1, 1.5, nan, "x", None]),
    "total steps": (scheduler, [2.7, 0, nan, "x"]),
    "shape": (lambda x: scheduler(shape=lambda p: x), [nan, -1.0, inf, "x", None, np.ones(2)]),
    "no shape": (lambda x: scheduler(shape=x), [None, 3.0]),
    "last epoch": (lambda x: scheduler(last_epoch=x), [-5, 2.5, nan, "x"]),
    "unknown key": (lambda x: resumed(**{x: 1}), ["unknown"]),
    "resumed epoch": (lambda x: resumed(last_epoch=x), [-5, nan, 1.5]),
    "resumed rates": (lambda x: resumed(base_lrs=x), [[nan], [0.1, 0.2], [-1.0]]),
    "no state": (lambda x: scheduler().load_state_dict(x), [{}]),
    "updates": (lambda x: AdaptiveCooling(x), [nan, inf, 2.5, 0, "x"]),
    "start": (lambda x: cooled(start=x), [inf, nan, 0, "x"]),
    "ratio": (lambda x: cooled(ratio=x), [nan, 0, 1, "x"]),
    "memory": (lambda x: cooled(memory=x), [nan, 1, -1, "x"]),
    "gain": (lambda x: cooled(gain=x), [nan, 0, 2, "x"]),
    "largest change": (lambda x: cooled(largest_change=x), [nan, 1, inf, "x"]),
    "factor": (lambda x: cooled(factor=x), [nan, -1, 0, 2, "x"]),
    "calls": (lambda x: cooled(calls=x), [-5, nan, 1.5, "x"]),
    "mean": (lambda x: cooled(mean=x), [nan, -1, inf]),
    "weight": (lambda x: cooled(weight=x), [nan, -1, 2]),
    "measured temperature": (lambda x: AdaptiveCooling(10).update(x), [nan, inf, -1, "x", None, 1j, np.ones(2)]),
    "history": (lambda x: time_to_target(x, 1e-4), [HISTORY + 0j, HISTORY + 1j, HISTORY.astype(str), [None] * 40]),
    "every": (lambda x: time_to_target(HISTORY, 1e-4, every=x), [1e308, inf, nan, 0, "x"]),
    "widening": (lambda x: time_to_target(HISTORY, 1e-4, widening=x), [1e308, nan, "x"]),
    "gradient norms": (lambda x: time_to_target(HISTORY, 1e-4, gradient_norms=x), [HISTORY + 1j, ["1"] * 40]),
}


@pytest.mark.parametrize(
    ("call", "value"), [pytest.param(c, v, id=f"{n}: {v!s:.40}") for n, (c, vs) in BAD.items() for v in vs]
)
def test_nonsense_is_refused_in_our_own_words(call, value):
    with pytest.raises(ValueError, match=r"^expected "):
        call(value)


@pytest.mark.parametrize("call", [choice, temperature, trace, scheduler, resumed, cooled])
def test_what_makes_sense_is_not(call):
    call()


def test_a_state_that_is_refused_changes_nothing():
    rule = AdaptiveCooling(10)
    rule.update(1.0)
    before = rule.state_dict()
    with pytest.raises(ValueError, match="expected factor"):
        rule.load_state_dict({**before, "calls": 7, "factor": -1.0})
    assert rule.state_dict() == before


def test_numbers_of_any_kind_are_numbers():
    for value in (True, 2, 2.5, np.float32(1), [1, 2.0], 10**30, np.arange(3), torch.ones(2)):
        [found] = checks.numbers(x=value)
        assert found.dtype == float
        assert found.tolist() == np.asarray(value, dtype=float).tolist()
    with pytest.raises(ValueError, match=r"expected real numbers x, got \[\[1\], \[1, 2\]\]"):
        checks.numbers(x=[[1], [1, 2]])
