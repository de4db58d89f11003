"""The ledger: every claim with its verdict and evidence, from the executed chapters, and what is wrong with it."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from scipy import stats

from trainphys.book import cards, formulas, project, verdicts, whole
from trainphys.book.cards import conditions, headline
from trainphys.book.chapters import Chapter, find_chapters
from trainphys.book.evidence import TEETH
from trainphys.book.mime import CLAIM_MIME, FIGURE_MIME
from trainphys.book.store import Run
from trainphys.book.texts import filled, number
from trainphys.book.verdicts import PENDING, VERDICTS, allowed
from trainphys.estimate import SIGMAS

WRITTEN = "_build/ledger.json"
FALSE_ALARMS = 1e-3  # of all checks of the book together


def outputs(run: Run, mime: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Records of one kind in an executed chapter, each with the number of its cell."""
    for number_of_cell, data in bundles(run, mime):
        yield number_of_cell, data[mime]


def bundles(run: Run, mime: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Outputs that hold a record of one kind, in all their forms, each with the number of its cell."""
    for number_of_cell, cell in enumerate(run.notebook.cells):
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                yield number_of_cell, output["data"]


def rows(runs: Sequence[Run], root: Path) -> list[dict[str, Any]]:
    """One row for each claim of the inventory, judged or pending, in the documents' order."""
    judged: dict[str, dict[str, Any]] = {}
    figures: dict[str, list[str]] = {}
    for run in runs:
        for cell, record in outputs(run, CLAIM_MIME):
            judged[record["id"]] = {**record, "cell": cell, "run": run}
        for _, record in outputs(run, FIGURE_MIME):
            for claim_id in record["claims"]:
                figures.setdefault(claim_id, []).append(record["name"])
    return [
        _row(entry, judged.get(claim_id), figures.get(claim_id, [])) for claim_id, entry in project.claims(root).items()
    ]


def _row(entry: dict[str, Any], record: dict[str, Any] | None, figures: list[str]) -> dict[str, Any]:
    run: Run | None = record["run"] if record else None
    values = run.glued if run else None
    return {
        "id": entry["id"],
        "title": entry.get("title", ""),
        "kind": entry["kind"],
        "statement": " ".join(entry["statement"].split()),
        "latex": formulas.latex(entry),
        "source": entry["source"],
        "chapter": run.chapter.name if run else None,
        "verdict": verdicts.word(record, entry) if record else PENDING,
        "headline": headline(record, entry) if record else "",
        "expected": entry["expected"],
        "condition": entry.get("condition", ""),
        "reason": filled(entry.get("reason", ""), values),
        "note": cards.note(record, entry) if record else "",
        "corrected": filled(entry.get("corrected", ""), values),
        "use": entry.get("use", ""),
        "evidence": record["evidence"] if record else [],
        "figures": figures,
        "seed": run.all_parameters.get("seed") if run else None,
    }


def write(ledger: list[dict[str, Any]], path: Path) -> None:
    whole.write_json(path, ledger, sort_keys=True)


def read(root: Path) -> list[dict[str, Any]]:
    """The ledger that the last build wrote."""
    return list(json.loads((root / WRITTEN).read_text("utf8")))


def counts(ledger: list[dict[str, Any]]) -> Counter[str]:
    return Counter(row["verdict"] for row in ledger)


def problems(runs: Sequence[Run], root: Path, *, whole_book: bool = True) -> list[str]:
    """Everything that must not be published, each with chapter, cell, claim, expected and got."""
    known = project.claims(root)
    found: list[str] = []
    home: dict[str, str] = {}
    checks = 0
    for run in runs:
        shown = set()
        for cell, record in outputs(run, CLAIM_MIME):
            where = f"{run.chapter.name}, cell {cell}, claim {record['id']}"
            found += [f"{where}: {problem}" for problem in _record_problems(record, known[record["id"]])]
            if (other := home.setdefault(record["id"], run.chapter.name)) != run.chapter.name or record["id"] in shown:
                found.append(f"{where}: expected one verdict for a claim, got another in {other}")
            shown.add(record["id"])
            checks += len(record["evidence"])
        found += [
            f"{run.chapter.name}, claim {claim_id}: expected a call of Claim with this id, got none: spell it out"
            for claim_id in sorted(shown - set(run.chapter.claim_ids))
        ]
        found += [
            f"{run.chapter.name}, claim {claim_id}: expected a verdict, got none: end with claim.verdict()"
            for claim_id in run.chapter.claim_ids
            if claim_id not in shown
        ]
        found += _figure_problems(run, known)
    if whole_book:
        found += [
            f"claim {claim_id}: expected {entry['expected']}, got no verdict from any chapter"
            for claim_id, entry in known.items()
            if entry["expected"] != PENDING and claim_id not in home
        ]
    if false_alarms(checks) > FALSE_ALARMS:
        found.append(
            f"expected fewer than {FALSE_ALARMS:g} false alarms in all, got {checks} checks at {SIGMAS:g} sigma"
        )
    return found


def false_alarms(checks: int) -> float:
    """Expected false alarms of this many two-sided checks.

    >>> false_alarms(5000) < 1e-3
    True
    """
    return float(checks * 2 * stats.norm.sf(SIGMAS))


def _record_problems(record: dict[str, Any], entry: dict[str, Any]) -> Iterator[str]:
    if entry["expected"] not in (*VERDICTS, PENDING):
        yield f"expected one of {', '.join(VERDICTS)} in book/claims, got {entry['expected']!r}"
    if (word := verdicts.word(record, entry)) != entry["expected"]:
        yield f"expected {entry['expected']}, got {word}{_first_surprise(record)}"
    if word == "fails" and not entry.get("corrected"):
        yield "expected a law to use instead, got none: fill in corrected in book/claims"
    if (word == "holds-if") != bool(entry.get("condition")):
        yield f"expected a condition in book/claims where a claim holds under one, got {entry.get('condition')!r}"
    if (word == "underspecified") != bool(entry.get("missing")):
        yield f"expected what is missing in book/claims where something is, got {entry.get('missing')!r}"
    yield from verdicts.problems(record, entry)
    yield from _unused_words(record, entry)
    for row in record["evidence"]:
        at = f"{row['quantity']}, {conditions(row)}"
        if "|" in at + row["reading"]:
            yield f"at {at}: expected words without |, which would end a cell of the card's table: say abs(x)"
        for law, name in (("corrected", "corrected law"), ("reference", "exact solution")):
            if row[f"agrees_{law}"] is False:
                yield (
                    f"at {at}: expected the {name} {number(row[law])} ± {number(allowed(row, law), 2)}, "
                    f"got {number(row['measured'])}"
                )
        if row["detectable"] is not None and row["detectable"] > TEETH and not row["weak_because"]:
            yield f"at {at}: expected a check that notices {TEETH:.0%}, got one that notices {row['detectable']:.0%}"
        if row["weak_because"] and (row["detectable"] is None or row["detectable"] <= TEETH):
            yield f"at {at}: expected no reason for a check that notices {TEETH:.0%}, got {row['weak_because']!r}"


def _unused_words(record: dict[str, Any], entry: dict[str, Any]) -> Iterator[str]:
    """Words for names that the card does not have: a chapter may have given them others."""
    parts = verdicts.clauses(entry["condition"]) if entry.get("condition") else []
    names: set[Any] = {name for part in parts for name in (part.key, part.value)}
    for row in record["evidence"]:
        names |= {row["reading"], row["quantity"], *row["at"]}
    if completed := cards.COMPLETED.fullmatch(record["note"]):
        names |= {completed["by"], completed["another"]}
    for name in sorted(entry.get("in_words", {}).keys() - names):
        yield f"expected in in_words a condition, quantity, reading or completion of the evidence, got {name!r}"


def _first_surprise(record: dict[str, Any]) -> str:
    """The comparison to look at first when the verdict is not the expected one."""
    for row in record["evidence"]:
        if row["agrees_stated"] is False:
            return (
                f"; {row['quantity']}, {conditions(row)}: the document "
                f"states {number(row['stated'])} ± {number(allowed(row, 'stated'), 2)}, "
                f"measured {number(row['measured'])}"
            )
    return "; every comparison agrees with the document"


def _figure_problems(run: Run, known: Collection[str]) -> Iterator[str]:
    prefix = run.chapter.name.split("-")[0].replace("/", "-") + "-"
    records = [(cell, record) for cell, record in outputs(run, FIGURE_MIME)]
    names = [record["name"] for _, record in records]
    if len(set(names)) < len(names):
        yield f"{run.chapter.name}: expected each figure name once, got {', '.join(names)}"
    for cell, record in records:
        where = f"{run.chapter.name}, cell {cell}, figure {record['name']}"
        if not record["name"].startswith(prefix):
            yield f"{where}: expected a name that starts with {prefix}"
        if unknown := [claim for claim in record["claims"] if claim not in known]:
            yield f"{where}: expected claims of book/claims, got {', '.join(unknown)}"


def chapters_of(claim_id: str, root: Path) -> list[Chapter]:
    """Chapters that judge a claim.

    Raises:
        KeyError: no such claim, or no chapter judges it yet.
    """
    if claim_id not in project.claims(root):
        raise KeyError(f"expected the id of a claim such as B7.1c, got {claim_id!r}: the ledger page lists them")
    found = [chapter for chapter in find_chapters(root) if claim_id in chapter.claim_ids]
    if not found:
        raise KeyError(f"expected a claim that a chapter judges, got {claim_id}, which is still pending")
    return found
