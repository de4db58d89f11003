"""Tests of ``tools.time_to_target.looks``: losses that were seen at uneven steps."""

import math

import numpy as np
import pytest
import torch

from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.forecast import time_to_target
from trainphys.tools.time_to_target.looks import looks

HISTORY = 0.5 * 0.9 ** np.arange(40)


def test_steps_at_equal_distances_say_what_every_says():
    noisy = HISTORY * np.exp(0.01 * np.random.default_rng(1).standard_normal(40))
    told, even = time_to_target(noisy, 1e-4, steps=5 * np.arange(1, 41)), time_to_target(noisy, 1e-4, every=5)
    assert (told.value, told.low, told.high) == pytest.approx((even.value, even.low, even.high))
    assert told.asked[2].tolist() == even.asked[2].tolist()
    assert time_to_target(noisy, 1e-4, steps=torch.arange(5, 201, 5)).value == told.value


@pytest.mark.parametrize("kind", ["in logarithms", "at random", "from the middle on"])
@pytest.mark.parametrize("law", ["power", "geometric"])
def test_steps_that_are_told_give_the_time_that_is_left(kind, law):
    """Equal distances in their place miss by a factor five where a log has them in logarithms."""
    loss = {"power": lambda t: 3 * t**-0.5, "geometric": lambda t: np.exp(-t / 400)}[law]
    rng = np.random.default_rng(2)
    at = {
        "in logarithms": np.unique(np.geomspace(1, 2000, 150).round()),
        "at random": np.cumsum(rng.choice([5, 10, 40], 110)),
        "from the middle on": np.arange(1000.0, 2001.0, 10.0),
    }[kind]
    seen = loss(at) * np.exp(1e-3 * rng.standard_normal(len(at)))
    left = time_to_target(seen, float(loss(at[-1] + 1500.0)), steps=at)
    assert left.tail == ("power law" if law == "power" else "geometric")
    assert left.value == pytest.approx(1500, rel=0.05)
    assert left.low < 1500 < left.high


def test_the_fits_use_the_second_half_of_the_time_and_ten_losses_at_least():
    assert looks(np.arange(1.0, 42.0), 41, 1.0).first == looks(None, 41, 1.0).first == 20
    assert looks(np.geomspace(1, 1e4, 50), 50, 1.0).first == 40
    assert looks(np.arange(100.0, 150.0), 50, 1.0).first == 0
    found = looks([0.0, *range(1, 19), 30.0], 20, 1.0)
    assert (found.mean, found.half) == (1.5, 4.0)  # 12 steps between the last two, 8 means


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": np.arange(39)}, r"a step beside each of 40 losses, got shape \(39,\): align them"),
        (
            {"steps": [*range(30), *range(25, 35)]},
            r"steps that rise, got 25 after 29 at index 30: .* give the last run",
        ),
        ({"steps": [*range(39), 38]}, "got 38 after 38 at index 39"),
        ({"steps": np.arange(-1, 39)}, "steps >= 0 and finite"),
        ({"steps": np.where(np.arange(40) == 3, math.nan, np.arange(40))}, "steps >= 0 and finite"),
        ({"steps": range(40), "every": 5}, "steps or every, got both"),
        ({"steps": range(40), "rates": np.ones(60)}, "steps or rates, got both"),
    ],
)
def test_steps_that_are_none_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        time_to_target(HISTORY, 1e-4, **arguments)


def test_a_hump_is_refused_where_steps_are_told():
    t = np.arange(1.0, 151.0)
    hump = t**-0.5 * (1 + 2 * np.exp(-(((t - 60) / 15) ** 2)))
    with pytest.raises(NotIdentifiable, match="falls all along"):
        time_to_target(hump, 0.05, steps=t)
