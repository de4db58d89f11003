"""The table of tools and peers on many architectures."""

import html
import json
from pathlib import Path

ARCHITECTURES = "benchmarks/architectures.json"


def architectures(root: Path) -> str:
    """Tools and peers on each architecture, from ``python -m benchmarks.architectures``."""
    found = json.loads((root / ARCHITECTURES).read_text("utf8"))
    rows = "".join(
        f'<tr><th scope="row">{html.escape(row["architecture"])}</th><td>{html.escape(row["way"])}</td>'
        + (
            f'<td colspan="3">did not run: {html.escape(row["failure"])}</td>'
            if row["failure"]
            else f"<td>{row['deviation']:.0e}</td><td>{1e3 * row['seconds']:.1f}</td><td>{row['peak_MB']:.1f}</td>"
        )
        + "</tr>"
        for row in found["rows"]
    )
    words = ("architecture", "way", "largest relative deviation", "milliseconds", "peak MB")
    heads = "".join(f'<th scope="col">{word}</th>' for word in words)
    return (
        f"<p>{html.escape(found['note'])} Timed on {html.escape(found['processor'])}, one core.</p>"
        '<div class="speed-scroll pst-scrollable-table-container" role="region" aria-label="Architectures">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
