"""Tests of ``tools.batch_size.measured``: readings as they are, and sweeps that are none."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from tests.tools.batch_size.test_operating_point import SIZES, made
from trainphys.errors import Infeasible, NotIdentifiable
from trainphys.estimate import Estimate
from trainphys.tools.batch_size.energy import PowerModel
from trainphys.tools.batch_size.limits import Fastest, LeastEnergy, MaxSlowdown, PowerLimit, TimeLimit
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.new_run import predicted_steps
from trainphys.tools.batch_size.operating_point import operating_point
from trainphys.tools.batch_size.step_time import StepTime

# CIFAR-100 on a V100, from the traces of Zeus: watts rise, saturate and fall.
V100 = tuple(float(8 * 2**k) for k in range(10))
EPOCHS = np.array([21.5, 11.0, 10.2, 11.8, 12.8, 20.2, 22.2, 31.1, 69.4, 145.0])
EPOCH_S = np.array([240.31, 125.9, 63.71, 33.21, 17.15, 10.06, 8.28, 7.61, 7.69, 8.37])
WATTS = (39.1, 42.0, 52.0, 88.7, 123.1, 178.3, 195.9, 187.7, 178.8, 171.3)


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


def test_nothing_is_chosen_beyond_the_readings():
    """Memory ends before the sweep: its last sizes were trained elsewhere, and have neither seconds nor watts."""
    seconds = tuple(1e-3 if b <= 512 else math.nan for b in SIZES)
    short = made(step_time=seconds)
    point = operating_point(short)
    assert (point.batch_size, point.binding) == (512, "largest batch measured")
    assert np.isnan(short.seconds([3, 600])).all()
    cold = operating_point(made(step_time=(1e-3,) * 10, power=tuple(50.0 if b <= 512 else math.nan for b in SIZES)))
    assert cold.batch_size == 2048
    assert (cold.power_W, cold.energy_J) == (None, None)


def test_a_sweep_of_updates_alone_predicts_updates():
    alone = Measured(SIZES, made().steps)
    assert predicted_steps(alone, 100.0) == predicted_steps(made(), 100.0)
    with pytest.raises(ValueError, match="expected a sweep with power, got one without"):
        alone.watts(64)
    point = operating_point(replace(alone, step_energy=tuple(0.1 + 1e-3 * b for b in SIZES)), LeastEnergy())
    assert (point.time_s, point.power_W, point.learning_rate) == (None, None, None)
    assert point.energy_J.low < point.energy_J.value < point.energy_J.high


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
    assert math.log(soon.time_s.high / took) == pytest.approx(student.ppf(0.975, 40) * 0.03 * math.sqrt(5 + 1))
    with pytest.raises(Infeasible, match="got 150 s"):
        operating_point(v100(), TimeLimit(150.0))
    with pytest.raises(Infeasible, match=r"power limit of 171.3 W or more, got 100 W: a batch of 4096 keeps that"):
        operating_point(v100(5), PowerLimit(100.0))
    joules = EPOCHS * EPOCH_S * np.array(WATTS)
    cheap = operating_point(v100(), LeastEnergy())
    assert cheap.energy_J.low < joules.min() < cheap.energy_J.high


def test_batch_sizes_in_any_order_are_sorted_with_all_that_belongs_to_them():
    """Readings and settings that differ from size to size, so that one in a wrong place is seen."""
    each = {
        "batch_sizes": SIZES,
        "steps": made().steps,
        "learning_rates": tuple(1e-3 * b for b in SIZES),
        "momenta": tuple(0.01 * k for k in range(10)),
        "step_time": tuple(2e-3 + 1e-5 * b for b in SIZES),
        "power": tuple(30 + 0.2 * b for b in SIZES),
        "step_energy": (math.nan, *(1e-3 * b for b in SIZES[1:])),
    }
    for order in (range(9, -1, -1), np.random.default_rng(0).permutation(10)):
        found = Measured(**{name: [given[i] for i in order] for name, given in each.items()})
        assert repr(found) == repr(Measured(**each))
    fewer = Measured(SIZES[::-1], made().steps[::-1], step_time=StepTime(1e-3))  # none of a setting, and a law
    assert fewer == Measured(SIZES, made().steps, step_time=StepTime(1e-3))


def test_settings_that_do_not_matter_may_be_none():
    assert made(learning_rates=None, momenta=None) == made(learning_rates=(), momenta=())
    assert operating_point(made(learning_rates=None)).learning_rate is None


def test_what_is_needed_is_neither_none_nor_a_law():
    for name in ("batch_sizes", "steps"):
        with pytest.raises(ValueError, match=f"expected {name} for each batch size, got None: give a list"):
            made(**{name: None})
        with pytest.raises(ValueError, match=f"expected {name} for each batch size, got .*: give a list"):
            made(**{name: np.sqrt})


READ = tuple(1e-3 + 1e-5 * b for b in SIZES)


@pytest.mark.parametrize("kind", ["dictionary", "of JSON", "Series", "Series beside a Series"])
@pytest.mark.parametrize("name", ["steps", "learning_rates", "momenta", "step_time", "power", "step_energy"])
def test_what_is_labelled_by_batch_sizes_is_taken_by_its_labels(name, kind):
    pandas = pytest.importorskip("pandas")
    value = {b: v if name != "steps" else 1 / v for b, v in zip(SIZES, READ, strict=True)}
    turned = dict(reversed(value.items()))
    expected = made(**{name: tuple(value.values())})
    if kind == "Series beside a Series":  # labelled alike by something else
        labels = [f"run {k}" for k in range(10)]
        held = pandas.Series(list(value.values()), labels)[::-1]
        found = made(batch_sizes=pandas.Series(SIZES, labels), **{name: held})
    else:
        held = {str(int(b)): v for b, v in turned.items()} if kind == "of JSON" else turned
        found = made(**{name: pandas.Series(held) if kind == "Series" else held})
    assert getattr(found, name) == getattr(expected, name)
    assert found == expected


def test_a_series_without_labels_of_its_own_is_in_the_order_of_the_batch_sizes():
    pandas = pytest.importorskip("pandas")
    small = (5, 4, 3, 2, 1)  # the numbers that pandas counts with are some of them
    steps = (100.0, 110.0, 130.0, 180.0, 330.0)
    assert Measured(small, pandas.Series(steps)) == Measured(small, steps)
    frame = pandas.DataFrame({"b": small, "s": steps}, index=[7, 5, 6, 9, 8])
    assert Measured(frame.b, frame.s) == Measured(small, steps)


@pytest.mark.parametrize(
    ("name", "held", "message"),
    [
        ("batch_sizes", lambda: set(SIZES), "batch_sizes for each batch size, got {.*: give a list"),
        ("batch_sizes", lambda: dict(zip(SIZES, SIZES, strict=True)), "batch_sizes for each batch size, got {"),
        ("power", lambda: set(READ), "power for each batch size, got {.*: give a list"),
        ("power", lambda: frozenset(READ), "power for each batch size, got frozenset"),
        ("power", lambda: dict(zip(SIZES[1:], READ, strict=False)), "power labelled by the batch sizes .*, got the la"),
        ("power", lambda: {"fast": 40.0}, r"got the labels \['fast'\]: give each batch size its own, or a list"),
        (
            "power",
            lambda: pytest.importorskip("pandas").Series(READ, [*SIZES[1:], 4096]),
            "power labelled by the batch sizes",
        ),
    ],
)
def test_labels_of_other_batch_sizes_and_what_has_no_order_are_refused(name, held, message):
    with pytest.raises(ValueError, match=f"expected .*{message}"):
        made(**{name: held()})


def test_plain_numbers_are_single_runs():
    plain = made(steps=tuple(made().updates().tolist()))
    assert operating_point(plain).batch_size == operating_point(made()).batch_size


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
        ({"power": (40.0, 41.0, *[math.nan] * 8)}, "power as 10 readings, 3 of them known or more"),
        ({"step_energy": (1.0,) * 9}, "step_energy as 10 readings"),
        ({"power": (40.0, -1.0, *[40.0] * 8)}, "power > 0 and finite"),
        ({"step_time": (1e-3,) * 11}, "step_time as 10 readings"),
        ({"step_time": (1e-3, math.inf, *[1e-3] * 8)}, "step_time > 0 and finite"),
        (
            {"batch_sizes": tuple(b / 16 for b in SIZES)},
            r"whole batch sizes, got \(0.25, .*: count samples, not thousands",
        ),
        ({"batch_sizes": 64}, "batch_sizes for each batch size, got 64: give a list"),
        ({"learning_rates": 0.1}, "learning_rates for each batch size, got 0.1"),
        ({"power": 200.0}, "power for each batch size, got 200.0"),
        ({"steps": (None, *SIZES[1:])}, "steps > 0"),
        ({"steps": tuple("9876543210")}, "real numbers steps"),
        ({"steps": [[9.0, 8.0]] * 10}, r"one number of steps for each batch size, got shape \(10, 2\)"),
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


@pytest.mark.parametrize("limit", [TimeLimit([60.0, 90.0]), PowerLimit(np.array([60.0])), MaxSlowdown([2.0])])
def test_a_limit_is_one_number(limit):
    with pytest.raises(ValueError, match=r"expected one number (limit|slowdown), got"):
        operating_point(made(), limit)


def test_laws_of_one_machine_take_one_number_each():
    for law in (StepTime, PowerModel):
        with pytest.raises(ValueError, match="expected one number"):
            law([1.0, 2.0], 0.1)
    with pytest.raises(ValueError, match=r"one batch size or a list of them, got shape \(1, 2\)"):
        predicted_steps(made(), [[64, 128]])


def test_a_sweep_of_scatter_predicts_nothing():
    wild = 1e3 * np.array([9.0, 0.1, 5.0, 0.02, 7.0, 0.5, 0.01, 3.0, 0.05, 0.01])
    with pytest.raises(NotIdentifiable, match="follow one curve over the batch size"):
        operating_point(made(steps=tuple(wild)))


@pytest.mark.parametrize("seed", range(5))
def test_updates_that_scatter_about_a_level_are_a_sweep(seed):
    """Beyond the critical batch size half of all slopes are above zero, few by more than two standard errors."""
    x = np.log(SIZES) - np.log(SIZES).mean()
    noise = 0.05 * np.random.default_rng(seed).standard_normal(10)
    noise -= noise.mean() + (x @ noise) / (x @ x) * x
    error = math.sqrt((noise @ noise) / 8 / (x @ x))  # of the slope, by least squares
    found = predicted_steps(Measured(SIZES, tuple(100 * np.exp(noise + 1.9 * error * x))), [32.0])[0]
    assert found.value == pytest.approx(100, rel=0.06)
    assert found.low < 100 < found.high
    with pytest.raises(ValueError, match="updates that fall with the batch size, got a slope"):
        Measured(SIZES, tuple(100 * np.exp(noise + 2.1 * error * x)))


def test_updates_that_are_all_alike_are_a_sweep():
    assert predicted_steps(Measured(SIZES, (100.0,) * 10), [32.0])[0].value == pytest.approx(100)


@pytest.mark.parametrize(
    "held",
    [list, np.array, lambda x: np.array(x, dtype=np.float32), lambda x: pytest.importorskip("pandas").Series(x, x)],
)
@pytest.mark.parametrize("name", ["batch_sizes", "steps", "learning_rates", "momenta", "step_time", "power"])
def test_whatever_holds_the_numbers(name, held):
    plain = {
        "batch_sizes": SIZES,
        "steps": tuple(100 + 6400 / b for b in SIZES),
        "learning_rates": (0.125,) * 10,
        "momenta": (0.5,) * 10,
        "step_time": (0.25,) * 10,
        "power": (64.0,) * 10,
    }
    expected, found = (operating_point(Measured(**given)) for given in (plain, plain | {name: held(plain[name])}))
    assert (found.batch_size, found.learning_rate, found.momentum) == (
        expected.batch_size, expected.learning_rate, expected.momentum,
    )  # fmt: skip
    assert found.time_s.value == pytest.approx(expected.time_s.value, rel=1e-5)


@pytest.mark.parametrize(
    ("law", "words"),
    [
        (lambda b: 0.1 - 1e-3 * np.asarray(b), "seconds or watts of a law > 0 and finite"),
        (lambda b: np.asarray(b) * np.nan, "seconds or watts of a law > 0 and finite"),
        (
            lambda b: 1e-3 if b < 100 else 2e-3,
            "seconds or watts of a law at an array .*, got ValueError.*: write it wi",
        ),
        (lambda b: 1e-3 * math.sqrt(b), "seconds or watts of a law at an array .*, got TypeError.*with numpy"),
        (lambda b: np.ones(3), r"one number at each of \d+ batch sizes, got \(3,\) from the law"),
    ],
)
def test_a_law_of_seconds_is_positive_at_every_batch_size(law, words):
    with pytest.raises(ValueError, match=f"expected {words}"):
        operating_point(made(step_time=law))
    assert operating_point(made(step_time=lambda b: 0.5)).time_s.value > 0
