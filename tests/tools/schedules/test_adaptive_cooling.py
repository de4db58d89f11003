"""Tests of ``tools.schedules.adaptive_cooling``."""

import io
import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.estimate import Estimate
from trainphys.tools.schedules.adaptive_cooling import AdaptiveCooling


def drive(cooling, noise):
    """A plant whose temperature is the factor times a noise that changes on its own."""
    factors = []
    for level in noise:
        factors.append(cooling.update(cooling.factor * level))
    return np.array(factors)


def test_follows_its_course_whatever_the_noise_does():
    noise = 0.3 * np.exp(-np.linspace(0, 1, 400))  # falls by e, the course by 100
    cooling = AdaptiveCooling(updates=400, ratio=0.01, start=0.3)
    factors = drive(cooling, noise)
    course = 0.3 * 0.01 ** (np.arange(1, 401) / 400)
    np.testing.assert_allclose((factors * noise)[100:], course[100:], rtol=0.05)  # behind by a few calls
    assert factors[-1] == pytest.approx(0.01 * math.e, rel=0.05)


def test_without_change_of_the_noise_it_is_the_exponential():
    factors = drive(AdaptiveCooling(updates=300, ratio=0.01, start=1.0), np.ones(300))
    np.testing.assert_allclose(factors, 0.01 ** (np.arange(1, 301) / 300), rtol=0.05)


def test_start_is_measured_when_it_is_not_given():
    cooling = AdaptiveCooling(updates=100)
    factors = drive(cooling, np.full(100, 0.5))
    assert (factors[:9] == 1).all()
    assert factors[20] < 1
    assert cooling.target() == pytest.approx(cooling.start * 0.01)


@pytest.mark.parametrize(("calls", "progress"), [(200, 0.1), (10, 0.1), (5, 0.2)])
def test_the_end_is_as_hot_as_its_help_says(calls, progress):
    """Without a start the course goes through what was measured after a tenth: the rest of it is left to fall."""
    cooling = AdaptiveCooling(updates=calls, gain=1.0, memory=0.0)
    factors = drive(cooling, np.full(calls, 3.0))
    assert cooling.start == pytest.approx(3.0 * 0.01**-progress)
    assert 3.0 * factors[-1] == pytest.approx(3.0 * 0.01 ** (1 - progress))
    told = AdaptiveCooling.__doc__ or ""
    assert r"$T_0=\bar T\,r^{-s}$, and the end is at $\bar T\,r^{1-s}$, for r = 0.01 1.6 times as hot" in told
    assert round(0.01**-0.1, 1) == 1.6


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1e3), min_size=1, max_size=60), st.integers(1, 60))
def test_factor_stays_between_zero_and_one_and_resumes_bit_for_bit(temperatures, cut):
    whole, first = AdaptiveCooling(updates=40), AdaptiveCooling(updates=40)
    expected = [whole.update(t) for t in temperatures]
    assert all(0 < f <= 1 for f in expected)
    assert all(b / a < 1.2000001 and a / b < 1.2000001 for a, b in zip([1.0, *expected], expected, strict=False))
    found = [first.update(t) for t in temperatures[:cut]]
    second = AdaptiveCooling(updates=40)
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    found += [second.update(t) for t in temperatures[cut:]]
    assert found == expected


def test_one_call_by_hand() -> None:
    """Half of the logarithmic error, at most by the largest change, and never above the first rate."""
    settings = {"updates": 4, "ratio": 0.0625, "start": 1.0, "memory": 0.0, "largest_change": 2.0}
    assert AdaptiveCooling(gain=1.0, **settings).update(1.0) == pytest.approx(0.5)  # the course is at 1/2
    assert AdaptiveCooling(gain=0.5, **settings).update(1.0) == pytest.approx(0.5**0.5)
    assert AdaptiveCooling(gain=1.0, **settings).update(50.0) == pytest.approx(0.5)  # a hundredth was asked for
    cold = AdaptiveCooling(gain=1.0, **settings, factor=0.3)
    assert cold.update(0.01) == pytest.approx(0.6)  # fifty times as much was asked for
    assert cold.update(0.01) == 1.0


def test_the_running_mean_forgets_at_its_own_pace_and_follows_the_factor() -> None:
    """Weights 1 and 3/4 of the last two measurements over the factor at which each was made."""
    cooling = AdaptiveCooling(updates=100, ratio=0.5, start=1.0, memory=0.75, gain=1.0, largest_change=100.0)
    one = cooling.update(2.0)
    assert one == pytest.approx(0.5**0.01 / 2.0)
    noise = (0.75 * 2.0 + 1.0 * 6.0) / 1.75
    assert cooling.update(6.0 * one) == pytest.approx(0.5**0.02 / noise)


