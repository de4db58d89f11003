"""The table of published sweeps, from results that are made up."""

import json
import math
from pathlib import Path

from trainphys.book.site import published_sweeps


def test_every_sweep_has_a_row_and_says_what_is_not_known(tmp_path):
    found = {
        "first <sweep>": {
            "updates": {"runs": 9, "inside": 8, "factor": 1.234},
            "joules": {"runs": 7, "inside": 7, "factor": 2.0},
        },
        "second": {"updates": {"runs": 3, "inside": 3, "factor": 1.0}},
    }
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / published_sweeps.SWEEPS).write_text(json.dumps(found), "utf8")
    page = published_sweeps.published_sweeps(tmp_path)
    first = "<td>8&nbsp;of&nbsp;9, ×1.23</td><td>7&nbsp;of&nbsp;7, ×2.00</td>"
    assert f'<tr><th scope="row">first &lt;sweep&gt;</th>{first}</tr>' in page
    assert "<td>3&nbsp;of&nbsp;3, ×1.00</td><td>not known</td></tr>" in page
    assert '<th scope="col">updates</th><th scope="col">joules</th>' in page


def test_other_laws_have_a_table_of_the_same_form(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    found = {"a power": {"updates": {"runs": 9, "inside": 8, "factor": 1.2}}}
    (tmp_path / published_sweeps.WRONG_LAWS).write_text(json.dumps(found), "utf8")
    page = published_sweeps.wrong_laws(tmp_path)
    assert '<tr><th scope="row">a power</th><td>8&nbsp;of&nbsp;9, ×1.20</td></tr>' in page
    assert '<th scope="col">law</th>' in page
    assert 'aria-label="Sweeps of other laws"' in page


def test_the_page_names_the_kinds_of_laws_that_miss_clearly_more_often_and_those_that_hardly_do():
    """More misses than chance alone gives one time in forty; no miss in updates at all."""
    root = Path(__file__).resolve().parents[2]
    found = json.loads((root / published_sweeps.WRONG_LAWS).read_text("utf8"))
    missed = {name: row["updates"]["runs"] - row["updates"]["inside"] for name, row in found.items()}
    runs = {row["updates"]["runs"] for row in found.values()}
    assert runs == {200}
    often = 0.05 * 200 + 2 * math.sqrt(0.05 * 0.95 * 200)
    assert {name for name, count in missed.items() if count > often} == {
        "one size badly tuned",
        "another recipe from a size on",
    }
    assert {name for name, count in missed.items() if count == 0} == {
        "small batches hardly arrive",
        "each doubling saves as much",
    }
    page = (root / "book/tools.md").read_text("utf8")
    for words in (
        "Two kinds miss",
        "one size was badly tuned",
        "recipe changes at some size",
        "hardly arrive",
        "each doubling",
    ):
        assert words in page
