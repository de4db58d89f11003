"""Pages that are made from the ledger: their Markdown, from rows that are written by hand."""

import json
import re

import pytest
import yaml

from tests.book.by_hand import GOOD, NAME, entry, figure, judged, keep, record, row, shown, write_book
from trainphys.book import audit as audits
from trainphys.book import made, origin, publish, stood
from trainphys.book.site import audit, execution, handbook, ledger_page, pages, render
from trainphys.book.store import Run

FAILS = entry("A1.1a", expected="fails", corrected="$x$", use="f(1)", reason="It does.")


def published(root, *claims, evidence=GOOD, declared="", chapter=None):
    """A book with one judged claim, published."""
    chapter = write_book(root, *claims)
    bundles = [*judged(record(*evidence, declared=declared)), figure(), shown("never", "b"), shown("always", "a")]
    bundles += [shown("never", "b"), *(shown("all", check) for check in "hgfedc")]
    run = keep(Run(chapter, {}, root / "_build/runs"), *bundles, low=1.0)
    publish.publish([run], root)
    return pages.read(root, "ledger.json")


SELECT = re.compile(r'<select name="(\w+)">(.*?)</select>')
KINDS = ("recipe", "guarantee", "finding", "condition")
WRONG = (row(1.0, 2.0, corrected=1.0),)


def test_counts_by_verdict_and_document(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"expected ledger.json of executed chapters, got none"):
        pages.counts(tmp_path)
    published(tmp_path, FAILS, entry("A1.1b"), entry("B1.1a"), evidence=(*WRONG, *GOOD))
    words = {"holds": 0, "holds-if": 0, "fails": 1, "definition": 0, "underspecified": 0, "pending": 2}
    assert pages.counts(tmp_path) == {**words, "claims": 3, "judged": 1, "checks": 3}


def test_findings_stand_under_the_document_of_their_chapter(tmp_path):
    published(tmp_path)
    assert pages.findings(tmp_path).splitlines() == [
        "**A · Power against time**",
        "",
        f"- It falls to 1.0. {{doc}}`A1 Toy </notebooks/{NAME}>`",
    ]


def ask(root, *claims):
    (root / "book/handbook.yml").write_text(
        yaml.safe_dump([{"question": "Which?", "answer": "This.", "claims": claims}])
    )


def test_the_laws_to_use_come_by_question_with_their_range_code_and_output(tmp_path):
    use = "from math import floor\nfloor(2.5)\nfloor(3.5)\n"
    published(tmp_path, {**FAILS, "use": use}, entry("B1.1a"), evidence=WRONG)
    ask(tmp_path, "A1.1a", "C9.9z")  # a claim that the ledger has not is left out
    law = [
        "## Which?",
        "",
        "This.",
        "",
        "### Title of A1.1a",
        "",
        "$x$",
        "",
        "*Tested:* 1 comparison, off by less than 0.05%; gap 0.01. "
        '(<a href="ledger.html#A1.1a">A1.1a</a>, {numref}`power-1-toy`)',
        "",
    ]
    code = ["```python", "from math import floor", "floor(2.5)", "floor(3.5)", "```"]
    assert handbook.handbook(tmp_path).splitlines() == [*law, *code, "```text", "2", "3", "```"]


def test_a_claim_that_holds_stands_as_stated_and_one_without_law_or_code_is_refused(tmp_path):
    published(tmp_path, entry("A1.1a", expected="holds", use="abs(-2)"), evidence=(row(),))
    ask(tmp_path, "A1.1a")
    assert handbook.handbook(tmp_path).splitlines()[4:8] == ["### Title of A1.1a", "", "It falls.", ""]
    for word, evidence, more in (
        ("holds", (row(),), {}),
        ("fails", WRONG, {"use": "abs(-2)"}),
        ("definition", (), {"use": "abs(-2)"}),
    ):
        declared = word if word == "definition" else ""
        published(tmp_path, entry("A1.1a", expected=word, **more), evidence=evidence, declared=declared)
        with pytest.raises(ValueError, match=r"expected a law with a line of code behind A1.1a of book/handbook.yml"):
            handbook.handbook(tmp_path)


