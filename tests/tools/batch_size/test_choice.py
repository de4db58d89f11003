"""Tests of ``tools.batch_size.choice``: a result that fits on one screen."""

import math

import pytest

from tests.tools.batch_size.test_measured import v100
from tests.tools.batch_size.test_operating_point import SIZES, made
from trainphys.tools.batch_size.limits import Fastest, LeastEnergy, MaxSlowdown, PowerLimit, TimeLimit
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.operating_point import operating_point


@pytest.mark.parametrize("limit", [Fastest(), LeastEnergy(), MaxSlowdown(1.1), PowerLimit(100.0), TimeLimit(276.0)])
def test_a_choice_fits_on_one_screen_and_says_all_that_is_known(limit):
    point = operating_point(v100(), limit)
    lines = str(point).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 100
    for name in ("batch size", "learning rate", "updates", "seconds", "joules", "watts"):
        assert any(line.startswith(name) for line in lines), name
    assert str(point.time_s) in str(point)
    assert "Law fitted to 10 batch sizes from 8 to 4096. In brackets: where 95% of new runs fall." in lines
    assert ("stopped by" in str(point)) == (point.binding != "none")


def test_what_is_not_known_is_not_printed():
    alone = Measured(SIZES, made().steps, step_energy=tuple(0.1 + 1e-3 * b for b in SIZES))
    text = str(operating_point(alone, LeastEnergy()))
    for name in ("learning rate", "momentum", "seconds", "watts"):
        assert name not in text
    assert "In brackets: where 95% of new runs fall." in text  # a pair of empty ones reads like a gap
    assert "momentum       0.9" in str(operating_point(made(momenta=(0.9,) * 10)))


def test_a_notebook_shows_the_same_as_a_table():
    point = operating_point(v100(), PowerLimit(100.0))
    page = point._repr_html_()
    assert f"<tr><th>seconds</th><td>{point.time_s}</td></tr>" in page
    assert page.count("<tr>") == len(point._rows())
    assert "<p>Law fitted to 10 batch sizes" in page


def test_a_choice_says_what_was_left_out_of_its_table():
    """One run of three that was cut off takes its batch size with it; one that is missing leaves the other two."""
    rows = [{"batch_size": b, "steps": k * (50 + 5000 / b), "step_time_s": 1.0} for b in SIZES for k in (0.9, 1, 1.1)]
    assert "eft out" not in str(operating_point(rows))
    cut = str(operating_point([rows[0] | {"steps": math.inf}, *rows[1:]]))
    assert "Left out: 4, where a run of each setting was cut off before the target (steps inf)." in cut
    assert "fitted to 9 batch sizes from 8" in cut
    for empty in (math.nan, "", None):
        point = operating_point([rows[0] | {"steps": empty}, *rows[1:]])
        assert "Left out: runs without steps at 4. Those that were cut off need inf" in str(point)
        assert "Left out: runs without steps at 4." in point._repr_html_()
