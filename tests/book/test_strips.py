"""The strip of a card: where its marks stand, how they are grouped, filled and counted."""

import math
import re

import pytest

from tests.book.by_hand import row
from trainphys.book import strips
from trainphys.book.strips import deviation, overview, place, strip

GROUP = re.compile(r'<p class="strip-group">(.*?)</p>')
LANE = re.compile(r'aria-label="(.*?)"')
SCALE = re.compile(r'<span style="left:[\d.]+%">(.*?)</span>')
MARK = re.compile(r'<i class="strip-(\w+)" style="left:([\d.]+)%" title="(.*?)">')


def test_a_mark_stands_linearly_within_what_is_allowed_and_by_decades_outside():
    assert [place(value, 3) for value in (0.0, 0.5, 1.0, -1.0)] == [50.0, 53.5, 57.0, 43.0]
    step = (strips.EDGE - strips.BAND) / 3
    assert [place(10.0**n, 3) for n in (1, 2, 3)] == [pytest.approx(57.0 + n * step, abs=0.05) for n in (1, 2, 3)]
    assert [place(value, 3) for value in (1e9, math.inf, -math.inf)] == [98.0, 98.0, 2.0]


def test_a_deviation_is_in_units_of_what_the_rule_allows_for_that_law():
    own = {**row(12.0, 10.0, corrected=20.0), "tolerance": 1.0, "rtol": 0.1}
    assert (deviation(own, "stated"), deviation(own, "corrected")) == (1.0, -8.0 / 3.0)
    assert deviation(row(1.0, None, corrected=1.0), "stated") is None
    exact = {"tolerance": 0.0, "rtol": 0.0}
    assert deviation({**row(1.0, 1.0), **exact}, "stated") == 0.0
    assert deviation({**row(1.0, 2.0), **exact}, "stated") == -math.inf
    assert deviation(row(1.0, math.inf), "stated") == -math.inf


def test_nothing_to_show_is_no_strip_and_one_group_needs_no_title():
    assert strip([], {}) == ""
    one = strip([row(corrected=1.0)], {})
    assert not GROUP.findall(one)
    assert LANE.findall(one) == ["document: 1 of 1 agree", "our law: 1 of 1 agree"]
    assert LANE.findall(strip([row()], {})) == ["document: 1 of 1 agree"]


def test_the_overview_has_the_deciding_reading_inside_and_outside_its_condition_the_other_readings_and_us():
    assert overview([], {}) == ""
    rows = [row(), row(at={"gap": 0.5}), row(1.0, 2.0, at={"gap": 0.5}), row(1.0, None, corrected=1.0)]
    assert LANE.findall(overview(rows, {})) == ["document: 2 of 3 agree", "our law: 1 of 1 agree"]
    entry = {"condition": "gap below 0.1"}
    assert LANE.findall(overview(rows, entry)) == [
        "document: 1 of 1 agree",
        "outside: 1 of 2 agree",
        "our law: 1 of 1 agree",
    ]
    assert len(MARK.findall(overview(rows, entry))) == 4
    assert not GROUP.findall(overview(rows, entry))
    assert not SCALE.findall(overview(rows, entry))
    readings = [row(1.0, 2.0, reading="as printed"), row(reading="repaired"), row(corrected=1.0, reading="repaired")]
    assert LANE.findall(overview(readings, {})) == [
        "document: 2 of 2 agree",
        "other readings: 0 of 1 agree",
        "our law: 1 of 1 agree",
    ]
    assert LANE.findall(overview(rows[3:], {})) == ["our law: 1 of 1 agree"]


def test_groups_are_readings_and_within_them_the_condition_met_and_not():
    rows = [
        row(1.0, None, corrected=1.0),
        row(1.0, 2.0, at={"gap": 0.5}),
        row(),
        row(reading="a < b"),
        row(at={"width": 4}, reading="a < b"),  # does not name the condition
    ]
    entry = {"condition": "gap below 0.1"}
    assert GROUP.findall(strip(rows, entry)) == [
        "condition met",
        "condition not met",
        "a &lt; b · condition met",
        "a &lt; b",
        strips.ALONE,
    ]
    assert GROUP.findall(strip(rows, {})) == [strips.OTHERS, "a &lt; b", strips.ALONE]
    assert GROUP.findall(strip(rows[:1], {})) == [strips.ALONE]
    words = {"in_words": {"a < b": "a below b"}}
    assert GROUP.findall(strip(rows, words)) == [strips.OTHERS, "a below b", strips.ALONE]


def test_marks_are_filled_where_they_agree_open_where_not_and_fits_are_told_apart():
    rows = [
        row(1.0, 1.0, corrected=1.0, fitted=True),
        row(1.0, 2.0, corrected=1.0, at={}),
        row(1.0, 3.0, relation="<=", corrected=3.0),
    ]
    found = strip(rows, {})
    assert [kind for kind, _, _ in MARK.findall(found)] == ["yes", "no", "yes", "fitted", "yes", "yes"]
    assert [words for _, _, words in MARK.findall(found)][:3] == [
        "loss: gap 0.01. Measured 1, document 1",
        "loss. Measured 1, document 2",
        "loss: gap 0.01. Measured 1, document at most 3",
    ]
    assert LANE.findall(found) == ["document: 2 of 3 agree", "our law: 2 of 2 agree, 1 fitted"]
    assert LANE.findall(strip(rows[:1], {}))[1] == "our law: 1 fitted"


def test_marks_stand_where_they_are_off_on_a_scale_for_all_of_them():
    off = {**row(1.0, 1.0), "tolerance": 1.0}
    found = strip([{**off, "measured": 1.0 + away} for away in (0.0, -0.5, 200.0)], {})
    assert [float(left) for _, left, _ in MARK.findall(found)] == [50.0, 46.5, place(200.0, 3)]
    assert SCALE.findall(found) == ["−1", "+1", "−100", "+100"]  # each second decade, where there are many
    assert SCALE.findall(strip([off], {})) == ["−1", "+1", "−10", "+10"]
    assert SCALE.findall(strip([row(1.0, math.inf)], {})) == ["−1", "+1", "−100", "+100", "−10,000", "+10,000"]
