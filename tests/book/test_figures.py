"""A figure's record: its files, bytes and words, and what is refused."""

import base64

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from trainphys.book import figures
from trainphys.book.figures import FIGURE_MIME, figure, palette

TABLE = pd.DataFrame({"x": [0.0, 1.0], "y": [1 / 3, 2.0]})
GOOD = {"data": TABLE, "caption": "A  line\nof $x$.", "alt": "The line rises from\n a third to two."}


def drawn(monkeypatch, name="power-7-toy", **more):
    """What a figure of one line displays."""
    shown = []
    monkeypatch.setattr(figures, "display", lambda bundle, raw: shown.append((bundle, raw)))
    fig, ax = plt.subplots()
    ax.plot(TABLE.x, TABLE.y, label=more.pop("label", "a"))
    figure(name, fig, **{**GOOD, **more})
    assert not plt.fignum_exists(fig.number)
    ((bundle, raw),) = shown
    assert raw
    return bundle


def test_a_figure_is_kept_with_its_data_in_three_formats(monkeypatch):
    bundle = drawn(monkeypatch, claims=("A1.1a", "B1.1a"), runs=TABLE)
    record = bundle[FIGURE_MIME]
    csv = "x,y\n0,0.33333333\n1,2\n"
    words = {"name": "power-7-toy", "caption": "A line of $x$.", "alt": "The line rises from a third to two."}
    assert {key: record[key] for key in words} == words
    assert (record["claims"], record["csv"], record["runs"]) == (["A1.1a", "B1.1a"], csv, csv)
    assert record["svg"].startswith("<?xml")
    assert "</svg>" in record["svg"]
    assert base64.b64decode(record["pdf"]).startswith(b"%PDF")
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["text/plain"] == GOOD["alt"]
    bare = drawn(monkeypatch)[FIGURE_MIME]
    assert (bare["claims"], bare["runs"]) == ([], "")


def test_a_figure_has_the_same_bytes_each_time_and_no_date(monkeypatch):
    first, second = drawn(monkeypatch), drawn(monkeypatch)
    assert first == second
    assert "<dc:date>" not in first[FIGURE_MIME]["svg"]
    assert b"CreationDate" not in base64.b64decode(first[FIGURE_MIME]["pdf"])


def test_a_print_has_enough_pixels(monkeypatch):
    png = base64.b64decode(drawn(monkeypatch)["image/png"])
    width, height = (int.from_bytes(png[start : start + 4], "big") for start in (16, 20))
    assert 900 <= width <= 1300
    assert 500 <= height <= 750


@pytest.mark.parametrize("name", ["power-7-toy", "cooling-10-a-2", "distance-1-x"])
def test_names_have_part_section_and_subject(monkeypatch, name):
    assert drawn(monkeypatch, name)[FIGURE_MIME]["name"] == name


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"name": "power-7"}, "expected a figure name such as power-7-crossover, got 'power-7'"),
        ({"name": "power-7-toy.svg"}, "expected a figure name"),
        ({"name": "xpower-7-toy"}, "expected a figure name"),
        ({"alt": "Only five words of alt"}, "alt text that states the finding of power-7-toy"),
        ({"alt": "figures/a is what the picture shows here"}, "expected alt text"),
        ({"alt": "The picture that is in line.pdf shows it"}, "expected alt text"),
        ({"caption": " \n"}, "expected a caption for power-7-toy, got none"),
        ({"data": TABLE[:0]}, "expected the data behind power-7-toy, got an empty table"),
        ({"data": TABLE[["x"]]}, r"expected all that power-7-toy draws in data=, got none of panel 0, line 'a': 0.333"),
    ],
)
def test_what_is_incomplete_is_refused(monkeypatch, bad, message):
    with pytest.raises(ValueError, match=message):
        drawn(monkeypatch, **bad)
    plt.close("all")


def test_six_words_and_a_stroke_further_on_are_enough(monkeypatch):
    assert drawn(monkeypatch, alt="It rises by one half / third")


def test_the_document_is_vermilion_our_law_blue_and_what_was_measured_dark():
    colours = {"stated": "#d55e00", "corrected": "#0173b2", "measured": "#222222", "other": "#029e73"}
    assert palette() == colours


def test_figures_are_white_and_have_no_frames():
    fig, ax = plt.subplots()
    ax.plot([0], [0], label="a")
    assert [ax.spines[side].get_visible() for side in ("left", "bottom", "top", "right")] == [True, True, False, False]
    assert not ax.legend().get_frame_on()
    assert fig.get_facecolor() == (1.0, 1.0, 1.0, 1.0)
    assert tuple(fig.get_size_inches()) == (7.0, 4.0)
    plt.close(fig)
