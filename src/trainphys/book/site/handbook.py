"""The laws that survive, by the question they answer: formula, range and error, code with its output, figure."""

import math
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainphys.book import cards, project
from trainphys.book.site.pages import read
from trainphys.book.site.worked import ran, short
from trainphys.book.texts import number

CONDITIONS = 3  # how many ranges a line names
MOST_KINDS = 4  # that are named one by one
LARGE, CLOSE = 0.3, 5e-4  # relative errors beyond which, and below which, a number says little


def handbook(root: Path) -> str:
    """Markdown of all questions.

    Raises:
        ValueError: a claim without a law or a line of code.
    """
    rows = {row["id"]: row for row in read(root, "ledger.json")}
    lines: list[str] = []
    for entry in project.read_yaml(root / "book/handbook.yml"):
        lines += [f"## {entry['question']}", "", entry["answer"], ""]
        for claim in entry["claims"]:
            if claim in rows:
                lines += _law(rows[claim], project.claims(root)[claim])
    return "\n".join(lines)


def _law(row: Mapping[str, Any], entry: Mapping[str, Any]) -> list[str]:
    text = row["corrected"] or (row["statement"] if row["verdict"] == "holds" else "")
    if not text or not row["use"]:
        raise ValueError(f"expected a law with a line of code behind {row['id']} of book/handbook.yml, got none")
    link = f'<a href="ledger.html#{row["id"]}">{row["id"]}</a>'
    figures = ", ".join(f"{{numref}}`{name}`" for name in row["figures"][:2])
    code = row["use"].strip()
    return [
        f"### {row['title']}",
        "",
        text,
        "",
        f"*Tested:* {tested(row['evidence'], entry)} ({link}{f', {figures}' if figures else ''})",
        "",
        "```python",
        code,
        "```",
        "```text",
        output(code),
        "```",
        "",
    ]


def tested(evidence: list[dict[str, Any]], entry: Mapping[str, Any]) -> str:
    """Where a law was compared with measurements, and how far off it was at most."""
    law, rows = "corrected", [row for row in evidence if row["agrees_corrected"] is not None]
    if not rows:
        law, rows = "stated", [row for row in evidence if row["agrees_stated"]]
    off = [
        abs(row["measured"] - float(row[law])) / abs(float(row[law]))
        for row in rows
        if row["relation"] == "==" and float(row[law]) and math.isfinite(float(row[law]))
    ]
    error = f", {_error(off)}" if off else ""
    return f"{len(rows)} comparison{'' if len(rows) == 1 else 's'}{error}; {ranges(rows, entry)}."


def _error(off: list[float]) -> str:
    """The largest relative error; that of the middle one where a law that predicts hardly anything makes it useless."""
    if max(off) > LARGE:
        return f"half of them off by {statistics.median(off):.1%} at most"
    return f"off by {max(off):.1%} at most" if max(off) >= CLOSE else f"off by less than {CLOSE:.2%}"


def ranges(rows: list[dict[str, Any]], entry: Mapping[str, Any]) -> str:
    """The range of each condition that was varied, the first few of them, named as in the claim's headline.

    >>> ranges([{"at": {"batch size": 4, "data": "digits"}}, {"at": {"batch size": 64, "data": "text"}}], {})
    'batch size 4 to 64; data: digits or text'
    """
    found: dict[str, list[Any]] = {}
    for row in rows:
        for key, value in row["at"].items():
            found.setdefault(key, []).append(value)
    parts = []
    for key, values in list(found.items())[:CONDITIONS]:
        name = cards.said(key, entry)
        if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
            low, high = min(values), max(values)
            parts.append(
                cards.place(
                    name, cards.in_print(low) + (f" to {cards.in_print(high)}" if high > low else ""), word=False
                )
            )
        else:
            parts.append(cards.place(name, _either(list(dict.fromkeys(map(number, values)))), word=True))
    return "; ".join(parts)


def _either(kinds: list[str]) -> str:
    if len(kinds) > MOST_KINDS:
        return f"{len(kinds)} kinds"
    named = [f"“{kind}”" if "," in kind else kind for kind in kinds]
    return " or ".join(filter(None, (", ".join(named[:-1]), named[-1])))


def output(code: str) -> str:
    """What the lines of an example return, a line each, rounded for reading."""
    return "\n".join(short(value) for value in ran(code, {}))
