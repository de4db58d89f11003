"""The evidence of a claim as a strip: each comparison a mark at (measured - predicted) / allowed, for both laws."""

import html
import itertools
import math
from collections.abc import Mapping
from typing import Any

from trainphys.book import verdicts
from trainphys.book.cards import conditions, in_print, said
from trainphys.book.verdicts import deviation

ALONE = "our law where the document predicts nothing"
OTHERS = "as it stands"  # rows without a reading, beside others that have one
LAWS = {"stated": "document", "corrected": "our law"}
BAND = 7.0  # per cent of the width on either side of the middle: what the rule allows
EDGE = 48.0  # the furthest mark, on either side of the middle
FURTHEST = 1e4  # in allowed deviations; what is further off, or infinitely, stands at the edge
Rows = list[dict[str, Any]]


def overview(evidence: Rows, entry: Mapping[str, Any]) -> str:
    """HTML of all comparisons at a glance: the document in the reading that decides, elsewhere in it, else; and us."""
    decades = _decades(evidence)
    tested = [row for row in evidence if row["agrees_stated"] is not None]
    best = verdicts.deciding(tested, entry)[1][0]["reading"] if tested else ""
    decides = [row for row in evidence if row["reading"] == best]
    lanes = [
        _lane([row for row in decides if _side(row, entry) is not False], "stated", decades, brief=True),
        _lane([row for row in decides if _side(row, entry) is False], "stated", decades, "outside", brief=True),
        _lane([row for row in evidence if row["reading"] != best], "stated", decades, "other readings", brief=True),
        _lane(evidence, "corrected", decades, brief=True),
    ]
    return f'<div class="strip">{"".join(lanes)}</div>' if any(lanes) else ""


def strip(evidence: Rows, entry: Mapping[str, Any]) -> str:
    """HTML of all comparisons, group by group: the readings, and within them the condition met and not met."""
    if not evidence:
        return ""
    decades = _decades(evidence)
    groups = _groups(evidence, entry)
    lanes = (_title(name, groups) + "".join(_lane(rows, law, decades) for law in LAWS) for name, rows in groups.items())
    return f'<div class="strip">{"".join(lanes)}{_scale(decades)}</div>'


def place(deviation: float, decades: int) -> float:
    """Where a deviation stands, in per cent of the width: linear within the band, logarithmic outside.

    >>> place(0.0, 2), place(1.0, 2), place(-100.0, 2), place(-1e9, 2)
    (50.0, 57.0, 2.0, 2.0)
    """
    size = min(abs(deviation), 10.0**decades)
    away = BAND * size if size <= 1 else BAND + (EDGE - BAND) * math.log10(size) / decades
    return round(50.0 + math.copysign(away, deviation), 1)


def _decades(evidence: Rows) -> int:
    return max(1, math.ceil(math.log10(max([10.0, *_distances(evidence)]))))


def _distances(evidence: Rows) -> list[float]:
    found = (deviation(row, law) for row in evidence for law in LAWS)
    return [min(abs(value), FURTHEST) for value in found if value is not None and not math.isnan(value)]


def _groups(evidence: Rows, entry: Mapping[str, Any]) -> dict[str, Rows]:
    """Rows by reading, and by whether they meet the condition of the verdict; those of our law alone come last."""
    found: dict[str, Rows] = {}
    readings = list(dict.fromkeys(row["reading"] for row in evidence))
    for reading, side in itertools.product(readings, (True, False, None)):
        met = {True: "condition met", False: "condition not met", None: ""}[side]
        rows = [row for row in evidence if row["reading"] == reading and _side(row, entry) is side]
        for row in rows:
            name = ALONE if row["stated"] is None else " · ".join(filter(None, (said(reading, entry), met)))
            found.setdefault(name, []).append(row)
    alone = found.pop(ALONE, None)
    return {**found, ALONE: alone} if alone else found


def _side(row: Mapping[str, Any], entry: Mapping[str, Any]) -> bool | None:
    return verdicts.inside(entry["condition"], row["at"]) if entry.get("condition") else None


def _title(name: str, groups: Mapping[str, Rows]) -> str:
    return f'<p class="strip-group">{html.escape(name or OTHERS)}</p>' if len(groups) > 1 or name == ALONE else ""


def _lane(rows: Rows, law: str, decades: int, name: str = "", *, brief: bool = False) -> str:
    tested = [row for row in rows if row[law] is not None]
    judged = [row[f"agrees_{law}"] for row in tested if row[f"agrees_{law}"] is not None]
    if not tested:
        return ""
    fitted = len(tested) - len(judged)
    words = f"{sum(judged)} of {len(judged)} agree" if judged else ""
    if fitted and not (brief and judged):  # a small strip has room for one count
        words += f"{', ' if judged else ''}{fitted} fitted"
    marks = "".join(_mark(row, law, decades) for row in tested)
    return (
        f'<div class="strip-lane strip-{law}"><span class="strip-law">{name or LAWS[law]}</span>'
        f'<span class="strip-marks" role="img" aria-label="{name or LAWS[law]}: {words}">{marks}</span>'
        f'<span class="strip-count">{words.removesuffix(" agree") if brief else words}</span></div>'
    )


def _mark(row: Mapping[str, Any], law: str, decades: int) -> str:
    found = deviation(row, law)
    assert found is not None
    agrees = {True: "yes", False: "no", None: "fitted"}[row[f"agrees_{law}"]]
    where = f"{row['quantity']}{': ' if row['at'] else ''}{conditions(dict(row))}"
    bound = {"==": "", "<=": "at most ", ">=": "at least "}[row["relation"]]
    words = f"{where}. Measured {in_print(row['measured'])}, {LAWS[law]} {bound}{in_print(float(row[law]))}"
    left = 50.0 if math.isnan(found) else place(found, decades)
    return f'<i class="strip-{agrees}" style="left:{left:g}%" title="{html.escape(words)}"></i>'


def _scale(decades: int) -> str:
    step = 1 if decades <= 2 else 2
    powers = [0, *range(step, decades + 1, step)]
    ticks = [(sign * 10.0**power, sign) for power in powers for sign in (-1, 1)]
    labels = "".join(
        f'<span style="left:{place(value, decades):g}%">{"−" if sign < 0 else "+"}{abs(value):,.0f}</span>'
        for value, sign in ticks
    )
    return (
        f'<div class="strip-lane strip-scale" aria-hidden="true"><span class="strip-law"></span>'
        f'<span class="strip-marks">{labels}</span><span class="strip-count"></span></div>'
        '<p class="strip-key">measured minus predicted, in units of what the rule allows; filled marks agree</p>'
    )
