"""The ledger from runs that are written by hand: what a row holds, and each thing that must not be published."""

import json
import math

import pytest

from tests.book.by_hand import GOOD, JUDGED, NAME, PAGE, a_run, entry, figure, judged, keep, record, row, write_book
from trainphys.book import ledger
from trainphys.book.store import Run
from trainphys.estimate import SIGMAS

OTHER = "power/2-other"


def test_a_row_of_a_judged_claim_holds_all_that_is_printed_of_it(tmp_path):
    run = a_run(tmp_path, *judged(record(*GOOD, note="A note.")), figure(), figure("power-1-more"), low=2.0)
    first, second = ledger.rows([run], tmp_path)
    assert first == {
        "id": "A1.1a",
        "title": "Title of A1.1a",
        "kind": "law",
        "statement": "It falls.",
        "latex": "x=1",
        "source": "A, section 1.1",
        "chapter": NAME,
        "verdict": "holds",
        "headline": "holds",
        "expected": "holds",
        "condition": "",
        "reason": "It 2 does.",
        "note": "A note.",
        "corrected": "$x$",
        "use": "f(1)",
        "evidence": list(GOOD),
        "figures": ["power-1-toy", "power-1-more"],
        "seed": 0,
    }
    assert (second["id"], second["verdict"], second["expected"]) == ("B2.1a", "pending", "pending")
    empty = {"chapter": None, "headline": "", "reason": "", "note": "", "corrected": "", "use": "", "condition": ""}
    assert {key: second[key] for key in empty} == empty
    assert (second["evidence"], second["figures"], second["seed"]) == ([], [], None)


def test_a_row_takes_title_and_condition_from_the_inventory_and_the_seed_from_the_run(tmp_path):
    claim = entry("A1.1a", expected="holds-if", condition="gap below 0.1")
    del claim["title"]
    chapter = write_book(tmp_path, claim)
    run = keep(Run(chapter, {"seed": 7}, tmp_path), *judged(record(row(), row(1.0, 2.0, at={"gap": 0.5}))))
    (own,) = ledger.rows([run], tmp_path)
    assert (own["title"], own["condition"], own["seed"]) == ("", "gap below 0.1", 7)
    assert own["headline"].startswith("holds if the gap is below 0.1. Where it is 0.5, ")


def test_what_is_written_is_read_and_does_not_depend_on_the_order_of_keys(tmp_path):
    rows = [{"verdict": "fails", "b": "≤", "a": 1}, {"verdict": "fails"}, {"verdict": "holds"}]
    path = tmp_path / "deep" / ledger.WRITTEN
    ledger.write(rows, path)
    ledger.write(rows, path)
    assert ledger.read(tmp_path / "deep") == rows
    assert path.read_text("utf8").startswith('[\n {\n  "a": 1,\n  "b": "≤",')
    assert path.read_text("utf8").endswith("]\n")
    assert ledger.counts(rows) == {"fails": 2, "holds": 1}


def problems(tmp_path, *evidence, claim=JUDGED, declared="", whole_book=True):
    chapter = write_book(tmp_path, claim)
    run = keep(Run(chapter, {}, tmp_path / "runs"), *judged(record(*evidence, declared=declared)), low=1.0)
    return ledger.problems([run], tmp_path, whole_book=whole_book)


WHERE = f"{NAME}, cell 3, claim A1.1a: "
FAILS = entry("A1.1a", expected="fails", corrected="$x$")
WEAK = row(1.0, 1.0, corrected=1.0, stderr=0.05)


