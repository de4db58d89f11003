"""The card that states a verdict with its evidence, in Markdown that a notebook and the site both show."""

import math
import re
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
COMPLETED = re.compile(  # what Claim.completed_by notes
    r"We complete it by (?P<by>.*)\. The text allows (?P<another>.*) as well, which would predict "
    r"(?P<second>.*) where the first predicts (?P<first>.*)\."
)
BOTH = re.compile(r" \(both numbers are (?P<what>[^()]+)\)")  # what the numbers of two completions are
NAMED = 2  # conditions that a headline names; the row on the card has all of them
SHORT = 3  # words of a name that its number may follow without a colon
MINUS = "\N{MINUS SIGN}"
IN_WORDS = {"==": "", "<=": "at most ", ">=": "at least "}
ROWS_OPEN = 3  # on a card of the site, below the strip that shows all


def card(record: dict[str, Any], values: Mapping[str, Any] | None = None, root: Path | None = None) -> str:
    """Markdown of one verdict: what is claimed, the word with its condition, the evidence, what to use instead.

    Args:
        record: what ``Claim.verdict`` recorded.
        values: what the chapter glued, for the numbers in the texts of ``book/claims``; without it they stay open.
        root: the book's folder, by default the working directory's, else the claims that the package carries.
    """
    entry = project.claims(root or project.sources())[record["id"]]
    table = "\n".join(evidence_table(record["evidence"], entry))
    parts = [opening(record, entry), why(record, entry, values), table, closing(entry, values)]
    return "\n\n".join(part for part in parts if part)


