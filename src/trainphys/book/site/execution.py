"""The page *Execution*: what running the chapters took."""

import json
from pathlib import Path

from trainphys.book import measure
from trainphys.book.site.pages import read


def table(root: Path) -> str:
    """One row a chapter: seconds, seed, claims, comparisons."""
    rows = read(root, "execution.json")
    lines = ["| chapter | seconds | seed | claims | comparisons |", "|:--|--:|--:|--:|--:|"]
    for row in rows:
        link = f"{{doc}}`{row['chapter']} </notebooks/{row['chapter']}>`"
        lines.append(f"| {link} | {row['seconds']:.0f} | {row['seed']} | {row['claims']} | {row['comparisons']} |")
    total = [sum(row[key] for row in rows) for key in ("seconds", "claims", "comparisons")]
    lines.append(f"| all | {total[0]:.0f} | | {total[1]} | {total[2]} |")
    return "\n".join(lines)


def measured(root: Path) -> str:
    """What the last measurement of the built site found."""
    path = root / measure.WRITTEN
    if not path.is_file():
        return "The site has not been measured yet: run `make measure`."
    found = json.loads(path.read_text("utf8"))
    return "\n".join([*measure.table(found), "", f"Bytes loaded, compressed: {measure.weights(found)}."])
