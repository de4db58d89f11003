"""Tests of ``tools.batch_size.measured``: readings as they are, and sweeps that are none."""

import math

import numpy as np
import pytest

from tests.tools.batch_size.test_operating_point import SIZES, made
from trainphys.errors import Infeasible, NotIdentifiable
from trainphys.estimate import Estimate
from trainphys.tools.batch_size.limits import Fastest, LeastEnergy, PowerLimit, TimeLimit
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.operating_point import operating_point, predicted_steps

# CIFAR-100 on a V100, from the traces of Zeus: watts rise, saturate and fall.
V100 = tuple(float(8 * 2**k) for k in range(10))
EPOCHS = np.array([21.5, 11.0, 10.2, 11.8, 12.8, 20.2, 22.2, 31.1, 69.4, 145.0])
EPOCH_S = np.array([240.31, 125.9, 63.71, 33.21, 17.15, 10.06, 8.28, 7.61, 7.69, 8.37])
WATTS = (39.1, 42.0, 52.0, 88.7, 123.1, 178.3, 195.9, 187.7, 178.8, 171.3)
# ImageNet, ResNet-50: mean epochs to the target of the MLPerf reference runs.
RESNET = {1632: 34.9, 3264: 35.2, 4096: 40.0, 8192: 42.0, 13056: 45.4, 32768: 56.0, 49152: 68.0, 65536: 84.5}


def v100(first=0, error=0.03):
    steps = EPOCHS * 50000 / np.array(V100)
    seconds = tuple((EPOCH_S * np.array(V100) / 50000).tolist())
    return Measured(
        V100[first:], tuple(Estimate(s, error * s, 5) for s in steps[first:]), (0.1,) * (10 - first),
        seconds[first:], WATTS[first:],
    )  # fmt: skip


def test_readings_are_taken_as_they_are():
    sweep = v100()
    assert sweep.watts(V100) == pytest.approx(WATTS)
    assert sweep.seconds(V100) == pytest.approx(EPOCH_S * np.array(V100) / 50000)
    assert sweep.watts(math.sqrt(64 * 128)) == pytest.approx(math.sqrt(88.7 * 123.1))
    gap = made(power=tuple(math.nan if 8 < b < 64 else b for b in SIZES))
    assert gap.watts([16, 32]) == pytest.approx([16, 32])


def test_watts_that_bend_and_fall_keep_their_limits():
    """Four sizes draw less than 100 W; four runs took 184 to 237 s, though no prediction is sure of that."""
    low = operating_point(v100(), PowerLimit(100.0))
    assert 64 <= low.batch_size < 128
    assert low.power_W == pytest.approx(100.0, rel=0.02)
    soon = operating_point(v100(), TimeLimit(276.0))
    assert soon.batch_size in {128, 256, 512, 1024}
    assert soon.time_s.high <= 276
    took = dict(zip(V100, EPOCHS * EPOCH_S, strict=True))[soon.batch_size]
    assert soon.time_s.value == pytest.approx(took)
    assert math.log(soon.time_s.high / took) == pytest.approx(1.96 * math.sqrt(2) * 0.03)
    with pytest.raises(Infeasible, match="got 150 s"):
        operating_point(v100(), TimeLimit(150.0))
    with pytest.raises(Infeasible, match=r"power limit of 171.3 W or more, got 100 W: a batch of 4096 keeps that"):
        operating_point(v100(5), PowerLimit(100.0))
    joules = EPOCHS * EPOCH_S * np.array(WATTS)
    cheap = operating_point(v100(), LeastEnergy())
    assert cheap.energy_J.low < joules.min() < cheap.energy_J.high


