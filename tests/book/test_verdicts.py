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


def test_a_sharp_small_miss_does_not_hide_a_large_one():
    sharp, loose = row(1.03, 1.0, gap=0.1), {"rtol_reason": "a law to some tenths"}
    large, larger = row(0.1, 1.0, gap=0.2, rtol=0.3, **loose), row(0.0, 1.0, gap=0.3, rtol=0.6, **loose)
    assert abs(verdicts.deviation(sharp, "stated")) > abs(verdicts.deviation(large, "stated")) > 1
    assert verdicts.worst([larger, sharp, large]) is large  # the surer of those that are off by half the most or more
    assert verdicts.worst([sharp]) is sharp
    assert verdicts.worst([row(1.0, 1.0)]) is None


def test_the_headline_tells_the_condition_and_the_worst_miss():
    rows = [row(1.0, 1.0), row(1.0, 2.0, gap=0.5), row(1.0, 8.0, gap=0.9)]
    assert headline(record(*rows), {"condition": "gap below 0.1", "expected": "holds-if"}) == (
        "holds if the gap is below 0.1. Where it is 0.9, loss: measured 1, claimed 8"
    )
    assert headline(record(row(1.0, 1.0)), {}) == "holds"


def test_a_card_says_why_a_law_is_not_tested_and_marks_what_agrees():
    rows = [
        row(1.0, 2.0, corrected=1.0),
        row(1.0, None, reference=1.0, not_stated="it names no width", not_corrected="one particle"),
    ]
    table = "\n".join(evidence_table(rows, {}))
    assert "| loss: gap 0.01 | 1 | 2 ✗ | 1 ✓ |  |" in table
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


@pytest.mark.parametrize(
    ("relation", "below", "at", "above"),
    [
        ("below", True, False, False),
        ("at most", True, True, False),
        ("above", False, False, True),
        ("at least", False, True, True),
    ],
)
def test_each_inequality_at_its_boundary(relation, below, at, above):
    sides = [verdicts.inside(f"gap {relation} 0.5", {"gap": value}) for value in (0.4, 0.5, 0.6)]
    assert sides == [below, at, above]


def test_a_condition_of_two_parts_needs_both_and_their_names():
    both = "gap below 0.5 and noise is even"
    assert verdicts.inside(both, {"gap": 0.6, "noise": "even"}) is False
    assert verdicts.inside(both, {"gap": 0.4, "noise": "odd"}) is False
    assert verdicts.inside(both, {"gap": 0.4}) is None
    assert verdicts.inside("noise is not even", {"noise": "odd"}) is True
    assert [part.relation for part in verdicts.clauses(both)] == ["below", "is"]
    assert verdicts.clauses("the batch size is  4 and x at least 2")[0].value == " 4"
    with pytest.raises(ValueError, match=r"expected '<quantity> below|at most.*got 'x'"):
        verdicts.clauses("gap below 0.5 and x")


def test_of_several_readings_the_best_word_counts_and_of_equal_words_the_first():
    near, far = row(1.0, 1.0, reading="b"), row(1.0, 2.0, gap=0.5, reading="b")
    printed = row(1.0, 2.0, reading="a")
    assert verdicts.deciding([printed, near, far], SMALL) == ("holds-if", [near, far])
    also = row(1.0, 3.0, reading="0")
    assert verdicts.deciding([printed, also], {}) == ("fails", [printed])
    with pytest.raises(ValueError, match="expected rows that test the document"):
        verdicts.deciding([], {})


def test_each_reading_has_its_word():
    rows = [row(1.0, 2.0, reading="b"), row(1.0, 1.0, reading="a"), row(1.0, 1.0, gap=0.5, reading="b")]
    assert verdicts.words_of_readings(rows, {}) == {"a": "holds", "b": "fails"}
    assert list(verdicts.words_of_readings(rows, {})) == ["b", "a"]


def test_the_parts_of_a_condition_that_are_not_met_are_named():
    condition = "gap below 0.5 and noise is even and step at least 2"
    assert verdicts.unmet(condition, {"gap": 0.6, "noise": "odd", "step": 2}) == ["gap", "noise"]
    assert verdicts.unmet(condition, {"gap": 0.4, "noise": "even", "step": 2}) == []


