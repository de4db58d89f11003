"""The evidence of one claim as a terminal shows it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trainphys.book import ledger, project, verdicts
from trainphys.book.cards import conditions, headline
from trainphys.book.mime import CLAIM_MIME
from trainphys.book.store import Run
from trainphys.book.texts import number


def evidence_text(claim_id: str, runs: Sequence[Run], root: Path) -> str:
    """What is claimed, each comparison, and the verdict."""
    entry = project.claims(root)[claim_id]
    lines = [f"{claim_id} ({entry['source']}): {' '.join(entry['statement'].split())}\n"]
    for run in runs:
        for _, record in ledger.outputs(run, CLAIM_MIME):
            if record["id"] == claim_id:
                lines += map(_line, record["evidence"])
                word = verdicts.word(record, entry)
                lines.append(f"\nverdict: {word} (expected {entry['expected']}): {claim_id} {headline(record, entry)}.")
    return "\n".join(lines)


def _line(row: dict[str, Any]) -> str:
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