def test_the_start_is_taken_after_a_tenth_of_the_calls() -> None:
    """So that the course goes through what was measured then; before that, and without any heat, nothing moves."""
    cooling = AdaptiveCooling(updates=22, ratio=0.25, memory=0.0)
    assert cooling.target() == math.inf
    assert [cooling.update(8.0), cooling.update(9.0)] == [1.0, 1.0]
    assert cooling.start is None
    assert cooling.update(3.0) == 1.0
    assert cooling.start == pytest.approx(3.0 / 0.25 ** (3 / 22))
    assert cooling.target() == pytest.approx(3.0)
    even = AdaptiveCooling(updates=20, memory=0.0)
    assert [even.update(8.0), even.start, even.update(2.0), even.target()] == [1.0, None, 1.0, pytest.approx(2.0)]
    still = AdaptiveCooling(updates=5, memory=0.0)
    assert [still.update(0.0) for _ in range(9)] == [1.0] * 9
    assert still.start is None
    assert still.update(1.0) == 1.0
    assert (still.start, still.target()) == (pytest.approx(100.0), pytest.approx(1.0))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"updates": 0}, "whole number updates >= 1"),
        ({"ratio": 1.0}, r"ratio in \(0, 1\)"),
        ({"ratio": 0.0}, r"ratio in \(0, 1\)"),
        ({"start": 0.0}, "start > 0"),
        ({"memory": 1.0}, "0 <= memory < 1 and 0 < gain <= 1, got 1.0 and 0.5"),
        ({"memory": -0.1}, "0 <= memory < 1"),
        ({"gain": 0.0}, "0 < gain <= 1, got 0.9 and 0.0"),
        ({"gain": 1.1}, "0 < gain <= 1"),
        ({"largest_change": 1.0}, r"largest_change in \(1, inf\)"),
    ],
)
def test_bad_arguments(bad, message):
    with pytest.raises(ValueError, match=message):
        AdaptiveCooling(**({"updates": 10} | bad))


@pytest.mark.parametrize("name", ["ratio", "start", "memory", "gain", "largest_change", "factor"])
@pytest.mark.parametrize("value", [[0.5], np.array([0.5, 0.6]), "0.5"])
def test_a_setting_is_one_number(name, value):
    with pytest.raises(ValueError, match=f"expected (one number|real numbers) {name}, got"):
        AdaptiveCooling(10, **{name: value})
    if name in ("ratio", "memory", "gain"):
        with pytest.raises(ValueError, match=f"expected one number {name}, got None"):
            AdaptiveCooling(10, **{name: None})


def test_settings_of_numpy_leave_a_state_of_plain_numbers():
    """Which is what torch loads from a file that it does not trust."""
    settings = {"ratio": 0.25, "start": 0.5, "memory": 0.75, "gain": 0.5, "largest_change": 2.0}
    cooling = AdaptiveCooling(np.int64(10), **{name: np.float64(value) for name, value in settings.items()})
    cooling.update(1.0)
    file = io.BytesIO()
    torch.save(cooling.state_dict(), file)
    file.seek(0)
    again = AdaptiveCooling(10, **settings)
    again.load_state_dict(torch.load(file, weights_only=True))
    assert {type(value) for value in again.state_dict().values()} == {int, float}
    assert again == cooling
    again.load_state_dict({name: np.asarray(value)[()] for name, value in cooling.state_dict().items()})
    assert {type(value) for value in again.state_dict().values()} == {int, float}


def test_a_temperature_with_its_error_counts_as_its_value():
    cooling, plain = AdaptiveCooling(10), AdaptiveCooling(10)
    for measured in (2.5, 1.5, 0.75):
        assert cooling.update(Estimate(measured, 0.1, 9)) == plain.update(measured)
    assert cooling == plain


def test_bad_measurements_and_states():
    cooling = AdaptiveCooling(updates=10)
    for bad in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"finite temperature >= 0, got {bad}: stop a run that diverges"):
            cooling.update(bad)
    assert cooling.calls == 0
    state = cooling.state_dict()
    for other in ({"factor": 1.0}, state | {"more": 1.0}):
        with pytest.raises(ValueError, match=r"the keys \['calls', .*\], got \[.*\]: take state_dict\(\)"):
            cooling.load_state_dict(other)
    with pytest.raises(ValueError, match="expected a dictionary of the state, got NoneType: take state_dict"):
        cooling.load_state_dict(None)


