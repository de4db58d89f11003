"""MyST Markdown of the pages that are made from the ledger and the figures."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainphys.book import cards
from trainphys.book.chapters import find_chapters
from trainphys.book.publish import PUBLISHED
from trainphys.book.verdicts import PENDING, VERDICTS

PART_TITLES = {"A": "Power against time", "B": "Training as cooling", "C": "Distance and time to go"}


def read(root: Path, name: str) -> Any:
    """What the chapters gave; of the ledger its claims."""
    path = root / PUBLISHED / name
    if not path.is_file():
        raise FileNotFoundError(f"expected {name} of executed chapters, got none: run make book")
    found = json.loads(path.read_text("utf8"))
    return found["claims"] if name == "ledger.json" else found


def counts(root: Path) -> dict[str, int]:
    """Claims by verdict, and in all."""
    rows = read(root, "ledger.json")
    found = {word: sum(row["verdict"] == word for row in rows) for word in (*VERDICTS, PENDING)}
    return {**found, "claims": len(rows), "judged": len(rows) - found[PENDING], "checks": _checks(rows)}


def _checks(rows: list[dict[str, Any]]) -> int:
    return sum(len(row["evidence"]) for row in rows)


def findings(root: Path) -> str:
    """One sentence a chapter, from its front matter, part by part."""
    lines, chapters = [], find_chapters(root)
    sentences = {row["chapter"]: row["finding"] for row in read(root, "execution.json")}
    for letter, title in PART_TITLES.items():
        mine = [chapter for chapter in chapters if chapter.claim_ids and chapter.claim_ids[0][0] == letter]
        if mine:
            lines += [f"**{letter} · {title}**", ""]
            lines += [f"- {sentences[own.name]} {{doc}}`{own.number} {own.title} </{own.docname}>`" for own in mine]
            lines += [""]
    return "\n".join(lines)


def claim_body(row: dict[str, Any], entry: Mapping[str, Any], stood: str = "") -> str:
    """What a row of the ledger opens to."""
    lines = [f"**{row['id']} {row['headline']}.** {row['statement']}", ""]
    if row["latex"]:
        lines += [f"$${row['latex']}$$", ""]
    lines += [paragraph for text in (row["reason"], row["note"]) if text for paragraph in (text, "")]
    if row["corrected"]:
        lines += [f"*Use instead:* {row['corrected']}", ""]
    if row["chapter"]:
        where = f"Judged in {{doc}}`/notebooks/{row['chapter']}`, with seed {row['seed']}. {stood}"
        figures = ", ".join(f"{{numref}}`{name}`" for name in row["figures"])
        lines += [where + (f" Shown in {figures}." if figures else ""), ""]
    lines += cards.evidence_table(row["evidence"], entry, limit=None)
    lines += _reasons(row["evidence"])
    return "\n".join(lines)


def _reasons(evidence: list[dict[str, Any]]) -> list[str]:
    tolerances = sorted({row["rtol_reason"] for row in evidence if row["rtol_reason"]})
    weak = sorted({row["weak_because"] for row in evidence if row["weak_because"]})
    lines = [f"- Relative tolerance: {text}." for text in tolerances] + [f"- Weak check: {text}." for text in weak]
    return ["", *(line.replace("..", ".") for line in lines)] if lines else []