def opening(record: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """The verdict, and what was claimed."""
    return f"**{entry['id']} {headline(record, entry)}.** {claimed(entry)}"


def line(record: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """What a card says while it is closed: the verdict and what it is about, and a number or else the claim."""
    word, found = verdict_and_number(record, entry)
    said = f"{found}." if found else str(entry["statement"]).strip()
    return f"**{entry['id']} {word}.** *{entry['title']}.* {said}"


def claimed(entry: Mapping[str, Any]) -> str:
    """The claim in words and, where it has one, by its formula."""
    formula = formulas.latex(entry)
    words = str(entry["statement"]).rstrip()
    return f"{words} In symbols: ${formula}$" if formula else words


def why(record: Mapping[str, Any], entry: Mapping[str, Any], values: Mapping[str, Any] | None) -> str:
    """Why the verdict came out so, and how a claim that lacks something was completed."""
    return "\n\n".join(filter(None, (filled(entry.get("reason", ""), values), note(record, entry))))


def note(record: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """What a definition leaves open; or how a claim that lacks something was completed, and how that came out."""
    parts = COMPLETED.fullmatch(record["note"])
    if parts is None:
        return str(record["note"])
    agrees = verdicts.word(record, entry) == "underspecified"
    outcome = "Completed in this way it agrees with the measurements" if agrees else "Even so it disagrees"
    by, another = (said(parts[name], entry) for name in ("by", "another"))
    told = BOTH.search(by) or BOTH.search(another)
    unit = f"; both are {told['what']}" if told else ""
    return (
        f"We complete it by {BOTH.sub('', by)}. {outcome}. The text also allows {BOTH.sub('', another)}. "
        f"The first predicts {parts['first']}, the second {parts['second']}{unit}."
    )


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
        chosen.append(max(ours, key=lambda row: abs(verdicts.deviation(row, "corrected") or 0.0)))
    chosen += [*deciding, *evidence]  # short of three, the first ones, of the reading that decides if there are enough
    names = {id(row) for row in list({id(row): row for row in chosen}.values())[:ROWS_OPEN]}
    return [row for row in evidence if id(row) in names]


def headline(record: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """The verdict as a sentence without its subject: the condition is part of it, and so is how far off the claim is.

    ``holds if the relative gap is below 0.01. Where it is 0.5, updates to the target: measured 5,000, ...``
    """
    return ". ".join(filter(None, verdict_and_number(record, entry)))


def verdict_and_number(record: Mapping[str, Any], entry: Mapping[str, Any]) -> tuple[str, str]:
    """The word with its condition; and what is missing, or the comparison that is furthest off, if one is."""
    found = verdicts.word(record, entry)
    if found in ("definition", "underspecified"):
        missing = entry.get("missing")
        return MEANING[found], f"Missing: {missing}" if missing else ""
    tested = [row for row in record["evidence"] if row["agrees_stated"] is not None]
    _, rows = verdicts.deciding(tested, entry)
    word = f"holds if {_in_words(entry)}" if found == "holds-if" else found
    words = list(verdicts.words_of_readings(tested, entry).values())
    reading = _reading(rows[0], entry) if len(words) > 1 else ""
    if others := sum(other != found for other in words):
        word += f", {reading}; {'another reading fails' if others == 1 else f'{others} other readings fail'}"
        reading = ""  # it is named once
    elif reading:
        word += " in both readings" if len(words) == 2 else f" in each of {len(words)} readings"
    off = verdicts.worst(rows)
    return word, furthest_off(off, entry, reading, condition=found == "holds-if") if off else ""


def _reading(row: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    return f"read as “{said(row['reading'], entry)}”" if row["reading"] else "read as it stands"


def furthest_off(off: Mapping[str, Any], entry: Mapping[str, Any], reading: str, *, condition: bool) -> str:
    """The comparison that is furthest off: what of the condition is not met there, its reading, the numbers."""
    unmet = verdicts.unmet(entry["condition"], off["at"]) if condition else []
    rest = [key for key in off["at"] if key not in unmet][:NAMED]
    words = ", ".join(filter(None, (_outside(off, entry, unmet), reading, said(off["quantity"], entry))))
    measured, claimed = _apart(off["measured"], off["stated"])
    numbers = f"measured {measured}, claimed {IN_WORDS[off['relation']]}{claimed}"
    return f"{words[0].upper()}{words[1:]}: {numbers}" + (f" ({_places(off, entry, rest)})" if rest else "")


def _outside(off: Mapping[str, Any], entry: Mapping[str, Any], unmet: list[str]) -> str:
    """What of the condition is not met; where it has one quantity, its name stands just before and is not repeated."""
    if not unmet:
        return ""
    alone = len(verdicts.clauses(entry["condition"])) == 1 and not isinstance(off["at"][unmet[0]], str)
    return f"where it is {in_print(off['at'][unmet[0]])}" if alone else f"outside ({_places(off, entry, unmet)})"


def _places(row: Mapping[str, Any], entry: Mapping[str, Any], keys: list[str]) -> str:
    """Conditions as a headline has them: a colon parts a long name from its number."""
    return "; ".join(
        place(said(key, entry), in_print(row["at"][key]), word=isinstance(row["at"][key], (str, bool))) for key in keys
    )


def in_print(value: Any, digits: int = 4) -> str:
    """A number as a page shows it: as ``number`` has it, with a minus sign for the hyphen; texts pass through.

    >>> in_print(-0.25), in_print(-4.148e-5, 3), in_print("x-axis"), in_print("-1 to 1")
    ('−0.25', '−4.15 × 10⁻⁵', 'x-axis', '-1 to 1')
    """
    text = number(value, digits)
    return text if isinstance(value, str) else text.replace("-", MINUS, 1)


def place(name: str, value: str, *, word: bool) -> str:
    """A condition with its value, as a sentence has it; ``word``: the value is none of numbers.

    >>> place("batch size", "4", word=False), place("loss", "quartic", word=True)
    ('batch size 4', 'loss: quartic')
    >>> place("time over its limit", "2", word=False)
    'time over its limit: 2'
    """
    return f"{name}{':' if word or len(name.split()) > SHORT else ''} {value}"


def _apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers that disagree, in so many digits that a reader sees it.

    >>> _apart(0.5, 0.8), _apart(0.96601, 0.9664)
    (('0.5', '0.8'), ('0.966', '0.9664'))
    """
    found = [(in_print(one, digits), in_print(other, digits)) for digits in range(3, 10)]
    return next((pair for pair in found if pair[0] != pair[1]), found[0])


def _in_words(entry: Mapping[str, Any]) -> str:
    """``relative gap below 0.01`` as a clause: the relative gap is below 0.01; what is none is not there."""
    parts = [
        f"there are no {said(part.key, entry)}"
        if (part.relation, part.value) == ("is", "none")
        else f"the {said(part.key, entry)} {'' if part.relation.startswith('is') else 'is '}{part.relation} "
        f"{said(part.value, entry) if isinstance(part.value, str) else in_print(part.value)}"
        for part in verdicts.clauses(entry["condition"])
    ]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def said(name: str, entry: Mapping[str, Any]) -> str:
    """A name that the evidence carries, of a quantity, a condition or a reading, as a sentence has it."""
    return str(entry.get("in_words", {}).get(name, name))


def evidence_table(
    evidence: list[dict[str, Any]], entry: Mapping[str, Any], limit: int | None = ROWS_A_READING
) -> list[str]:
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
            lines.append(f"| *{said(reading, entry)}* |" + " |" * (len(heads) - 1))
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
        in_print(row["measured"]),
        _law(row, "stated", reasons),
        _law(row, "corrected", reasons),
        *([_law(row, "reference", reasons)] if exact else []),
        number(verdicts.allowed(row, _first(row)), 2),
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
    return {"==": "", "<=": "≤ ", ">=": "≥ "}[row["relation"]] + in_print(float(value), digits)


def conditions(row: Mapping[str, Any]) -> str:
    """Where a comparison was made, such as ``batch size 4; loss: quartic``."""
    return "; ".join(
        f"{key}: {number(value)}" if isinstance(value, (str, bool)) else f"{key} {number(value)}"
        for key, value in row["at"].items()
    )


def _first(row: Mapping[str, Any]) -> str:
    """The law whose prediction comes first: ours, the document's, or the exact one."""
    return next(law for law in ("corrected", "stated", "reference") if row[law] is not None)
