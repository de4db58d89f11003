"""Tests of ``tools.schedules.adaptive_cooling``."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1e3), min_size=1, max_size=60), st.integers(1, 60))
def test_factor_stays_between_zero_and_one_and_resumes_bit_for_bit(temperatures, cut):
    whole, first = AdaptiveCooling(updates=40), AdaptiveCooling(updates=40)
    expected = [whole.update(t) for t in temperatures]
    assert all(0 < f <= 1 for f in expected)
    assert all(b / a < 1.2000001 and a / b < 1.2000001 for a, b in zip([1.0, *expected], expected, strict=False))
    found = [first.update(t) for t in temperatures[:cut]]
    second = AdaptiveCooling(updates=1)
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    found += [second.update(t) for t in temperatures[cut:]]
    assert found == expected


@pytest.mark.parametrize(
    "bad", [{"updates": 0}, {"ratio": 1.0}, {"start": -1.0}, {"memory": 1.0}, {"gain": 0.0}, {"largest_change": 1.0}]
)
def test_bad_arguments(bad):
    with pytest.raises(ValueError, match="expected"):
        AdaptiveCooling(**({"updates": 10} | bad))


def test_bad_measurements_and_states():
    cooling = AdaptiveCooling(updates=10)
    for bad in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="finite temperature"):
            cooling.update(bad)
    with pytest.raises(ValueError, match="keys"):
        cooling.load_state_dict({"factor": 1.0})
