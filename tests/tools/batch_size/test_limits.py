"""Tests of ``tools.batch_size.limits``: the columns that each limit needs, in the code and on the page of the tools."""

import itertools
import re
from pathlib import Path

import pytest

from trainphys.tools.batch_size.limits import Fastest, LeastEnergy, MaxSlowdown, PowerLimit, TimeLimit
from trainphys.tools.batch_size.operating_point import operating_point

PAGE = (Path(__file__).resolve().parents[3] / "book/tools.md").read_text("utf8")
LIMITS = [Fastest(), LeastEnergy(), TimeLimit(1e9), PowerLimit(1e9), MaxSlowdown(2.0)]
COLUMNS = ("time_s", "step_time_s", "power_W", "energy_J")


def rows(columns):
    found = []
    for b in (8, 16, 32, 64, 128, 256):
        steps = 50 + 5000 / b
        known = {"time_s": 0.01 * steps, "step_time_s": 0.01, "power_W": 50.0, "energy_J": 0.5 * steps}
        found.append({"batch_size": b, "steps": steps} | {name: known[name] for name in columns})
    return found


def needed(name):
    """What the page says that a limit needs, as an expression of Python."""
    (cell,) = re.findall(rf"^\| `{name}\(.*\| (.*?) \|$", PAGE, re.M)
    return cell.replace("`", "").replace(",", "")


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_takes_the_tables_that_the_page_says(limit):
    """Every set of the four columns, sixteen in all."""
    name = type(limit).__name__
    for columns in itertools.chain.from_iterable(itertools.combinations(COLUMNS, k) for k in range(5)):
        enough = bool(eval(needed(name), {c: c in columns for c in COLUMNS}))
        if enough:
            assert operating_point(rows(columns), limit).batch_size >= 8
        else:
            with pytest.raises(ValueError, match=rf"expected (seconds|watts|joules) for {name}, got .* without: add "):
                operating_point(rows(columns), limit)


def test_the_page_has_a_row_for_each_limit():
    assert set(re.findall(r"^\| `(\w+)\(", PAGE, re.M)) == {type(limit).__name__ for limit in LIMITS}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (("power_W",), "seconds for Fastest, got a sweep without: add time_s, or step_time_s"),
        (("power_W",), "joules for LeastEnergy, .* add energy_J, or power_W and time_s, or power_W and step_time_s"),
        (("time_s",), "watts for PowerLimit, .* add power_W, or energy_J and time_s, or energy_J and step_time_s"),
    ],
)
def test_what_is_missing_is_named(columns, message):
    (limit,) = [one for one in LIMITS if type(one).__name__ in message]
    with pytest.raises(ValueError, match=message):
        operating_point(rows(columns), limit)
