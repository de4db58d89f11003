"""One rule for the five words: each clause of the rule has a case that falls when the clause does."""

import math

import pytest

from trainphys.book import verdicts
from trainphys.book.cards import card, evidence_table, headline
from trainphys.book.evidence import compare
from trainphys.estimate import Estimate

SMALL = {"condition": "gap below 0.1"}


def row(measured, stated, gap=0.01, **more):
    return compare("loss", {"gap": gap}, Estimate(measured, 0.001, 100), stated=stated, **more).as_json()


def record(*rows, declared=""):
    return {"id": "X", "declared": declared, "note": "", "evidence": list(rows)}


def word(*rows, declared="", **entry):
    return verdicts.word(record(*rows, declared=declared), entry)


def test_holds_when_all_agree_and_fails_when_one_does_not():
    assert word(row(1.0, 1.0), row(2.0, 2.0)) == "holds"
    assert word(row(1.0, 1.0), row(2.0, 3.0)) == "fails"


def test_holds_if_the_condition_separates():
    assert word(row(1.0, 1.0), row(1.0, 2.0, gap=0.5), **SMALL) == "holds-if"
    assert word(row(1.0, 1.0), row(1.0, 2.0, gap=0.05), row(1.0, 2.0, gap=0.5), **SMALL) == "fails"
    assert word(row(1.0, 1.0), row(1.0, 1.0, gap=0.5), row(1.0, 2.0, gap=0.6), **SMALL) == "fails"


def test_a_law_agrees_at_a_condition_when_it_agrees_in_each_quantity_there():
    spread = compare("spread", {"gap": 0.5}, Estimate(1.0, 0.001, 100), stated=1.0).as_json()
    assert word(row(1.0, 1.0), row(1.0, 2.0, gap=0.5), spread, **SMALL) == "holds-if"
    assert word(row(1.0, 2.0), {**spread, "at": {"gap": 0.01}}, row(1.0, 2.0, gap=0.5), **SMALL) == "fails"


def test_a_row_that_does_not_name_the_condition_is_no_evidence_for_it():
    bare = compare("loss", {"batch size": 4}, Estimate(1.0, 0.001, 100), stated=2.0).as_json()
    assert word(row(1.0, 1.0), row(1.0, 2.0, gap=0.5), bare, **SMALL) == "fails"


def test_a_claim_that_says_never_fails_with_one_counterexample_in_its_own_setting():
    rows = [row(1.0, 1.0), row(1.0, 2.0, gap=0.5)]
    assert word(*rows, **SMALL, universal="never") == "fails"
    assert word(rows[0], row(1.0, 2.0, gap=0.5, beyond=True), **SMALL, universal="never") == "holds-if"


def test_the_most_favourable_reading_decides():
    assert word(row(1.0, 2.0, reading="as printed"), row(1.0, 1.0, reading="repaired")) == "holds"
    assert word(row(1.0, 2.0, reading="as printed"), row(1.0, 3.0, reading="repaired")) == "fails"


def test_underspecified_only_while_the_completion_agrees():
    assert word(row(1.0, 1.0), declared="underspecified") == "underspecified"
    assert word(row(1.0, 2.0), declared="underspecified") == "fails"


def test_a_definition_predicts_nothing():
    with pytest.raises(ValueError, match="no prediction of a definition"):
        word(row(1.0, 1.0), declared="definition")


def test_our_own_law_and_a_fit_are_no_test_of_the_document():
    with pytest.raises(ValueError, match="nothing was tested"):
        word(row(1.0, None, corrected=1.0))
    assert row(1.0, 1.0, corrected=1.0, fitted=True)["agrees_corrected"] is None


@pytest.mark.parametrize(
    ("evidence", "entry", "message"),
    [
        ([], {}, "expected evidence"),
        ([row(1.0, None, reference=1.0)], {}, "expected stated= or not_stated="),
        ([row(1.0, 1.0)], {"corrected": "a law"}, "expected corrected= or not_corrected="),
        ([row(1.0, 1.0)], {"condition": "batch size at least 4"}, "rows that name batch size"),
        (
            [row(1.0, 1.0, rtol=0.2, rtol_reason="loose"), row(1.0, 2.0, gap=0.5)],
            SMALL,
            "one tolerance inside and outside",
        ),
    ],
)
def test_what_makes_a_verdict_unfit_to_print(evidence, entry, message):
    assert any(message in problem for problem in verdicts.problems(record(*evidence), entry))
    assert not list(verdicts.problems(record(row(1.0, 1.0)), {}))


def test_conditions_are_inequalities_or_kinds():
    assert verdicts.inside("batch size at most 64 and noise is even", {"batch size": 64, "noise": "even"})
    assert not verdicts.inside("batch size below 64", {"batch size": 64})
    assert not verdicts.inside("noise is not even", {"noise": "even"})
    assert verdicts.inside("momentum above 0.5", {"momentum": 0.9})
    assert verdicts.inside("batch size at least 1", {"batch size": 1})
    with pytest.raises(ValueError, match="below"):
        verdicts.clauses("when it gets small")


def test_the_headline_tells_the_condition_and_the_worst_miss():
    rows = [row(1.0, 1.0), row(1.0, 2.0, gap=0.5), row(1.0, 8.0, gap=0.9)]
    assert headline(record(*rows), {"condition": "gap below 0.1", "expected": "holds-if"}) == (
        "holds if gap is below 0.1; outside, loss 1 where 8 is claimed (gap 0.9)"
    )
    assert headline(record(row(1.0, 1.0)), {}) == "holds"


def test_a_card_says_why_a_law_is_not_tested_and_marks_what_agrees():
    rows = [
        row(1.0, 2.0, corrected=1.0),
        row(1.0, None, reference=1.0, not_stated="it names no width", not_corrected="one particle"),
    ]
    table = "\n".join(evidence_table(rows))
    assert "| loss: gap 0.01 | 2 ✗ | 1 ✓ |  | 1 |" in table
    assert "not tested (a) | not tested (b) | 1 ✓ |" in table
    assert "(a) it names no width; (b) one particle." in table
    assert "neither" not in table


def test_a_card_takes_its_numbers_from_the_run(monkeypatch):
    entry = {"id": "X", "statement": "It falls.", "reason": "It rises by [[rise:.0%]].", "corrected": "$x$"}
    monkeypatch.setattr("trainphys.book.project.claims", lambda root: {"X": entry})
    assert "It rises by 20%." in card(record(row(1.0, 2.0, corrected=1.0)), {"rise": 0.2})
    with pytest.raises(KeyError, match="glue"):
        card(record(row(1.0, 2.0, corrected=1.0)), {})


def test_the_worst_row_is_that_most_tolerances_off():
    far = verdicts.worst([row(1.0, 2.0), row(1.0, 9.0, gap=0.5), row(1.0, math.inf, gap=0.9)])
    assert far is not None
    assert far["at"] == {"gap": 0.5}
    own = verdicts.worst([row(1.0, 2.0), row(1.0, 9.0, gap=0.5, beyond=True)])
    assert own is not None
    assert own["at"] == {"gap": 0.01}
