"""The tables of architectures, from measurements that are made up."""

import json

from trainphys.book.site import architectures

ROWS = [
    {"architecture": "conv", "way": "ours", "deviation": 2e-9, "seconds": 0.0123, "peak_MB": 4.56, "failure": ""},
    {"architecture": "conv", "way": "peer", "failure": "no <conv>"},
    {"architecture": "tied", "way": "ours", "deviation": 4e-7, "seconds": 0.0143, "peak_MB": 0.01, "failure": ""},
    {"architecture": "tied", "way": "peer", "deviation": 0.25, "seconds": 0.1, "peak_MB": 0.01, "failure": ""},
    {"architecture": "tied", "way": "none", "failure": "nothing"},
    {"architecture": "tied", "way": "a_trace", "deviation": 0.0, "seconds": 0.1, "peak_MB": 0.01, "failure": ""},
]


def page(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / architectures.ARCHITECTURES).write_text(
        json.dumps({"note": "Small.", "processor": "P", "rows": ROWS}), "utf8"
    )
    return architectures.architectures(tmp_path)


def test_every_way_on_every_architecture_has_a_row_in_the_fold(tmp_path):
    _, fold = page(tmp_path).split("<details><summary>Each of the 2 architectures</summary>")
    assert fold.index('<th scope="colgroup" colspan="4">conv</th>') < fold.index(">tied</th>")
    assert '<th scope="row">ours</th><td>2 × 10⁻⁹</td><td>12.3</td><td>4.6</td></tr>' in fold
    assert '<th scope="row">peer</th><td colspan="3">did not run: no &lt;conv&gt;</td></tr>' in fold
    assert fold.count('scope="row"') == len(ROWS)


def test_in_sum_a_way_says_where_it_ran_its_largest_deviation_and_its_median_time(tmp_path):
    found, _ = page(tmp_path).split("<details>")
    assert found.startswith("<p>Small. Timed on P, one core.</p>")
    assert '<th scope="row">ours</th><td>2 of 2</td><td>4 × 10⁻⁷</td><td>13.3</td></tr>' in found
    assert '<th scope="row">peer</th><td>1 of 2</td><td>0.25</td><td>100.0</td></tr>' in found
    assert '<th scope="row">none</th><td>0 of 1</td><td></td><td></td></tr>' in found
    assert '<th scope="row">a_<wbr>trace</th><td>1 of 1</td><td>0</td><td>100.0</td></tr>' in found
