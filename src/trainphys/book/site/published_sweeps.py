"""The tables of batch-size sweeps, published and made up: how many left-out runs fell into their intervals."""

import html
import json
from pathlib import Path

SWEEPS = "benchmarks/operating_point.json"
WRONG_LAWS = "benchmarks/wrong_laws.json"


def published_sweeps(root: Path) -> str:
    """A row a sweep, a column a quantity, from ``python -m benchmarks.operating_point``."""
    return _table(root / SWEEPS, "sweep", "Published sweeps")


def wrong_laws(root: Path) -> str:
    """The same for made-up sweeps of other laws, a row a law."""
    return _table(root / WRONG_LAWS, "law", "Sweeps of other laws")


def _table(results: Path, row_name: str, label: str) -> str:
    found = json.loads(results.read_text("utf8"))
    quantities = list(dict.fromkeys(name for row in found.values() for name in row))
    rows = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th>'
        + "".join(f"<td>{_cell(row.get(quantity))}</td>" for quantity in quantities)
        + "</tr>"
        for name, row in found.items()
    )
    heads = "".join(f'<th scope="col">{word}</th>' for word in (row_name, *quantities))
    return (
        f'<div class="speed-scroll pst-scrollable-table-container" role="region" aria-label="{label}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cell(tally: dict[str, float] | None) -> str:
    if tally is None:
        return "not known"
    return f"{tally['inside']}&nbsp;of&nbsp;{tally['runs']}, ×{tally['factor']:.2f}"  # broken at the comma alone
