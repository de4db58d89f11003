"""A comparison in three lines of text, for the terminal."""

from typing import Any

from trainphys.book.cards import conditions
from trainphys.book.texts import number


def line(row: dict[str, Any]) -> str:
    """Conditions; what each law predicts; what was measured, with its error and what the check would notice."""
    reading = f" [{row['reading']}]" if row["reading"] else ""
    notices = "-" if row["detectable"] is None else f"{row['detectable']:.2%}"
    laws = [
        f"{law} {row['relation']} {_predicted(row, law)}"
        for law in ("stated", "corrected", "reference")
        if _predicted(row, law)
    ]
    return (
        f"{row['quantity']}: {conditions(row)}{reading}\n"
        f"  {'   '.join(laws)}\n"
        f"  measured {number(row['measured'])}   stderr {number(row['stderr'], 2)} (n = {row['n']})   "
        f"tolerance {number(row['tolerance'], 2)} + {number(row['rtol'], 2)} x prediction   notices {notices}"
    )


def _predicted(row: dict[str, Any], law: str) -> str:
    if row[law] is None:
        reason = row.get(f"not_{law}", "")
        return f"not tested ({reason})" if reason else ""
    agrees = row[f"agrees_{law}"]
    return f"{number(row[law])} ({'fitted to it' if agrees is None else 'agrees' if agrees else 'disagrees'})"
