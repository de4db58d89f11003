"""The page *Execution*: what running the chapters took."""

import json
from pathlib import Path

from trainphys.book import measure
from trainphys.book.chapters import Chapter
from trainphys.book.site.pages import read


def table(root: Path) -> str:
    """One row a chapter: seconds, most memory in MB, seed, claims, comparisons."""
    rows = read(root, "execution.json")
    lines = ["| chapter | seconds | MB | seed | claims | comparisons |", "|:--|--:|--:|--:|--:|--:|"]
    for row in rows:
        chapter = Chapter(root, row["chapter"])
        link = f"{{doc}}`{chapter.number} {chapter.title} </{chapter.docname}>`"
        took = f"{row['seconds']:.0f} | {row['peak_MB'] or ''}"
        lines.append(f"| {link} | {took} | {row['seed']} | {row['claims']} | {row['comparisons']} |")
    total = [sum(row[key] for row in rows) for key in ("seconds", "claims", "comparisons")]
    most = max((row["peak_MB"] or 0 for row in rows), default=0) or ""
    lines.append(f"| all | {total[0]:.0f} | {most} | | {total[1]} | {total[2]} |")
    return "\n".join(lines)


def measured(root: Path) -> str:
    """What the last measurement of the built site found."""
    path = root / measure.WRITTEN
    if not path.is_file():
        return "The site has not been measured yet: run `make measure`."
    found = json.loads(path.read_text("utf8"))
    return "\n".join([*measure.table(found), "", f"Bytes loaded, compressed: {measure.weights(found)}."])
