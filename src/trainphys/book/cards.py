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
ROWS_A_READING = 6  # on a card in a notebook; the ledger has the rest
PLACE = 2  # conditions that a headline names; the row on the card has all of them
ROWS_OPEN = 3  # on a card of the site, below the strip that shows all


def card(record: dict[str, Any], values: Mapping[str, Any] | None = None, root: Path | None = None) -> str:
    """Markdown of one verdict: what is claimed, the word with its condition, the evidence, what to use instead.

    Args:
        record: what ``Claim.verdict`` recorded.
        values: what the chapter glued, for the numbers in the texts of ``book/claims``; without it they stay open.
        root: the book's folder, by default the working directory's, else the claims that the package carries.
    """
    entry = project.claims(root or project.sources())[record["id"]]
    table = "\n".join(evidence_table(record["evidence"]))
    parts = [opening(record, entry), why(record, entry, values), table, closing(entry, values)]
    return "\n\n".join(part for part in parts if part)


def opening(record: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """The verdict, and what was claimed."""
    formula = formulas.latex(entry)
    claimed = f"**{entry['id']} {headline(record, entry)}.** {entry['statement']}"
    return f"{claimed.rstrip()} In symbols: ${formula}$" if formula else claimed


def why(record: Mapping[str, Any], entry: Mapping[str, Any], values: Mapping[str, Any] | None) -> str:
    """Why the verdict came out so, and how a claim that lacks something was completed."""
    return "\n\n".join(filter(None, (filled(entry.get("reason", ""), values), record["note"])))


def closing(entry: Mapping[str, Any], values: Mapping[str, Any] | None) -> str:
    """The law to use instead."""
    return f"*Use instead:* {filled(entry['corrected'], values)}" if entry.get("corrected") else ""


def telling(evidence: list[dict[str, Any]], entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The comparisons that say most, at most three: the document's worst, a typical one, our law's worst."""
    tested = [row for row in evidence if row["agrees_stated"] is not None]
    chosen: list[dict[str, Any]] = []
    deciding = verdicts.deciding(tested, entry)[1] if tested else []
    if deciding:
        chosen.append(verdicts.worst(deciding) or deciding[-1])
        agreeing = [row for row in deciding if row["agrees_stated"]]
        chosen += agreeing[len(agreeing) // 2 :][:1]
    ours = [row for row in evidence if row["corrected"] is not None and math.isfinite(float(row["corrected"]))]
    if ours:
        chosen.append(
            max(ours, key=lambda row: abs(row["measured"] - float(row["corrected"])) / (_allowed(row) or 1.0))
        )
    chosen += [*deciding, *evidence]  # short of three, the first ones, of the reading that decides if there are enough
    names = {id(row) for row in list({id(row): row for row in chosen}.values())[:ROWS_OPEN]}
    return [row for row in evidence if id(row) in names]


def headline(record: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """The verdict as a sentence without its subject: the condition is part of it, and so is how far off the claim is.

    ``holds if the relative gap is below 0.01; outside, updates to the target 5,000 where 172 is claimed``
    """
    found = verdicts.word(record, entry)
    if found in ("definition", "underspecified"):
        missing = entry.get("missing")
        return MEANING[found] + (f"; missing: {missing}" if missing else "")
    tested = [row for row in record["evidence"] if row["agrees_stated"] is not None]
    _, rows = verdicts.deciding(tested, entry)
    off = verdicts.worst(rows)
    text = f"holds if {_in_words(entry['condition'])}" if found == "holds-if" else found
    if off is None:
        return text
    link = "; outside, " if found == "holds-if" else ": "
    place = f" ({conditions(off, PLACE)})" if off["at"] else ""
    claimed = f"{number(off['measured'], 3)} where {_bound(off, off['stated'], 3)} is claimed"
    return f"{text}{link}{off['quantity']} {claimed}{place}"


def _in_words(condition: str) -> str:
    """``relative gap below 0.01`` as a clause: the relative gap is below 0.01."""
    parts = (
        f"{part.key} {'' if part.relation.startswith('is') else 'is '}{part.relation} {number(part.value)}"
        for part in verdicts.clauses(condition)
    )
    return " and ".join(parts)


def evidence_table(evidence: list[dict[str, Any]], limit: int | None = ROWS_A_READING) -> list[str]:
    """Markdown table of comparisons, reading by reading; the ledger passes ``limit=None`` to show them all."""
    if not evidence:
        return []
    exact = any(row["reference"] is not None for row in evidence)
    heads = [
        "quantity and place",
        "measured",
        "document",
        "our law",
        *(["exact"] if exact else []),
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
    cells = [
        f"{row['quantity']}: {conditions(row)}" if row["at"] else row["quantity"],
        number(row["measured"]),
        _law(row, "stated", reasons),
        _law(row, "corrected", reasons),
        *([_law(row, "reference", reasons)] if exact else []),
        number(_allowed(row), 2),
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


def conditions(row: Mapping[str, Any], most: int | None = None) -> str:
    """Where a comparison was made, such as ``batch size 4; loss: quartic``; with ``most`` only so many of them."""
    return "; ".join(
        f"{key}: {number(value)}" if isinstance(value, (str, bool)) else f"{key} {number(value)}"
        for key, value in list(row["at"].items())[:most]
    )


def _allowed(row: Mapping[str, Any]) -> float:
    """The deviation that the rule allows, from the first prediction that there is."""
    return float(row["tolerance"] + row["rtol"] * abs(_anchor(row)))


def _anchor(row: Mapping[str, Any]) -> float:
    value = next(row[law] for law in ("corrected", "stated", "reference") if row[law] is not None)
    return float(value) if math.isfinite(float(value)) else 0.0
