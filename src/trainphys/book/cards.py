"""The card that states a verdict with its evidence, in Markdown that a notebook and the site both show."""

import math
from collections.abc import Mapping
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from trainphys.book import formulas, project, verdicts
from trainphys.book.texts import filled, number

MEANING = {
    "holds": "holds",
    "holds-if": "holds if a condition is met",
    "fails": "fails",
    "definition": "is a definition",
    "underspecified": "is underspecified",
    "pending": "is not judged yet",
}
ROWS_A_READING = 6  # on a card; the ledger has the rest


def card(record: dict[str, Any], values: Mapping[str, Any] | None = None, root: Path | None = None) -> str:
    """Markdown of one verdict: what is claimed, the word with its condition, the evidence, what to use instead.

    Args:
        record: what ``Claim.verdict`` recorded.
        values: what the chapter glued, for the numbers in the texts of ``book/claims``; without it they stay open.
        root: the book's folder, by default the one that the working directory is in.
    """
    entry = project.claims(root or project.root())[record["id"]]
    lines = [f"**{entry['id']} {headline(record, entry)}.** {entry['statement']}", ""]
    if formula := formulas.latex(entry):
        lines += [f"$${formula}$$", ""]
    for text in (filled(entry.get("reason", ""), values), record["note"]):
        lines += [text, ""] if text else []
    lines += evidence_table(record["evidence"])
    if entry.get("corrected"):
        lines += ["", f"*Use instead:* {filled(entry['corrected'], values)}"]
    return "\n".join(lines)


def headline(record: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """The verdict as a sentence without its subject: the condition is part of it, and so is how far off the claim is.

    ``holds for relative gap below 0.01; outside, 29 times too small (updates to the target at relative gap 0.97)``
    """
    found = verdicts.word(record, entry)
    if found in ("definition", "underspecified"):
        missing = entry.get("missing")
        return MEANING[found] + (f": {missing}" if missing else "")
    tested = [row for row in record["evidence"] if row["agrees_stated"] is not None]
    _, rows = verdicts.deciding(tested, entry)
    off = verdicts.worst(rows)
    text = f"holds if {entry['condition'].replace(' is ', ': ')}" if found == "holds-if" else found
    if off is None:
        return text
    link = "; outside, " if found == "holds-if" else ": "
    place = f" at {conditions(off)}" if off["at"] else ""
    return (
        f"{text}{link}{off['quantity']}{place} is {number(off['measured'], 3)}, claimed {_bound(off, off['stated'], 3)}"
    )


def evidence_table(evidence: list[dict[str, Any]], limit: int | None = ROWS_A_READING) -> list[str]:
    """Markdown table of comparisons, reading by reading; the ledger passes ``limit=None`` to show them all."""
    if not evidence:
        return []
    exact = any(row["reference"] is not None for row in evidence)
    heads = [
        "measured quantity",
        "document",
        "our law",
        *(["exact"] if exact else []),
        "measured",
        "± allowed",
        "notices",
    ]
    lines = ["| " + " | ".join(heads) + " |", "|:--|" + "--:|" * (len(heads) - 1)]
    hidden = 0
    reasons: dict[str, str] = {}  # why a law is not tested, and the letter that stands for it
    for reading in dict.fromkeys(row["reading"] for row in evidence):
        mine = [row for row in evidence if row["reading"] == reading]
        if reading:
            lines.append(f"| *{reading}* |" + " |" * (len(heads) - 1))
        lines += [_row(row, exact, reasons) for row in mine[:limit]]
        hidden += len(mine) - len(mine[:limit])
    if hidden:
        lines += ["", f"{hidden} more comparison{'s are' if hidden > 1 else ' is'} in the ledger."]
    if reasons:
        lines += ["", "Not tested: " + "; ".join(f"({letter}) {reason}" for reason, letter in reasons.items()) + "."]
    return lines


def _row(row: dict[str, Any], exact: bool, reasons: dict[str, str]) -> str:
    allowed = row["tolerance"] + row["rtol"] * abs(_anchor(row))
    cells = [
        f"{row['quantity']}: {conditions(row)}" if row["at"] else row["quantity"],
        _law(row, "stated", reasons),
        _law(row, "corrected", reasons),
        *([_law(row, "reference", reasons)] if exact else []),
        number(row["measured"]),
        number(allowed, 2),
        "" if row["detectable"] is None else f"{row['detectable']:.1%}",
    ]
    return "| " + " | ".join(cells) + " |"


def _law(row: dict[str, Any], law: str, reasons: dict[str, str]) -> str:
    """What a law predicts, and whether that agrees; or why it is not tested, by letter."""
    if row[law] is None:
        reason = row.get(f"not_{law}", "")
        return f"not tested ({reasons.setdefault(reason, _letter(len(reasons)))})" if reason else ""
    agrees = row[f"agrees_{law}"]
    mark = "fitted" if agrees is None else "✓" if agrees else "✗"
    return f"{_bound(row, row[law])} {mark}"


def _letter(count: int) -> str:
    return ascii_lowercase[count % 26] * (1 + count // 26)


def _bound(row: dict[str, Any], value: Any, digits: int = 4) -> str:
    return {"==": "", "<=": "≤ ", ">=": "≥ "}[row["relation"]] + number(float(value), digits)


def conditions(row: dict[str, Any]) -> str:
    """Where a comparison was made, such as ``batch size 4; loss: quartic``."""
    return "; ".join(
        f"{key}: {number(value)}" if isinstance(value, (str, bool)) else f"{key} {number(value)}"
        for key, value in row["at"].items()
    )


def _anchor(row: dict[str, Any]) -> float:
    value = next(row[law] for law in ("corrected", "stated", "reference") if row[law] is not None)
    return float(value) if math.isfinite(float(value)) else 0.0