def test_a_row_of_the_ledger_opens_to_all_that_there_is(tmp_path):
    loose = {"rtol": 0.2, "rtol_reason": "a law to a fifth.", "weak_because": "few runs"}
    weak = row(1.0, 2.0, corrected=1.0, reading="one", **loose)
    many = [row(at={"step": n}, corrected=1.0) for n in range(9)]
    (own, _) = published(tmp_path, FAILS, entry("B1.1a"), evidence=(*WRONG, weak, *many))
    text = pages.claim_body({**own, "note": "A note."}, {}, "Seeds.").splitlines()
    assert text[:12] == [
        "**A1.1a fails in both readings. Read as it stands, loss: measured 1, claimed 2 (gap 0.01).** It falls.",
        "",
        "$$x=1$$",
        "",
        "It does.",
        "",
        "A note.",
        "",
        "*Use instead:* $x$",
        "",
        f"Judged in {{doc}}`/notebooks/{NAME}`, with seed 0. Seeds. Shown in {{numref}}`power-1-toy`.",
        "",
    ]
    assert len([line for line in text if line.startswith("| loss: step")]) == 9
    assert text[-3:] == ["", "- Relative tolerance: a law to a fifth.", "- Weak check: few runs."]
    bare = {**own, "latex": "", "reason": "", "note": "", "corrected": "", "evidence": [], "figures": []}
    assert pages.claim_body(bare, {}).splitlines()[2:] == [f"Judged in {{doc}}`/notebooks/{NAME}`, with seed 0. "]
    assert pages.claim_body({**bare, "chapter": None}, {}) == f"{text[0]}\n"


def test_reasons_stand_once_each_and_in_order():
    rows = [{"rtol_reason": f"law {n}", "weak_because": f"few {n}."} for n in (3, 1, 4, 1, 5, 2)]
    assert pages._reasons([*rows, {"rtol_reason": "", "weak_because": ""}]) == [
        "",
        *(f"- Relative tolerance: law {n}." for n in range(1, 6)),
        *(f"- Weak check: few {n}." for n in range(1, 6)),
    ]
    assert pages._reasons([]) == []


def test_links_to_a_figures_files(tmp_path, monkeypatch):
    published(tmp_path)
    monkeypatch.setenv("TRAINPHYS_ROOT", str(tmp_path))
    (record,) = pages.read(tmp_path, "figures.json")
    text = render.cite_block(record, "up")
    links = [f'<a href="up/power-1-toy.{end}" download>{end.upper()}</a>' for end in ("svg", "pdf", "png", "csv")]
    lock, data = origin.lock_digest(tmp_path)[:12], made.digest(b"x\n1\n")[:12]
    said = (
        f'<a href="up/power-1-toy.json" download>Receipt</a>: seed 0, lock {lock}, data {data}, cell 3; the file also'
    )
    assert f"<p>{' · '.join(links)}</p><p>{said}" in text
    assert "@misc{trainphys-power-1-toy," in text
    assert "TY  - FIGURE" in text
    assert "runs" not in text
    monkeypatch.setattr(made, "commit", lambda root: "0123456789abcdef")
    more = render.cite_block({**record, "runs": True}, "up")
    assert '<a href="up/power-1-toy-runs.csv" download>CSV of the single runs</a></p>' in more
    assert "Receipt</a>: commit 0123456789ab, seed 0" in more


def test_what_running_took(tmp_path):
    published(tmp_path)
    records = pages.read(tmp_path, "execution.json")
    more = {**records[0], "chapter": "power/2-more", "seconds": 2.6, "peak_MB": 812, "claims": 3, "comparisons": 40}
    (tmp_path / publish.PUBLISHED / "execution.json").write_text(json.dumps([*records, more]))
    (tmp_path / "notebooks/power/2-more.md").write_text("# More\n")
    assert execution.table(tmp_path).splitlines() == [
        "| chapter | seconds | MB | seed | claims | comparisons |",
        "|:--|--:|--:|--:|--:|--:|",
        f"| {{doc}}`A1 Toy </notebooks/{NAME}>` | 2 |  | 0 | 1 | 2 |",
        "| {doc}`A2 More </notebooks/power/2-more>` | 3 | 812 | 0 | 3 | 40 |",
        "| all | 4 | 812 | | 4 | 42 |",
    ]