@pytest.mark.parametrize("kind", [np.float32, np.float64, torch.tensor, np.asarray])
def test_a_temperature_of_any_kind_leaves_plain_numbers(kind):
    """A state of tensors is not JSON, and one of single precision does not go on bit for bit."""
    cooling, plain = AdaptiveCooling(updates=10), AdaptiveCooling(updates=10)
    for measured in (2.5, 1.5, 0.75):
        assert type(cooling.update(kind(measured))) is float
        plain.update(measured)
    assert json.loads(json.dumps(cooling.state_dict())) == plain.state_dict()


@pytest.mark.parametrize("calls", [1, 2, 5, 10, 20, 25, 400])
@pytest.mark.parametrize("gain", [0.2, 0.5, 1.0])
def test_few_calls_reach_the_end_of_the_course(calls, gain):
    """By larger changes; the end lies behind by the lag that the docstring gives, and by no more."""
    factors = drive(AdaptiveCooling(updates=calls, start=1.0, gain=gain, memory=0.0), np.ones(calls))
    lag = 0.01 ** (-(1 / gain - 1) / calls)
    assert factors[-1] <= 0.01 * lag * 1.001
    if gain == 1.0 or calls == 400:
        assert factors[-1] == pytest.approx(0.01 * lag, rel=1e-3)


def test_a_largest_change_that_misses_the_course_is_refused():
    with pytest.raises(
        ValueError, match=r"largest_change >= 1.585 for a course to 0.01 in 10 calls .* got 1.2: measure"
    ):
        AdaptiveCooling(updates=10, largest_change=1.2)
    with pytest.raises(ValueError, match=r"largest_change >= 1.202"):
        AdaptiveCooling(updates=100, gain=0.2, largest_change=1.2)
    assert AdaptiveCooling(updates=100, gain=0.2, largest_change=1.21)
    assert AdaptiveCooling(updates=26, largest_change=1.2)


def test_a_start_that_is_too_high_is_told_once():
    """The course comes down to the temperature half way: nothing is cooled before."""
    cooling = AdaptiveCooling(updates=100, start=1.0, memory=0.0)
    with pytest.warns(
        UserWarning, match=r"start 1 is above the temperature 0.1 .* in the first 50 of 100 calls"
    ) as told:
        factors = drive(cooling, np.full(100, 0.1))
    assert len(told) == 1
    assert (factors[:49] == 1).all()
    assert factors[52] < 1
    with pytest.warns(UserWarning, match="in the first 100 of 100 calls"):
        drive(AdaptiveCooling(updates=100, start=1.0), np.full(100, 1e-3))


@pytest.mark.filterwarnings("error")
def test_a_start_that_fits_is_not_mentioned():
    drive(AdaptiveCooling(updates=100, start=1.0), np.full(100, 0.95))
    drive(AdaptiveCooling(updates=100), np.full(100, 0.95))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"factor": -1.0}, "factor > 0 and finite, got -1.0"),
        ({"factor": math.nan}, "factor > 0 and finite, got nan"),
        ({"calls": -5}, "whole number calls >= 0"),
        ({"mean": math.inf}, "mean >= 0 and finite"),
        ({"weight": -1.0}, "weight in"),
        ({"start": math.inf}, "start > 0"),
        ({"updates": 20}, "a state with the same updates: make"),
        ({"ratio": 0.1, "memory": 0.5}, "a state with the same memory, ratio: make"),
    ],
)
def test_states_of_other_runs_or_of_none_are_refused(change, message):
    cooling = AdaptiveCooling(updates=40)
    with pytest.raises(ValueError, match=message):
        cooling.load_state_dict(cooling.state_dict() | change)
    assert cooling == AdaptiveCooling(updates=40)


def test_a_start_that_was_given_is_not_replaced():
    state = AdaptiveCooling(updates=40, start=2.0).state_dict()
    with pytest.raises(ValueError, match="the same start"):
        AdaptiveCooling(updates=40, start=1.0).load_state_dict(state)
    measured = AdaptiveCooling(updates=40)
    drive(measured, np.ones(8))
    measured.load_state_dict(state)  # a measured one is
    assert measured.start == 2.0


@pytest.mark.parametrize("updates", [math.nan, math.inf, 2.5])
def test_calls_are_whole(updates):
    with pytest.raises(ValueError, match="whole number updates >= 1"):
        AdaptiveCooling(updates=updates)
