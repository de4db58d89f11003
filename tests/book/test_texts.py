"""Numbers on their way from the run into sentences."""

import math

import nbformat
import numpy as np
import pytest

from tests.book.by_hand import a_run
from trainphys.book import numbers, texts
from trainphys.book.numbers import SHOWN_MIME, glue, power_of_ten, shown
from trainphys.book.texts import filled, glued, number


def test_each_open_place_gets_its_value_in_its_format():
    values = {"a": 0.5, "b": "words", "n": 3}
    assert filled("[[a:.2f]] and\n  [[b]], [[n]] [[n:03d]].", values) == "0.50 and words, 3 003."
    assert filled("[[a:.2f]] and\n  [[b]]", None) == "… and …"
    assert filled("", values) == ""
    with pytest.raises(KeyError, match=r"expected glue\(c=...\) in the chapter for \[\[c:.1f\]\], got none"):
        filled("[[c:.1f]]", values)


def test_what_a_run_glued_is_read_back(tmp_path):
    assert glued(a_run(tmp_path, low=-1.5e-7).notebook) == {"low": -1.5e-7}
    assert glued(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("x")])) == {}


def test_numbers_for_readers():
    assert [number(value) for value in (1 / 3, 2, True, False, "x", 1e-9)] == [
        "0.3333",
        "2",
        "yes",
        "no",
        "x",
        "1 × 10⁻⁹",
    ]
    assert number(2 / 3, 2) == "0.67"
    assert [number(value) for value in (999.96, 1234.5678, -1e5, 1e6, 0.001, 0.0)] == [
        "1,000",
        "1,235",
        "-100,000",
        "1 × 10⁶",
        "0.001",
        "0",
    ]
    assert [number(value) for value in (math.inf, math.nan)] == ["inf", "nan"]


@pytest.fixture
def displayed(monkeypatch):
    found = []
    monkeypatch.setattr(numbers.myst_nb, "glue", lambda name, value, display: found.append((name, value, display)))
    monkeypatch.setattr(numbers, "display", lambda bundle, raw: found.append((bundle, raw)))
    monkeypatch.delenv("TRAINPHYS_BEND", raising=False)
    return found


def test_glue_takes_numbers_and_texts_as_pythons_own(displayed):
    glue(a=np.float32(0.5), b=3, c="x", d=np.int64(4), e=1.5)
    assert displayed == [(n, v, False) for n, v in {"a": 0.5, "b": 3, "c": "x", "d": 4, "e": 1.5}.items()]
    assert [type(value) for _, value, _ in displayed] == [float, int, str, int, float]
    for bad in (True, np.True_, None, [1], np.datetime64("2026-01-01")):
        with pytest.raises(ValueError, match="expected a number or a text for z, got"):
            glue(z=bad)


def test_a_phrase_is_shown_with_its_check(displayed):
    assert shown("always", np.True_, "each of them") == "always"
    assert displayed == [({SHOWN_MIME: {"phrase": "always", "check": "each of them"}, "text/plain": ""}, True)]


def test_a_phrase_stands_while_laws_are_bent_so_that_the_chapter_runs_to_its_end(displayed, monkeypatch):
    with pytest.raises(ValueError, match="expected the run to show 'always', but this is not so: each of them"):
        shown("always", False, "each of them")
    monkeypatch.setenv("TRAINPHYS_BEND", "up")
    assert shown("always", False, "each of them") == "always"
    assert len(displayed) == 1


def test_powers_of_ten():
    assert power_of_ten(9.96e12) == "1 × 10¹³"
    assert power_of_ten(1234567890, 3) == "1.235 × 10⁹"
    assert power_of_ten(-4.2e-26) == "-4.2 × 10⁻²⁶"
    assert power_of_ten(1.23e-5) == "1.2 × 10⁻⁵"
    assert power_of_ten(3.0, 0) == "3 × 10⁰"
    assert power_of_ten(1e20, 0) == "1 × 10²⁰"
    assert all(power_of_ten(10.0**n).endswith(raised(n)) for n in range(10))


def raised(digit):
    return "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]


def test_open_places_are_found():
    assert texts.OPEN.findall("[[a]] [[b:.1f]] [c] [[d e]]") == [("a", ""), ("b", ".1f")]
    assert math.isclose(float(filled("[[x:.3e]]", {"x": math.pi})), math.pi, rel_tol=1e-3)
