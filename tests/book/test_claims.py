"""A claim as a chapter uses it: what it records, shows and refuses."""

import pytest

from tests.book.by_hand import entry, write_book
from trainphys.book import claims, project
from trainphys.book.claims import CLAIM_MIME, Claim
from trainphys.estimate import Estimate

FORMULA = {"symbols": {"E": "E", "B": "B"}, "formula": {"E": "4 / B"}}
ROW = {"quantity": "mean", "at": {"batch size": 4}, "measured": Estimate(1.0, 0.01, 10), "stated": 1.0}


@pytest.fixture
def claim(tmp_path, monkeypatch):
    write_book(tmp_path, entry("A1.1a", **FORMULA), entry("B1.1a"))
    monkeypatch.setenv("TRAINPHYS_ROOT", str(tmp_path))
    return Claim("A1.1a")


def test_the_documents_formula_predicts(claim):
    assert claim.stated("E", B=8) == 0.5


def test_a_comparison_is_returned_and_recorded(claim):
    first, second = claim.compare(**ROW), claim.compare(**{**ROW, "stated": 2.0})
    assert (first.agrees_stated, second.agrees_stated) == (True, False)
    evidence = [first.as_json(), second.as_json()]
    assert claim.record() == {"id": "A1.1a", "declared": "", "note": "", "evidence": evidence}


def test_the_verdict_shows_the_record_and_its_card_and_is_the_end(claim, monkeypatch):
    shown = []
    monkeypatch.setattr(claims, "display", lambda bundle, raw: shown.append((bundle, raw)))
    claim.compare(**ROW)
    claim.verdict()
    ((bundle, raw),) = shown
    assert raw
    assert bundle[CLAIM_MIME] == claim.record()
    assert bundle["text/markdown"].startswith("**A1.1a holds.** It  falls.")
    with pytest.raises(ValueError, match=r"expected comparisons before the verdict, got one more for A1.1a"):
        claim.compare(**ROW)


def test_a_definition_says_what_it_fixes_and_leaves_open(claim):
    claim.definition(fixes="a name", leaves_open="a value")
    assert claim.record()["declared"] == "definition"
    assert claim.record()["note"] == "It fixes a name. It leaves open a value."


def test_a_completion_says_what_another_would_predict(claim):
    claim.completed_by("a length of one", predicts=1.23456, another="a length of two", predicts_then=-7)
    assert claim.record()["declared"] == "underspecified"
    assert claim.record()["note"] == (
        "We complete it by a length of one. The text allows a length of two as well, which would predict -7 where the "
        "first predicts 1.23."
    )


@pytest.mark.parametrize(
    ("one", "near", "far"),
    [(10.0, 9.0, 8.99), (9.0, 10.0, 10.01), (-10.0, -9.0, -8.99), (10.0, 10.0, -10.0), (0, 0, 1)],
)
def test_completions_that_differ_by_no_more_than_a_tenth_are_none(claim, one, near, far):
    with pytest.raises(ValueError, match=r"expected completions of A1.1a that differ"):
        claim.completed_by("one", predicts=one, another="other", predicts_then=near)
    assert claim.record()["declared"] == ""
    claim.completed_by("one", predicts=one, another="other", predicts_then=far)


def test_a_claim_that_is_not_in_the_inventory_is_refused(claim):
    with pytest.raises(KeyError, match=r"expected the id of a claim in book/claims, got 'Z1.1a': such as 'A1.1a'"):
        Claim("Z1.1a")


def test_outside_a_clone_the_claims_come_with_the_package(tmp_path, monkeypatch):
    monkeypatch.delenv("TRAINPHYS_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    assert Claim("A1.1a").id == "A1.1a"
    monkeypatch.setattr(project, "__file__", str(tmp_path / "a/b/c/project.py"))
    with pytest.raises(FileNotFoundError, match="run inside a clone"):
        Claim("A1.1a")
