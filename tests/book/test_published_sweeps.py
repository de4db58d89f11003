"""The table of published sweeps, from results that are made up."""

import json

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
    assert '<tr><th scope="row">first &lt;sweep&gt;</th><td>8 of 9, × 1.23</td><td>7 of 7, × 2.00</td></tr>' in page
    assert "<td>3 of 3, × 1.00</td><td>not known</td></tr>" in page
    assert '<th scope="col">updates</th><th scope="col">joules</th>' in page


def test_other_laws_have_a_table_of_the_same_form(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    found = {"a power": {"updates": {"runs": 9, "inside": 8, "factor": 1.2}}}
    (tmp_path / published_sweeps.WRONG_LAWS).write_text(json.dumps(found), "utf8")
    page = published_sweeps.wrong_laws(tmp_path)
    assert '<tr><th scope="row">a power</th><td>8 of 9, × 1.20</td></tr>' in page
    assert '<th scope="col">law</th>' in page
    assert 'aria-label="Sweeps of other laws"' in page