def test_all_rows_count_not_the_first_alone():
    good, bad = row(1.0, 1.0, gap=0.02), row(1.0, 2.0)
    assert word(good, good, bad) == "fails"
    assert word(bad, good) == "fails"


def test_what_our_law_alone_predicts_is_left_out_of_the_word():
    assert word(row(1.0, None, corrected=2.0), row(1.0, 1.0)) == "holds"
    assert word(row(1.0, None, corrected=2.0), declared="definition") == "definition"


def test_a_claim_under_a_condition_needs_rows_on_both_sides():
    assert word(row(1.0, 2.0), row(1.0, 2.0, gap=0.02), **SMALL) == "fails"
    assert word(row(1.0, 2.0, gap=0.5), row(1.0, 2.0, gap=0.6), **SMALL) == "fails"
    assert word(row(1.0, 2.0), row(1.0, 1.0, gap=0.5), **SMALL) == "fails"


def problems(*rows, declared="", **entry):
    return list(verdicts.problems(record(*rows, declared=declared), entry))


def test_a_row_says_why_it_tests_no_law():
    assert problems(row(1.0, None, corrected=1.0, not_stated="unsaid")) == []
    assert problems(row(1.0, None, corrected=1.0)) == [
        "loss at {'gap': 0.01}: expected stated= or not_stated= with the reason, got neither"
    ]
    assert problems(row(1.0, None, reference=1.0), declared="definition") == []
    assert problems(row(1.0, 1.0, not_corrected="unknown"), corrected="a law") == []
    assert problems(row(1.0, 1.0, corrected=1.0), corrected="a law") == []
    assert problems(row(1.0, 1.0), corrected="a law") == [
        "loss at {'gap': 0.01}: expected corrected= or not_corrected= with the reason, got neither"
    ]


def test_tolerances_are_compared_quantity_by_quantity_across_the_condition():
    loose = {"rtol": 0.2, "rtol_reason": "loose"}
    within, outside = row(1.0, 1.0, **loose), row(1.0, 2.0, gap=0.5)
    expected = "expected one tolerance inside and outside the condition, got more inside"
    assert problems(within, outside, **SMALL) == [f"loss: {expected}"]
    assert problems(within, row(1.0, 2.0, gap=0.5, **loose), **SMALL) == []
    assert problems(row(1.0, 1.0), row(1.0, 2.0, gap=0.5, **loose), **SMALL) == []
    assert problems({**within, "quantity": "spread"}, outside, **SMALL) == []
    assert problems(within, outside) == []
    assert problems(row(1.0, 1.0), within, row(1.0, 2.0, gap=0.5, **loose), outside, **SMALL) == []


def test_a_condition_that_no_tested_row_names_is_of_no_use():
    untested = row(1.0, None, corrected=1.0, not_stated="unsaid")
    named = {"condition": "gap below 0.1 and step above 2"}
    expected = "expected rows that name gap, step among their conditions, got none"
    assert problems(row(1.0, 1.0), untested, **named) == [expected]
    assert problems({**row(1.0, 1.0), "at": {"gap": 0.01, "step": 3}}, row(1.0, 1.0), **named) == []


def test_the_worst_row_counts_tolerances_of_both_kinds():
    absolute, relative = row(1.0, 2.0), row(1.0, 9.0, gap=0.5, rtol=0.5, rtol_reason="half")
    assert verdicts.worst([absolute, relative]) == absolute
    both = row(1.0, 2.0, gap=0.5, rtol=0.002, rtol_reason="a little")
    assert verdicts.worst([both, row(1.0, 1.7)]) == row(1.0, 1.7)
    bound = {**row(3.0, 2.0, relation="<="), "tolerance": 0.0}
    assert verdicts.worst([absolute, bound]) == bound
    assert verdicts.worst([row(1.0, 1.0), row(1.0, math.inf)]) is None
    assert verdicts.worst([row(-5.0, -1.0), absolute]) == row(-5.0, -1.0)
