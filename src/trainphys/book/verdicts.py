"""The five words: how the verdict on a claim follows from its comparisons and from what ``book/claims`` says of it."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trainphys.rows import Scalar

VERDICTS = ("holds", "holds-if", "fails", "definition", "underspecified")
PENDING = "pending"
CLAUSE = re.compile(r"(?P<key>.+?) (?P<relation>is not|is|below|at most|above|at least) (?P<value>.+)")
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a condition, such as ``relative gap below 0.01``."""

    key: str
    relation: str
    value: float | str

    def met(self, at: Mapping[str, Scalar]) -> bool:
        found = at[self.key]
        if self.relation in ("is", "is not"):
            return (str(found) == str(self.value)) == (self.relation == "is")
        found, value = float(found), float(self.value)
        return {
            "below": found < value,
            "at most": found <= value,
            "above": found > value,
            "at least": found >= value,
        }[self.relation]


def clauses(condition: str) -> list[Clause]:
    """The parts of a condition, each about one quantity that rows name among their conditions.

    >>> clauses("relative gap below 0.01 and noise is isotropic")[1].key
    'noise'
    """
    found = []
    for part in condition.split(" and "):
        if (match := CLAUSE.fullmatch(part.strip())) is None:
            raise ValueError(f"expected '<quantity> below|at most|above|at least|is|is not <value>', got {part!r}")
        value: float | str = match["value"]
        if not match["relation"].startswith("is"):
            value = float(match["value"])
        found.append(Clause(match["key"], match["relation"], value))
    return found


def inside(condition: str, at: Mapping[str, Scalar]) -> bool | None:
    """Whether a condition is met; None where a row does not name its quantities.

    >>> inside("batch size at most 64", {"batch size": 128})
    False
    """
    parts = clauses(condition)
    return all(part.met(at) for part in parts) if all(part.key in at for part in parts) else None


def unmet(condition: str, at: Mapping[str, Scalar]) -> list[str]:
    """The quantities of a condition whose parts are not met; each of them has to be named at the place.

    >>> unmet("batch size at most 64 and noise is even", {"batch size": 9, "noise": "odd"})
    ['noise']
    """
    return [part.key for part in clauses(condition) if not part.met(at)]


