"""Tools and peers on many architectures: a row a way in sum, and all measurements in a fold."""

import html
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trainphys.book.texts import power_of_ten

ARCHITECTURES = "benchmarks/architectures.json"
Rows = Sequence[dict[str, Any]]


def architectures(root: Path) -> str:
    """Tools and peers on each architecture, from ``python -m benchmarks.architectures``."""
    found = json.loads((root / ARCHITECTURES).read_text("utf8"))
    rows: Rows = found["rows"]
    ways, kinds = (list(dict.fromkeys(row[key] for row in rows)) for key in ("way", "architecture"))
    summary = "".join(_in_sum(way, [row for row in rows if row["way"] == way]) for way in ways)
    each = "".join(_each(kind, [row for row in rows if row["architecture"] == kind]) for kind in kinds)
    return (
        f"<p>{html.escape(found['note'])} Timed on {html.escape(found['processor'])}, one core.</p>"
        + _table("Ways on all architectures", ("way", "ran on", "largest deviation", "median ms"), summary)
        + f"<details><summary>Each of the {len(kinds)} architectures</summary>"
        + _table("Ways on each architecture", ("way", "deviation", "ms", "peak MB"), each)
        + "</details>"
    )


def _in_sum(way: str, rows: Rows) -> str:
    """On how many architectures a way ran, its largest deviation and its median time there."""
    ran = [row for row in rows if not row["failure"]]
    cells = [f"{len(ran)} of {len(rows)}"]
    if ran:
        cells += [_deviation(max(row["deviation"] for row in ran)), _ms(statistics.median(r["seconds"] for r in ran))]
    return _row(way, [*cells, *[""] * (3 - len(cells))])


def _each(kind: str, rows: Rows) -> str:
    """The name of an architecture, and below it a row a way."""
    lines = "".join(map(_measured, rows))
    return f'<tr><th scope="colgroup" colspan="4">{html.escape(kind)}</th></tr>{lines}'


def _measured(row: Mapping[str, Any]) -> str:
    if row["failure"]:
        name, why = html.escape(row["way"]), html.escape(row["failure"])
        return f'<tr><th scope="row">{name}</th><td colspan="3">did not run: {why}</td></tr>'
    return _row(row["way"], [_deviation(row["deviation"]), _ms(row["seconds"]), f"{row['peak_MB']:.1f}"])


def _table(label: str, heads: Sequence[str], rows: str) -> str:
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    return (
        f'<div class="speed-scroll pst-scrollable-table-container architectures" role="region" aria-label="{label}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(name: str, cells: Sequence[str]) -> str:
    words = html.escape(name).replace("_", "_<wbr>")  # where a phone may break it
    return f'<tr><th scope="row">{words}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _deviation(value: float) -> str:
    return power_of_ten(value, 0) if 0 < value < 0.01 else f"{value:.2g}"


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.1f}"
