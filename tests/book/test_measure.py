"""The measured site in words: a row a chapter, what pages weigh, and how small a label gets."""

import pytest

from trainphys.book import measure

WIDE = {"screens": 1.26, "verdicts": 0.124, "minutes": 11.6, "cut": 2}


def test_a_row_for_each_chapter():
    own = {"name": "power/1-toy", "desktop": WIDE, "phone": {"verdicts": 0.148}, "label_px": 9.04}
    own["opened_label_px"] = 11.5
    without = {**own, "desktop": {**WIDE, "screens": None}, "label_px": 0}
    lines = measure.table({"chapters": {"A1": own, "A2": without}})
    assert lines[2:] == [
        "| A1 | 1.3 | 12.4% | 14.8% | 12 | 2 | 9.0 | 11.5 |",
        "| A2 | none | 12.4% | 14.8% | 12 | 2 | 0.0 | 11.5 |",
    ]
    assert {line.count("|") for line in lines} == {9}


def test_pages_are_weighed_in_kilobytes():
    assert measure.weights({"bytes": {"book/start": 123_456, "book/ledger": 499}}) == (
        "book/start 123 kB, book/ledger 0 kB"
    )


def test_a_label_shrinks_with_its_picture(tmp_path):
    (tmp_path / "figures").mkdir()
    for name, width in (("a", 400), ("b", 800)):
        (tmp_path / f"figures/{name}.svg").write_text(f'<svg viewBox="0 0 {width} 300">')
    labels = {"a": 10.0, "b": 10.0, "elsewhere": 1.0}
    assert measure.smallest_label(tmp_path, labels, {"a": 320, "b": 320}) == pytest.approx(4.0)
    assert measure.smallest_label(tmp_path, labels, {"a": 320}) == pytest.approx(8.0)
    assert measure.smallest_label(tmp_path, labels, {}) == 0
