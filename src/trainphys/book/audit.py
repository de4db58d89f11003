"""The book with every law bent by a tenth: what notices, what does not, and what moves though it should not."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainphys.bend import WAYS
from trainphys.book import ledger, project, verdicts, whole
from trainphys.book import run as runner
from trainphys.book.cards import conditions
from trainphys.book.chapters import Chapter
from trainphys.book.mime import CLAIM_MIME
from trainphys.book.store import Run

WRITTEN = "book/audit.json"


@dataclass
class Findings:
    """What an audit found, row by row; the first three lists must be empty.

    A row is counted once: circular, idle, noticed, weak, still or refuted; one of a typed prediction is listed besides.
    """

    circular: list[str] = field(default_factory=list)  # the measurement moved with the laws
    idle: list[str] = field(default_factory=list)  # the law moved by more than the check notices, and it stayed green
    typed: list[str] = field(default_factory=list)  # a prediction that no law gave
    failed: list[str] = field(default_factory=list)  # a chapter that did not run
    noticed: int = 0  # rows that turned red
    weak: int = 0  # rows whose law moved, by less than the check notices
    still: int = 0  # rows whose law did not move
    refuted: int = 0  # rows where no law agrees, so that nothing can turn red
    rows: int = 0

    def problems(self) -> list[str]:
        return [
            *(f"circular: {row}" for row in self.circular),
            *(f"not noticed: {row}" for row in self.idle),
            *(f"typed: {row}" for row in self.typed),
            *self.failed,
        ]


def bend(chapters: Sequence[Chapter], *, jobs: int | None = None) -> Findings:
    """Run chapters as they are and with every law bent each way, and compare the evidence row by row."""
    found = Findings()
    plain = runner.runs(chapters)
    bent = [runner.runs(chapters, bend=way) for way in WAYS]
    for todo in (plain, *bent):
        found.failed += map(str, runner.execute(todo, jobs=jobs))
    for run, *others in zip(plain, *bent, strict=True):
        if all(other.is_done() for other in (run, *others)):
            _compare(run, others, found)
    return found


def _compare(run: Run, others: Sequence[Run], found: Findings) -> None:
    records = [{r["id"]: r for _, r in ledger.outputs(one, CLAIM_MIME)} for one in (run, *others)]
    for claim_id in records[0]:
        evidence = [own[claim_id]["evidence"] for own in records]
        if len({len(rows) for rows in evidence}) > 1:
            found.circular.append(f"{claim_id}: the number of comparisons changes with the laws")
            continue
        for row, *changed in zip(*evidence, strict=True):
            _compare_row(claim_id, row, changed, found)


def _compare_row(claim_id: str, row: Mapping[str, Any], changed: Sequence[Mapping[str, Any]], found: Findings) -> None:
    name = f"{claim_id}, {row['quantity']}, {conditions(dict(row))}"
    found.rows += 1
    if any((other["measured"], other["stderr"]) != (row["measured"], row["stderr"]) for other in changed):
        found.circular.append(name)
        return
    outcomes = {law: _outcome(row, changed, law) for law in ("stated", "corrected") if row[f"agrees_{law}"]}
    if outcomes.get("corrected") == "still" and row["corrected"] not in (0, 1):  # a certain event needs no formula
        found.typed.append(name)
    match next((outcome for outcome in ("idle", "red", "weak", "still") if outcome in outcomes.values()), None):
        case "idle":
            found.idle.append(name)
        case "red":
            found.noticed += 1
        case "weak":
            found.weak += 1
        case "still":
            found.still += 1
        case None:
            found.refuted += 1


def _outcome(row: Mapping[str, Any], changed: Sequence[Mapping[str, Any]], law: str) -> str:
    """Of a law that agrees: it did not move (still), it moved too little to be noticed (weak), red, or idle."""
    if any(other[law] is None for other in changed):
        return "red"  # a prediction that is no longer made
    value = float(row[law])
    moves = [abs(float(other[law]) - value) for other in changed if math.isfinite(float(other[law]))]
    if not any(moves):
        return "still"
    if not all(other[f"agrees_{law}"] for other in changed):
        return "red"
    teeth = row["detectable"]
    slack = 0.0 if row["relation"] == "==" else abs(row["measured"] - value)  # a bound may lie far off and be right
    noticeable = teeth is not None and max(moves) > teeth * abs(float(row["corrected"] or value)) + slack
    return "idle" if noticeable else "weak"


def seeds(
    chapters: Sequence[Chapter], numbers: Sequence[int], root: Path, *, jobs: int | None = None
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """For each claim its verdict with each fresh seed, and the chapters that ignore the seed."""
    words: dict[str, dict[str, str]] = {}
    before = {run.chapter.name: _random_values(run) for run in runner.runs(chapters) if run.is_done()}
    deaf = []
    for seed in numbers:
        todo = runner.runs(chapters, seed=seed)
        if failures := runner.execute(todo, jobs=jobs):
            raise ValueError(f"expected chapters to run with seed {seed}, got {'; '.join(map(str, failures))}")
        for claim_id, word in _words(todo, root):
            words.setdefault(claim_id, {})[str(seed)] = word
        for run in todo:
            values = _random_values(run)
            if values and values == before.get(run.chapter.name):
                deaf.append(f"{run.chapter.name}: expected other draws with seed {seed}, got the same measurements")
    return words, deaf


def _random_values(run: Run) -> list[float]:
    """Measurements of a run that have an error bar."""
    records = (record for _, record in ledger.outputs(run, CLAIM_MIME))
    return [row["measured"] for record in records for row in record["evidence"] if row["stderr"] and row["n"] > 2]


def write(root: Path, found: Findings, words: Mapping[str, Any]) -> None:
    """Keep what the pages show of an audit of the whole book."""
    record = {
        "rows": found.rows,
        "noticed": found.noticed,
        "weak": found.weak,
        "still": found.still,
        "refuted": found.refuted,
        "idle": len(found.idle),
        "circular": len(found.circular),
        "problems": found.problems(),
        "seeds": words,
    }
    whole.write_json(root / WRITTEN, record)


def _words(todo: Sequence[Run], root: Path) -> Iterator[tuple[str, str]]:
    known = project.claims(root)
    for run in todo:
        for _, record in ledger.outputs(run, CLAIM_MIME):
            yield record["id"], verdicts.word(record, known[record["id"]])