def word(record: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """The verdict: one rule for every claim; with several readings, that of the most favourable one.

    Raises:
        ValueError: no comparison has a prediction of the document, or a definition has one.
    """
    tested = [row for row in record["evidence"] if row["agrees_stated"] is not None]
    if record["declared"] == "definition":
        if tested:
            raise ValueError(f"expected no prediction of a definition, got {len(tested)} rows with stated=")
        return "definition"
    if not tested:
        raise ValueError("expected at least one comparison with stated=, got none: nothing was tested")
    best, _ = deciding(tested, entry)
    return "underspecified" if record["declared"] == "underspecified" and best != "fails" else best


def deciding(tested: Rows, entry: Mapping[str, Any]) -> tuple[str, Rows]:
    """The best word over the readings, and the rows of the first reading that earns it."""
    words = words_of_readings(tested, entry)
    for best in ("holds", "holds-if", "fails"):
        for name, found in words.items():
            if found == best:
                return best, _of(name, tested)
    raise ValueError("expected rows that test the document, got none")


def words_of_readings(tested: Rows, entry: Mapping[str, Any]) -> dict[str, str]:
    """The word that each reading would give alone, by the reading's name, in the order of the chapter."""
    names = dict.fromkeys(row["reading"] for row in tested)
    return {name: _word_of_reading(_of(name, tested), entry) for name in names}


def _of(reading: str, rows: Rows) -> Rows:
    return [row for row in rows if row["reading"] == reading]


def _word_of_reading(rows: Rows, entry: Mapping[str, Any]) -> str:
    if all(row["agrees_stated"] for row in rows):
        return "holds"
    condition = entry.get("condition")
    if not condition or (entry.get("universal") and not all(row["agrees_stated"] or row["beyond"] for row in rows)):
        return "fails"  # a claim that says never, all or only fails with one counterexample in its own setting
    places = [list(group) for group in _by_place(rows)]
    sides = [(inside(condition, place[0]["at"]), all(row["agrees_stated"] for row in place)) for place in places]
    separates = all(side is not None and side == agrees for side, agrees in sides)
    return "holds-if" if separates and len({side for side, _ in sides}) == 2 else "fails"


def _by_place(rows: Rows) -> Iterator[Rows]:
    """Rows at the same conditions: a law agrees there when it agrees in each quantity."""
    names = [json.dumps(row["at"], sort_keys=True) for row in rows]
    for name in dict.fromkeys(names):
        yield [row for row, own in zip(rows, names, strict=True) if own == name]


def problems(record: Mapping[str, Any], entry: Mapping[str, Any]) -> Iterator[str]:
    """What makes a verdict unfit to print, whatever its word."""
    evidence: Rows = record["evidence"]
    if not evidence:
        yield "expected evidence, got none: compare something"
    for row in evidence:
        yield from _untested(row, record["declared"], bool(entry.get("corrected")))
    if condition := entry.get("condition"):
        tested = [(row, inside(condition, row["at"])) for row in evidence if row["agrees_stated"] is not None]
        if all(side is None for _, side in tested):
            keys = ", ".join(part.key for part in clauses(condition))
            yield f"expected rows that name {keys} among their conditions, got none"
        for quantity in sorted({row["quantity"] for row, _ in tested}):
            allowed = [
                {row["rtol"] for row, met in tested if row["quantity"] == quantity and met is s} for s in (True, False)
            ]
            if all(allowed) and max(allowed[0]) > max(allowed[1]):
                yield f"{quantity}: expected one tolerance inside and outside the condition, got more inside"


def _untested(row: dict[str, Any], declared: str, has_law: bool) -> Iterator[str]:
    where = f"{row['quantity']} at {row['at']}"
    if row["stated"] is None and not row["not_stated"] and declared != "definition":
        yield f"{where}: expected stated= or not_stated= with the reason, got neither"
    if row["corrected"] is None and not row["not_corrected"] and has_law:
        yield f"{where}: expected corrected= or not_corrected= with the reason, got neither"


def allowed(row: Mapping[str, Any], law: str) -> float:
    """The deviation that the rule allows from what a law predicts; what is infinite allows its absolute part."""
    predicted = abs(float(row[law]))
    return float(row["tolerance"] + (row["rtol"] * predicted if math.isfinite(predicted) else 0.0))


def deviation(row: Mapping[str, Any], law: str) -> float | None:
    """How far the measurement lies above a prediction, in units of what the rule allows; None without one."""
    if row[law] is None:
        return None
    predicted = float(row[law])
    unit = allowed(row, law) if math.isfinite(predicted) else 1.0
    off = float(row["measured"]) - predicted
    return off / unit if unit else math.copysign(math.inf, off) if off else 0.0


def worst(rows: Rows) -> dict[str, Any] | None:
    """The row at which the document is furthest off, in its own setting if it is off there.

    Of the rows that are off by at least half the largest share, it is the one with the most tolerances: a miss by a few
    per cent that is measured sharply would hide a large one.
    """
    wrong = [row for row in rows if row["agrees_stated"] is False and math.isfinite(float(row["stated"]))]
    wrong = [row for row in wrong if not row["beyond"]] or wrong
    least = max(map(_share_off, wrong), default=0.0) / 2
    return max(
        [row for row in wrong if _share_off(row) >= least],
        key=lambda row: abs(deviation(row, "stated") or 0.0),
        default=None,
    )


def _share_off(row: Mapping[str, Any]) -> float:
    """How far the document is off, as a share of the larger one of prediction and measurement."""
    measured, stated = float(row["measured"]), float(row["stated"])
    return abs(measured - stated) / max(abs(measured), abs(stated))
