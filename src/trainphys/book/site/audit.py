"""Markdown of the page that says how the checks are checked."""

import json
from pathlib import Path
from typing import Any

from trainphys.book import stood
from trainphys.book.audit import WRITTEN
from trainphys.book.cards import conditions
from trainphys.book.evidence import TEETH
from trainphys.book.site.pages import read


def record(root: Path) -> dict[str, Any] | None:
    """What the last audit of the whole book found; none before there was one."""
    path = root / WRITTEN
    return json.loads(path.read_text("utf8")) if path.is_file() else None


def summary(root: Path) -> str:
    """What the bent laws did."""
    found = record(root)
    if found is None:
        return "The book has not been audited yet: run `make audit`."
    lines = [
        f"Of {found['rows']} comparisons:",
        "",
        f"- {found['noticed']} turned red;",
        f"- {found['weak']} have a law that moved, by less than they notice;",
        f"- {found['still']} have a law that did not move, as a ratio of two values of one law, or what is certain;",
        f"- {found['refuted']} have no law that agrees with the measurement, so that nothing could turn red;",
        f"- {found['idle']} stayed green though their law moved by more than they notice;",
        f"- {found['circular']} have a measurement that moved with the law.",
    ]
    if found["problems"]:
        lines += ["", "Listed one by one: those of the last two kinds, and predictions that no bend moves (typed)."]
    return "\n".join([*lines, "", *(f"- {problem}" for problem in found["problems"])])


def systems(root: Path) -> str:
    """Where the verdicts were computed again."""
    found = stood.systems(root)
    return f"The systems: {'; '.join(found)}." if found else "No other system is on record yet."


def sentences(root: Path) -> str:
    """Phrases that generalise, with the checks behind them, chapter by chapter."""
    lines = ["| phrase | what the run checks | chapter |", "|:--|:--|:--|"]
    for row in read(root, "execution.json"):
        seen = {(shown["phrase"], shown["check"]) for shown in row["shown"]}
        lines += [f"| {phrase} | {check} | {{doc}}`/notebooks/{row['chapter']}` |" for phrase, check in sorted(seen)]
    return "\n".join(lines)


def weak(root: Path) -> str:
    """Comparisons that would notice only more than a tenth, with the reasons."""
    lines = ["| claim | comparison | notices | why |", "|:--|:--|--:|:--|"]
    for row in read(root, "ledger.json"):
        for own in row["evidence"]:
            if own["detectable"] is not None and own["detectable"] > TEETH:
                link = f'<a href="ledger.html#{row["id"]}">{row["id"]}</a>'
                where = f"{own['quantity']}: {conditions(own)}"
                lines.append(f"| {link} | {where} | {own['detectable']:.0%} | {own['weak_because']} |")
    return "\n".join(lines)


def pictures(root: Path) -> str:
    """Claims that no figure shows."""
    bare = [row["id"] for row in read(root, "ledger.json") if not row["figures"]]
    links = ", ".join(f'<a href="ledger.html#{claim}">{claim}</a>' for claim in bare)
    return f"No figure shows {links}." if bare else "Each claim has a figure."