def test_the_page_on_the_audit(tmp_path):
    assert audit.record(tmp_path) is None
    assert audit.summary(tmp_path) == "The book has not been audited yet: run `make audit`."
    assert audit.systems(tmp_path) == "No other system is on record yet."
    weak = row(1.0, 1.0, corrected=1.0, stderr=0.05, weak_because="few", at={"step": 3})
    published(tmp_path, FAILS, entry("B1.1a"), evidence=(*WRONG, weak, row(0.0, 0.0, corrected=0.0)))
    found = audits.Findings(rows=12, noticed=7, weak=1, still=2, refuted=1, idle=["it"])
    audits.write(tmp_path, found, {"A1.1a": {"1": "holds", "2": "fails", "3": "holds"}})
    lines = audit.summary(tmp_path).splitlines()
    assert lines[0] == "Of 12 comparisons:"
    assert [int(line.split()[1]) for line in lines if line.startswith("- ") and line[2].isdigit()] == [7, 1, 2, 1, 1, 0]
    assert lines[-3:] == [
        "Listed one by one: those of the last two kinds, and predictions that no bend moves (typed).",
        "",
        "- not noticed: it",
    ]
    audits.write(tmp_path, audits.Findings(rows=1, noticed=1), {"A1.1a": {"1": "holds", "2": "fails", "3": "holds"}})
    assert "Listed" not in audit.summary(tmp_path)
    (tmp_path / stood.SYSTEMS).write_text(json.dumps({"A1.1a": {"b": "holds", "a": "fails"}}), "utf8")
    assert audit.systems(tmp_path) == "The systems: a; b."
    assert audit.sentences(tmp_path).splitlines() == [
        "| phrase | what the run checks | chapter |",
        "|:--|:--|:--|",
        *(f"| all | {check} | {{doc}}`/notebooks/{NAME}` |" for check in "cdefgh"),
        f"| always | a | {{doc}}`/notebooks/{NAME}` |",
        f"| never | b | {{doc}}`/notebooks/{NAME}` |",
    ]
    link = '<a href="ledger.html#{0}">{0}</a>'
    assert audit.weak(tmp_path).splitlines()[:2] == ["| claim | comparison | notices | why |", "|:--|:--|--:|:--|"]
    assert audit.weak(tmp_path).splitlines()[2:] == [f"| {link.format('A1.1a')} | loss: step 3 | 34% | few |"]
    assert audit.pictures(tmp_path) == f"No figure shows {link.format('B1.1a')}."
    published(tmp_path, FAILS, evidence=WRONG)
    assert audit.pictures(tmp_path) == "Each claim has a figure."


def test_a_check_that_notices_just_a_tenth_is_not_weak(tmp_path):
    published(tmp_path, FAILS, evidence=({**WRONG[0], "detectable": 0.1},))
    assert len(audit.weak(tmp_path).splitlines()) == 2


def test_controls_and_rows_of_the_ledger(tmp_path):
    rows = published(tmp_path, {**FAILS, "title": "a < b"}, *(entry(f"B1.1{k[0]}", kind=k) for k in KINDS))
    controls = ledger_page._controls(rows)
    offered = {name: re.findall(r'<option value="(.*?)">', own) for name, own in SELECT.findall(controls)}
    assert offered == {
        "part": ["", "A", "B", "C"],
        "kind": ["", *sorted([*KINDS, "law"])],
        "verdict": ["", *ledger_page.VERDICTS, "pending"],
    }
    text = ledger_page._summary(rows[0])
    for part in ('id="A1.1a" data-part="A" data-kind="law" data-verdict="holds"', ">a &lt; b<"):
        assert part in text
    assert '<span class="ledger-title">A1.1a</span>' in ledger_page._summary({**rows[0], "title": ""})
