"""The table of architectures, from measurements that are made up."""

import json

from trainphys.book.site import architectures


def test_every_way_on_every_architecture_has_a_row(tmp_path):
    rows = [
        {"architecture": "conv", "way": "ours", "deviation": 2e-9, "seconds": 0.0123, "peak_MB": 4.56, "failure": ""},
        {"architecture": "conv", "way": "peer", "failure": "no <conv>"},
    ]
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / architectures.ARCHITECTURES).write_text(
        json.dumps({"note": "Small.", "processor": "P", "rows": rows}), "utf8"
    )
    found = architectures.architectures(tmp_path)
    assert "<td>ours</td><td>2e-09</td><td>12.3</td><td>4.6</td></tr>" in found
    assert '<td>peer</td><td colspan="3">did not run: no &lt;conv&gt;</td></tr>' in found
    assert "<p>Small. Timed on P, one core.</p>" in found