@pytest.mark.parametrize("sizes", [tuple(RESNET), V100])
def test_sizes_that_are_left_out_lie_in_their_intervals(sizes):
    """Each but the first and last of two published sweeps, from the others."""
    epochs = np.array(list(RESNET.values())) * 1281167 if sizes == tuple(RESNET) else EPOCHS * 50000
    steps, inside = epochs / np.array(sizes), 0
    for k in range(1, len(sizes) - 1):
        rest = [i for i in range(len(sizes)) if i != k]
        sweep = Measured(
            tuple(float(sizes[i]) for i in rest), tuple(steps[rest]), (0.1,) * len(rest), (1.0,) * len(rest),
            (1.0,) * len(rest),
        )  # fmt: skip
        [guess] = predicted_steps(sweep, sizes[k])
        inside += guess.low <= steps[k] <= guess.high
    assert inside >= 0.9 * (len(sizes) - 2)


def test_intervals_hold_nineteen_of_twenty_new_measurements():
    """Sweeps of the law with a scatter of ten per cent, a size left out of each."""
    rng, held = np.random.default_rng(5), []
    for run in range(60):
        truth = np.array(made().updates()) * rng.lognormal(0, 0.1, len(SIZES))
        k = 1 + run % (len(SIZES) - 2)
        rest = np.delete(np.arange(len(SIZES)), k)
        sweep = made(
            batch_sizes=tuple(np.array(SIZES)[rest]), steps=tuple(truth[rest]), learning_rates=(0.1,) * len(rest)
        )
        [guess] = predicted_steps(sweep, SIZES[k])
        held.append(guess.low <= truth[k] <= guess.high)
    assert 0.87 <= np.mean(held) <= 1.0


def test_plain_numbers_are_updates_without_an_error():
    plain = made(steps=tuple(made().updates().tolist()))
    assert operating_point(plain).batch_size == operating_point(made()).batch_size
    assert plain.relative_errors().tolist() == [0.0] * len(SIZES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rates": (-0.1, *[0.1] * 9)}, "learning_rates > 0"),
        ({"learning_rates": (math.nan, *[0.1] * 9)}, "learning_rates > 0"),
        ({"momenta": (1.5, *[0.9] * 9)}, "momenta from 0 to below 1"),
        ({"momenta": (math.nan, *[0.9] * 9)}, "momenta from 0 to below 1"),
        ({"batch_sizes": (0.0, *SIZES[1:])}, "batch_sizes > 0"),
        ({"batch_sizes": (*SIZES[:-1], math.inf)}, "batch_sizes > 0"),
        ({"steps": (0.0, *SIZES[1:])}, "steps > 0"),
        ({"steps": SIZES}, r"updates that fall with the batch size, got a slope of \+1 in logarithms"),
        ({"power": (40.0,) * 9}, "power as 10 readings"),
        ({"power": (math.nan, *[40.0] * 9)}, "known at the smallest and the largest batch size"),
        ({"power": (40.0, -1.0, *[40.0] * 8)}, "power > 0 and finite"),
        ({"step_time": (*[1e-3] * 9, math.nan)}, "step_time as 10 readings"),
        ({"step_time": (1e-3, math.inf, *[1e-3] * 8)}, "step_time > 0 and finite"),
    ],
)
def test_sweeps_that_are_none(change, message):
    with pytest.raises(ValueError, match=message):
        made(**change)


@pytest.mark.parametrize("limit", ["fastest", Fastest, 3600, None])
def test_a_limit_is_one_of_five(limit):
    with pytest.raises(ValueError, match=r"expected Fastest\(\), LeastEnergy\(\), .* got .*: say what a number limits"):
        operating_point(made(), limit)


@pytest.mark.parametrize("limit", [TimeLimit(math.inf), PowerLimit(math.inf), TimeLimit(math.nan)])
def test_a_limit_is_finite(limit):
    with pytest.raises(ValueError, match="limit > 0 and finite"):
        operating_point(made(), limit)


def test_a_sweep_of_scatter_predicts_nothing():
    wild = 1e3 * np.array([9.0, 0.1, 5.0, 0.02, 7.0, 0.5, 0.01, 3.0, 0.05, 0.01])
    with pytest.raises(NotIdentifiable, match="follow one curve over the batch size"):
        operating_point(made(steps=tuple(wild)))
