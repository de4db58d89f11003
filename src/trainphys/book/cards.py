"""The card that states a verdict with its evidence, in Markdown that a notebook and the site both show."""

import math
from typing import Any

from trainphys.book import project

MEANING = {
    "holds": "holds",
    "holds-if": "holds if a condition is met",
    "fails": "fails",
    "definition": "is a definition",
    "underspecified": "is underspecified",
    "pending": "is not judged yet",
}
ROWS_A_READING = 6  # on a card; the ledger has the rest


def card(record: dict[str, Any]) -> str:
    """Markdown of one verdict: what is claimed, the word, the evidence, what to use instead."""
    entry = project.claims(project.root())[record["id"]]
    lines = [f"**{entry['id']} {MEANING[record['verdict']]}.** {entry['statement']}", ""]
    if entry.get("latex"):
        lines += [f"$${entry['latex']}$$", ""]
    lines += [paragraph for paragraph in (entry.get("reason", ""), record["note"]) for paragraph in (paragraph, "")]
    lines += evidence_table(record["evidence"])
    if entry.get("corrected"):
        lines += ["", f"*Use instead:* {entry['corrected']}"]
    return "\n".join(lines)


def evidence_table(evidence: list[dict[str, Any]], limit: int | None = ROWS_A_READING) -> list[str]:
    """Markdown table of comparisons, reading by reading; the ledger passes ``limit=None`` to show them all."""
    if not evidence:
        return []
    lines = [
        "| at | stated | corrected | measured | tolerance | notices | agrees with |",
        "|:--|--:|--:|--:|--:|--:|:--|",
    ]
    hidden = 0
    for reading in dict.fromkeys(row["reading"] for row in evidence):
        mine = [row for row in evidence if row["reading"] == reading]
        if reading:
            lines.append(f"| *{reading}* | | | | | | |")
        lines += [_row(row) for row in mine[:limit]]
        hidden += len(mine) - len(mine[:limit])
    if hidden:
        lines += ["", f"{hidden} more comparison{'s are' if hidden > 1 else ' is'} in the ledger."]
    return lines


def _row(row: dict[str, Any]) -> str:
    allowed = row["tolerance"] + row["rtol"] * abs(_anchor(row))
    sign = {"==": "", "<=": "≤ ", ">=": "≥ "}[row["relation"]]
    cells = [
        conditions(row),
        sign + number(row["stated"]) if row["stated"] is not None else "",
        sign + number(row["corrected"]) if row["corrected"] is not None else "",
        number(row["measured"]),
        f"± {number(allowed, 2)}",
        "" if row["detectable"] is None else f"{row['detectable']:.2%}",
        _agreement(row),
    ]
    return "| " + " | ".join(cells) + " |"


def conditions(row: dict[str, Any]) -> str:
    """Where a comparison was made, such as ``B = 4, dimension = 3``."""
    return ", ".join(f"{key} = {number(value)}" for key, value in row["at"].items())


def _anchor(row: dict[str, Any]) -> float:
    value = row["corrected"] if row["corrected"] is not None else row["stated"]
    return float(value) if math.isfinite(float(value)) else 0.0


def _agreement(row: dict[str, Any]) -> str:
    laws = [law for law in ("stated", "corrected") if row[f"agrees_{law}"]]
    return " and ".join(laws) or "neither"


def number(value: Any, digits: int = 4) -> str:
    """A number as a reader wants it; texts pass through.

    >>> number(0.00001234), number(1234.5678), number("quench"), number(True)
    ('1.234e-05', '1235', 'quench', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)