@pytest.mark.parametrize(
    ("claim", "evidence", "message"),
    [
        (
            JUDGED,
            (row(1.0, 2.0, corrected=1.0),),
            "expected holds, got fails; loss, gap 0.01: the document states 2 ± 0.",
        ),
        (FAILS, GOOD, "expected fails, got holds; every comparison agrees with the document"),
        (
            entry("A1.1a", expected="true"),
            GOOD,
            "expected one of holds, holds-if, fails, definition, underspecified in ",
        ),
        (entry("A1.1a", expected="fails"), (row(1.0, 2.0),), "expected a law to use instead, got none"),
        (
            {**JUDGED, "condition": "gap below 0.1"},
            GOOD,
            "expected a condition in book/claims where a claim holds under",
        ),
        (
            {**JUDGED, "missing": "a length"},
            GOOD,
            "expected what is missing in book/claims where something is, got 'a le",
        ),
        (
            {**JUDGED, "in_words": {"gip": "gap"}},
            GOOD,
            "expected in in_words a condition, quantity, reading or completion of the evidence, got 'gip'",
        ),
        (JUDGED, (row(),), "loss at {'gap': 0.01}: expected corrected= or not_corrected="),
        (JUDGED, (row(quantity="|loss|", corrected=1.0),), "at |loss|, gap 0.01: expected words without |"),
        (JUDGED, (row(at={"|gap|": 1}, corrected=1.0),), "at loss, |gap| 1: expected words without |"),
        (JUDGED, (row(reading="a|b", corrected=1.0),), "at loss, gap 0.01: expected words without |"),
        (
            JUDGED,
            (row(1.0, 1.0, corrected=2.0, rtol=0.1, rtol_reason="why"),),
            "at loss, gap 0.01: expected the corrected law 2 ± 0.21, got 1",
        ),
        (JUDGED, (row(corrected=1.0, reference=3.0),), "expected the exact solution 3 ± 0.0052, got 1"),
        (JUDGED, (row(1.0, 1.0, corrected=-math.inf),), "expected the corrected law -inf ± "),
        (JUDGED, (WEAK,), "at loss, gap 0.01: expected a check that notices 10%, got one that notices 34%"),
        (
            JUDGED,
            (row(corrected=1.0, weak_because="few"),),
            "expected no reason for a check that notices 10%, got 'few'",
        ),
        (JUDGED, (row(0.0, 0.0, corrected=0.0, weak_because="few"),), "expected no reason for a check"),
    ],
)
def test_each_problem_of_a_claim_is_said_once_with_its_place(tmp_path, claim, evidence, message):
    found = problems(tmp_path, *evidence, claim=claim)
    assert [line for line in found if line.startswith(WHERE) and message in line], found
    assert len([line for line in found if message in line]) == 1


def test_a_sound_claim_of_each_word_has_no_problem(tmp_path):
    away = row(1.0, 2.0, corrected=1.0, at={"gap": 0.5})
    condition = {"expected": "holds-if", "condition": "gap below 0.1", "corrected": "$x$"}
    assert problems(tmp_path, *GOOD) == []
    assert problems(tmp_path, away, claim=FAILS) == []
    assert problems(tmp_path, GOOD[0], away, claim=entry("A1.1a", **condition)) == []
    readings = ({**GOOD[0], "reading": "kind"}, {**away, "reading": "kind"})
    assert problems(tmp_path, *readings, claim=entry("A1.1a", **condition, in_words={"gap": "relative gap"})) == []
    assert problems(tmp_path, *readings, claim=entry("A1.1a", **condition, in_words={"kind": "kindly"})) == []
    assert problems(tmp_path, GOOD[0], away, claim=entry("A1.1a", **condition, in_words={"loss": "mean loss"})) == []
    completed = entry("A1.1a", expected="underspecified", missing="a length")
    assert problems(tmp_path, row(), claim=completed, declared="underspecified") == []
    defined = entry("A1.1a", expected="definition")
    unstated = row(1.0, None, reference=1.0)
    assert problems(tmp_path, unstated, claim=defined, declared="definition") == []
    reasoned = row(1.0, 1.0, corrected=1.0, stderr=0.05, weak_because="few")
    assert problems(tmp_path, reasoned) == []


def test_words_for_a_completion_are_used_and_the_row_says_how_it_came_out(tmp_path):
    noted = "We complete it by one. The text allows two as well, which would predict 2 where the first predicts 1."
    claim = entry("A1.1a", expected="underspecified", missing="a length", in_words={"one": "once", "two": "twice"})
    chapter = write_book(tmp_path, claim)
    run = keep(Run(chapter, {}, tmp_path), *judged(record(*GOOD, declared="underspecified", note=noted)), low=1.0)
    assert ledger.problems([run], tmp_path) == []
    (own,) = ledger.rows([run], tmp_path)
    assert own["note"].startswith("We complete it by once. Completed in this way it agrees")
    assert own["note"].endswith("The text also allows twice. The first predicts 1, the second 2.")


def test_the_first_surprise_is_the_first_row_that_disagrees(tmp_path):
    (found,) = problems(tmp_path, GOOD[0], row(3.0, 4.0, corrected=3.0, at={"gap": 0.5}), row(3.0, 5.0, corrected=3.0))
    assert found.endswith("got fails; loss, gap 0.5: the document states 4 ± 0.0052, measured 3")


def test_a_check_of_exactly_a_tenth_notices_enough(tmp_path):
    tenth = {**GOOD[0], "detectable": ledger.TEETH}
    assert problems(tmp_path, tenth) == []
    (found,) = problems(tmp_path, {**tenth, "weak_because": "few"})
    assert "expected no reason" in found


