"""Tests of ``tools.batch_size.operating_point``."""

from dataclasses import replace

import numpy as np
import pytest

from trainphys.errors import Infeasible
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import cheapest_batch_size, steps_to_target
from trainphys.tools.batch_size.energy import PowerModel
from trainphys.tools.batch_size.limits import Fastest, LeastEnergy, MaxSlowdown, PowerLimit, TimeLimit
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.new_run import predicted_steps
from trainphys.tools.batch_size.operating_point import operating_point
from trainphys.tools.batch_size.step_time import StepTime

SIZES = tuple(float(2**k) for k in range(2, 12))


LAW = {"minimum_steps": 40.0, "critical_batch_size": 120.0, "sharpness": 1.4}


def made(error=1e-3, **changes):
    steps = steps_to_target(SIZES, **LAW)
    estimates = tuple(Estimate(float(s), error * float(s), 50) for s in steps)
    rates = tuple(float(0.5 / (1 + 60 / b)) for b in SIZES)
    base = Measured(SIZES, estimates, rates, StepTime(2e-3, 1e-5), PowerModel(30.0, 0.2))
    return replace(base, **changes)


def truth(batch):
    time = steps_to_target(batch, **LAW) * (2e-3 + 1e-5 * np.asarray(batch))
    return time, time * (30.0 + 0.2 * np.asarray(batch))


ALL = np.arange(4, 2049)


def test_fastest_and_cheapest_are_those_of_brute_force():
    time, joules = truth(ALL)
    fast, cheap = operating_point(made(), Fastest()), operating_point(made(), LeastEnergy())
    assert fast.batch_size == pytest.approx(ALL[time.argmin()], rel=0.01)
    assert cheap.batch_size == pytest.approx(ALL[joules.argmin()], rel=0.01)
    assert fast.time_s.value == pytest.approx(time.min(), rel=1e-3)
    assert cheap.energy_J.value == pytest.approx(joules.min(), rel=1e-3)
    assert cheap.power_W == pytest.approx(30 + 0.2 * cheap.batch_size)
    assert (fast.binding, cheap.binding) == ("none", "none")
    flat = made(step_time=StepTime(1e-3), power=PowerModel(30.0, 0.2))
    assert operating_point(flat, LeastEnergy()).batch_size == pytest.approx(
        cheapest_batch_size(120, 30, 0.2, 1.4), rel=0.01
    )
    largest = operating_point(flat, Fastest())
    assert (largest.batch_size, largest.binding) == (2048, "largest batch measured")
    smallest = operating_point(replace(flat, power=PowerModel(0.0, 0.2)), LeastEnergy())
    assert (smallest.batch_size, smallest.binding) == (4, "smallest batch measured")


def test_limits_bind_and_are_kept():
    cheap, fast = operating_point(made(), LeastEnergy()), operating_point(made(), Fastest())
    tight = operating_point(made(), TimeLimit(0.5 * (cheap.time_s.value + fast.time_s.value)))
    assert tight.time_s.high <= 0.5 * (cheap.time_s.value + fast.time_s.value)
    assert (tight.binding, operating_point(made(), TimeLimit(1e3)).binding) == ("time", "none")
    low = operating_point(made(), PowerLimit(50.0))
    assert (low.batch_size, low.binding) == (100, "power")
    assert operating_point(made(), PowerLimit(1e4)) == replace(fast, binding="none")
    slow = operating_point(made(), MaxSlowdown(1.1))
    assert slow.binding == "slowdown"
    assert slow.time_s.value <= 1.1 * fast.time_s.value * (1 + 1e-9)
    assert fast.energy_J.value > slow.energy_J.value >= cheap.energy_J.value
    assert operating_point(made(), MaxSlowdown(1e3)).batch_size == cheap.batch_size


def test_learning_rate_and_momentum_lie_between_their_neighbours():
    point = operating_point(made(momenta=tuple(np.linspace(0, 0.9, 10))), PowerLimit(50.0))
    assert 0.5 / (1 + 60 / 64) < point.learning_rate < 0.5 / (1 + 60 / 128)
    assert 0.4 < point.momentum < 0.5
    assert operating_point(made()).momentum == 0
    power_law = tuple(0.01 * b**0.7 for b in SIZES)  # a straight line in logarithms, and so is the momentum
    line = tuple(0.1 + 0.05 * np.log(b) for b in SIZES)
    point = operating_point(made(learning_rates=power_law, momenta=line), PowerLimit(50.0))
    assert (point.learning_rate, point.momentum) == pytest.approx((0.01 * 100**0.7, 0.1 + 0.05 * np.log(100)))


@pytest.mark.parametrize("rate", [0.1, 0.3, 1e-3])
def test_one_setting_at_all_batch_sizes_comes_back_to_the_last_digit(rate):
    point = operating_point(made(learning_rates=(rate,) * 10, momenta=(0.9,) * 10), PowerLimit(50.0))
    assert (point.learning_rate, point.momentum) == (rate, 0.9)
    rates = tuple(rate * b for b in SIZES)
    for size, watts in ((64, 30 + 0.2 * 64), (2048, 1e4)):  # at a measured batch size it is the one tuned there
        point = operating_point(made(learning_rates=rates, step_time=StepTime(2e-3)), PowerLimit(watts))
        assert (point.batch_size, point.learning_rate) == (size, rate * size)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: predicted_steps(made(), 0.0), "batch_size > 0"),
        (lambda: predicted_steps(made(), np.nan), "batch_size > 0"),
        (lambda: made(batch_sizes=SIZES[:4]), r"five batch sizes or more, got \(4.0, .*\): measure more$"),
        (lambda: made(batch_sizes=SIZES[::-1]), "updates that fall with the batch size"),
        (lambda: made(learning_rates=(0.1,)), "one for each batch size"),
        (lambda: made(momenta=(0.9,)), "one for each batch size"),
        (lambda: made(learning_rates=(0.0, *[0.1] * 9)), "learning_rates > 0"),
        (lambda: made(batch_sizes=SIZES[:-1]), "expected 9 steps, learning rates and momenta"),
        (lambda: made(batch_sizes=(*SIZES[:-1], SIZES[-2])), "each batch size once, got .*: give means of runs"),
        (lambda: operating_point(made(), TimeLimit(0.0)), "limit > 0"),
        (lambda: operating_point(made(), PowerLimit(-1.0)), "limit > 0"),
        (lambda: operating_point(made(), MaxSlowdown(0.99)), "slowdown >= 1, got 0.99"),
    ],
)
def test_bad_sweeps_are_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()


def test_impossible_limits_say_what_is_possible():
    with pytest.raises(
        Infeasible, match=r"expected a power limit of 30\.8 W or more, got 20 W: a batch of 4 keeps that"
    ) as refused:
        operating_point(made(), PowerLimit(20.0))
    assert refused.value.closest.batch_size == 4
    assert operating_point(made(), PowerLimit(refused.value.closest.power_W)).batch_size == 4
    with pytest.raises(Infeasible, match=r"time limit of .* s or more, got 0\.001 s") as refused:
        operating_point(made(), TimeLimit(1e-3))
    assert operating_point(made(), TimeLimit(refused.value.closest.time_s.high)).batch_size > 4