def test_a_claim_that_no_chapter_judges_is_missed_in_the_whole_book_alone(tmp_path):
    chapter = write_book(tmp_path, JUDGED, entry("C1.1a", expected="fails"), entry("C1.1b"))
    run = keep(Run(chapter, {}, tmp_path / "runs"), *judged(record(*GOOD)), low=1.0)
    assert ledger.problems([run], tmp_path) == ["claim C1.1a: expected fails, got no verdict from any chapter"]
    assert ledger.problems([run], tmp_path, whole_book=False) == []


def test_a_claim_of_a_chapter_without_a_verdict_is_missed(tmp_path):
    run = a_run(tmp_path, figure(claims=()))
    assert ledger.problems([run], tmp_path) == [
        f"{NAME}, claim A1.1a: expected a verdict, got none: end with claim.verdict()",
        "claim A1.1a: expected holds, got no verdict from any chapter",
    ]


def test_a_claim_is_judged_once_in_the_book(tmp_path):
    run = a_run(tmp_path, *judged(record(*GOOD), record(*GOOD)))
    (twice,) = ledger.problems([run], tmp_path)
    assert twice == WHERE + f"expected one verdict for a claim, got another in {NAME}"
    (tmp_path / f"notebooks/{OTHER}.md").write_text(PAGE, "utf8")
    first = a_run(tmp_path)
    second = keep(Run(type(run.chapter)(tmp_path, OTHER), {}, tmp_path / "runs"), *judged(record(*GOOD)), low=1.0)
    (elsewhere,) = ledger.problems([first, second], tmp_path)
    assert elsewhere == f"{OTHER}, cell 3, claim A1.1a: expected one verdict for a claim, got another in {NAME}"


def test_figures_have_names_of_their_own_in_their_section_and_claims_that_exist(tmp_path):
    good = judged(record(*GOOD))
    run = a_run(tmp_path, *good, figure(), figure())
    assert ledger.problems([run], tmp_path) == [f"{NAME}: expected each figure name once, got power-1-toy, power-1-toy"]
    run = a_run(tmp_path, *good, figure("power-2-toy"), figure(claims=("A1.1a", "Z1.1a", "Z2.1a")))
    assert ledger.problems([run], tmp_path) == [
        f"{NAME}, cell 3, figure power-2-toy: expected a name that starts with power-1-",
        f"{NAME}, cell 3, figure power-1-toy: expected claims of book/claims, got Z1.1a, Z2.1a",
    ]


def test_false_alarms_are_counted_over_the_whole_book(tmp_path, monkeypatch):
    assert ledger.false_alarms(3) == pytest.approx(3 * math.erfc(SIGMAS / math.sqrt(2)), rel=1e-9)
    assert ledger.FALSE_ALARMS == 1e-3
    monkeypatch.setattr(ledger, "FALSE_ALARMS", ledger.false_alarms(2) * 1.001)
    assert problems(tmp_path, *GOOD) == []
    (found,) = problems(tmp_path, *GOOD, GOOD[0])
    assert f"false alarms in all, got 3 checks at {SIGMAS:g} sigma" in found


def test_the_chapters_of_a_claim(tmp_path):
    write_book(tmp_path)
    assert [chapter.name for chapter in ledger.chapters_of("A1.1a", tmp_path)] == [NAME]
    with pytest.raises(KeyError, match=r"expected the id of a claim such as B7.1c, got 'Z1.1a'"):
        ledger.chapters_of("Z1.1a", tmp_path)
    with pytest.raises(KeyError, match=r"expected a claim that a chapter judges, got B2.1a"):
        ledger.chapters_of("B2.1a", tmp_path)


def test_outputs_of_one_kind_are_found_with_their_cell(tmp_path):
    run = a_run(tmp_path)
    assert [(cell, own["name"]) for cell, own in ledger.outputs(run, ledger.FIGURE_MIME)] == [(3, "power-1-toy")]
    ((cell, bundle),) = ledger.bundles(run, ledger.FIGURE_MIME)
    assert (cell, set(bundle)) == (3, set(figure()))
    assert json.loads(json.dumps(bundle)) == figure()


def test_a_claim_that_the_chapter_does_not_spell_out_is_refused(tmp_path):
    """Its texts and its formula would be in no key, and its page would not lead to it."""
    chapter = write_book(tmp_path, JUDGED, page=PAGE.replace('Claim("A1.1a")', 'Claim(*["A1.1a"])'))
    run = keep(Run(chapter, {}, tmp_path / "runs"), *judged(record(*GOOD)), low=1.0)
    assert ledger.problems([run], tmp_path) == [
        f"{NAME}, claim A1.1a: expected a call of Claim with this id, got none: spell it out"
    ]
