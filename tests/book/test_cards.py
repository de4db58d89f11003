"""What a card and a table of evidence say, word for word."""

import math

import pytest

from tests.book.by_hand import entry, record, row, write_book
from trainphys.book import cards
from trainphys.book.cards import ROWS_OPEN, card, conditions, evidence_table, headline, telling
from trainphys.book.claims import Claim


def lines(*rows, **more):
    return evidence_table(list(rows), {"in_words": {"third": "the third one"}}, **more)


def test_a_card_says_what_is_claimed_judged_measured_and_to_use(tmp_path):
    claim = entry("A1.1a", expected="fails", reason="It  [[low:.0%]].", corrected="$x$ of [[low:.0%]]")
    write_book(tmp_path, claim)
    own = record(row(1.0, 2.0, corrected=1.0), note="A note.")
    assert card(own, {"low": 0.5}, tmp_path).split("\n") == [
        "**A1.1a fails. Loss: measured 1, claimed 2 (gap 0.01).** It  falls. In symbols: $x=1$",
        "",
        "It 50%.",
        "",
        "A note.",
        "",
        "| quantity and place | measured | document | our law | ± allowed | notices |",
        "|:--|--:|--:|--:|--:|--:|",
        "| loss: gap 0.01 | 1 | 2 ✗ | 1 ✓ | 0.0052 | 0.7% |",
        "",
        "*Use instead:* $x$ of 50%",
    ]
    assert "It …." in card(own, None, tmp_path)


def test_a_card_leaves_out_what_there_is_not(tmp_path, monkeypatch):
    write_book(tmp_path, entry("A1.1a", latex="", statement="It names."))
    monkeypatch.setenv("TRAINPHYS_ROOT", str(tmp_path))
    text = card(record(declared="definition", note="It fixes one."))
    assert text == "**A1.1a is a definition.** It names.\n\nIt fixes one."


def test_the_exact_column_stands_only_where_something_is_exact():
    assert lines() == []
    plain = lines(row(corrected=1.0))
    assert plain[0] == "| quantity and place | measured | document | our law | ± allowed | notices |"
    exact = lines(row(corrected=1.0), row(reference=1.0))
    assert exact[0] == "| quantity and place | measured | document | our law | exact | ± allowed | notices |"
    assert {line.count("|") for line in exact} == {8}
    assert {line.count("|") for line in plain} == {7}


def test_a_reading_has_six_rows_on_a_card_and_all_in_the_ledger():
    many = [row(at={"step": n}, reading="first") for n in range(8)]
    few = [row(at={"step": 99}, reading="second")]
    shown = lines(*many, *few)
    assert shown.count("| *first* | | | | | |") == shown.count("| *second* | | | | | |") == 1
    assert [line.split(" | ")[0] for line in shown[3:9]] == [f"| loss: step {n}" for n in range(6)]
    assert shown[-2:] == ["", "2 more comparisons are in the ledger."]
    assert lines(*many[:7])[-1] == "1 more comparison is in the ledger."
    assert lines(*many[:6])[-1].startswith("| loss: step 5 ")
    assert len(lines(*many, *few, limit=None)) == 2 + 2 + 9
    assert not any(line.startswith("| *") for line in lines(row()))
    assert "| *the third one* | | | | | |" in lines(row(reading="third"))


def test_what_is_allowed_is_of_our_law_else_of_the_documents_else_of_the_exact_one():
    more = {"rtol": 0.1, "rtol_reason": "a law to a tenth", "stderr": 0.0}
    for laws, allowed in (
        ({"stated": 20.0, "corrected": 10.0, "reference": 30.0}, "1"),
        ({"stated": 20.0, "reference": 30.0}, "2"),
        ({"stated": None, "reference": 30.0}, "3"),
        ({"stated": math.inf}, "0"),
    ):
        assert lines(row(10.0, **laws, **more))[2].split(" | ")[-2] == allowed
    both = row(10.0, 10.0, rtol=0.1, rtol_reason="a law to a tenth", stderr=0.1)
    assert float(lines(both)[2].split(" | ")[-2]) == pytest.approx(both["tolerance"] + 1.0, rel=0.05)


def test_bounds_fits_and_what_notices_nothing_are_marked():
    assert "| ≤ 2 ✓ |" in lines(row(1.0, 2.0, relation="<="))[2]
    assert "| ≥ 2 ✗ |" in lines(row(1.0, 2.0, relation=">="))[2]
    assert "| 1 ✓ | 1 fitted |" in lines(row(1.0, 1.0, corrected=1.0, fitted=True))[2]
    assert lines(row(0.0, 0.0))[2].endswith("|  |")
    assert lines(row(at={}))[2].startswith("| loss | 1 | 1 ✓ |  |")


def test_reasons_have_letters_and_equal_reasons_share_one():
    rows = [row(at={"step": n}, corrected=None, not_corrected=f"reason {n // 2}") for n in range(60)]
    table = lines(*rows, limit=None)
    assert [line.split(" | ")[3] for line in table[2:6]] == [f"not tested ({letter})" for letter in "aabb"]
    assert table[-1].startswith("Not tested: (a) reason 0; (b) reason 1; ")
    assert table[-1].endswith("(z) reason 25; (aa) reason 26; (bb) reason 27; (cc) reason 28; (dd) reason 29.")


def test_conditions_are_read_as_words():
    at = {"batch size": 4, "loss": "quartic", "fixed": True, "learning rate": 0.00012345}
    assert conditions({"at": at}) == "batch size 4; loss: quartic; fixed: yes; learning rate 1.234 × 10⁻⁴"


def test_the_headline_of_each_word():
    assert headline(record(declared="definition"), {}) == "is a definition"
    completed = record(row(), declared="underspecified")
    assert headline(completed, {"missing": "a length"}) == "is underspecified. Missing: a length"
    assert headline(completed, {}) == "is underspecified"
    assert headline(record(row(123.456, 200.0, at={})), {}) == "fails. Loss: measured 123, claimed 200"
    assert headline(record(row(3.0, 2.0, relation="<=")), {}) == "fails. Loss: measured 3, claimed at most 2 (gap 0.01)"
    assert headline(record(row(3.0, float("nan"))), {}) == "fails"
    assert headline(record(row(), row(1.0, math.inf, at={"gap": 0.5})), {"condition": "gap below 0.1"}) == (
        "holds if the gap is below 0.1"
    )
    even, odd = row(at={"noise": "even"}), row(1.0, 2.0, at={"noise": "odd"})
    assert headline(record(even, odd), {"condition": "noise is even"}) == (
        "holds if the noise is even. Outside (noise: odd), loss: measured 1, claimed 2"
    )


def test_the_headline_names_each_part_of_the_condition_that_is_not_met_where_its_number_was_measured():
    place = {"loss": "quartic", "batch size": 4, "rate": 0.5, "noise": "odd", "gap": 0.5}
    entry = {"condition": "gap below 0.1 and rate at most 1 and noise is even"}
    met = {**place, "noise": "even", "gap": 0.01}
    assert headline(record(row(at=met), row(1.0, 2.0, at=place)), entry) == (
        "holds if the gap is below 0.1, the rate is at most 1 and the noise is even. "
        "Outside (gap 0.5; noise: odd), loss: measured 1, claimed 2 (loss: quartic; batch size 4)"
    )


def test_the_headline_is_of_the_reading_that_decides_and_names_it():
    worse, untested = row(1.0, 9.0, reading="as printed"), row(3.0, None, corrected=3.0, reading="ours alone")
    repaired = row(reading="repaired")
    assert headline(record(worse, repaired, untested), {}) == "holds, read as “repaired”; another reading fails"
    third = row(1.0, 2.0, reading="third")
    assert headline(record(worse, row(), third), {}) == "holds, read as it stands; 2 other readings fail"
    assert headline(record(repaired, untested), {}) == "holds"


def test_readings_that_come_out_alike_are_counted_and_the_number_names_its_own():
    worse, third = row(1.0, 9.0, reading="as printed", at={}), row(1.0, 2.0, reading="third", at={})
    assert headline(record(row(reading="one"), row(reading="two")), {}) == "holds in both readings"
    assert headline(record(third, worse), {}) == "fails in both readings. Read as “third”, loss: measured 1, claimed 2"
    assert headline(record(row(1.0, 2.0, at={}), third, worse), {}) == (
        "fails in each of 3 readings. Read as it stands, loss: measured 1, claimed 2"
    )


def test_a_condition_and_a_reading_stand_side_by_side():
    within, outside = row(reading="repaired"), row(1.0, 2.0, at={"gap": 0.5}, reading="repaired")
    assert headline(record(within, outside, row(1.0, 3.0, reading="as printed")), {"condition": "gap below 0.1"}) == (
        "holds if the gap is below 0.1, read as “repaired”; another reading fails. "
        "Where it is 0.5, loss: measured 1, claimed 2"
    )


def test_a_long_name_is_parted_from_its_number_in_a_headline():
    place = {"batch over critical batch": 2, "batch size": 4}
    assert headline(record(row(1.0, 2.0, at=place)), {}) == (
        "fails. Loss: measured 1, claimed 2 (batch over critical batch: 2; batch size 4)"
    )
    met, wide = ({"share of power at rest": share, "noise": "even"} for share in (0.01, 0.5))
    found = headline(
        record(row(at=met), row(1.0, 2.0, at=wide)), {"condition": "share of power at rest below 0.1 and noise is even"}
    )
    assert found.endswith("Outside (share of power at rest: 0.5), loss: measured 1, claimed 2 (noise: even)")


def test_numbers_that_disagree_are_told_apart():
    found = headline(record(row(0.96664, 0.9666, stderr=1e-9, at={})), {})
    assert found == "fails. Loss: measured 0.96664, claimed 0.9666"
    assert headline(record(row(123.4, 124.0, at={}, stderr=0.01)), {}) == "fails. Loss: measured 123, claimed 124"


def test_a_negative_number_has_a_minus_sign():
    off = row(-0.5011, -0.25, at={"log of the rate": -2.0, "kind": "-1 to 1"}, corrected=-0.5)
    assert headline(record(off), {}) == (
        "fails. Loss: measured −0.501, claimed −0.25 (log of the rate: −2; kind: -1 to 1)"
    )
    outside = {"condition": "slope below -1.5"}
    assert headline(record(row(at={"slope": -2.0}), row(-4.15e-5, 0.5, at={"slope": -1.0})), outside) == (
        "holds if the slope is below −1.5. Where it is −1, loss: measured −4.15 × 10⁻⁵, claimed 0.5"
    )
    assert "| −0.5011 | −0.25 ✗ | −0.5 ✓ |" in lines(off)[-1]
    assert conditions(off) == "log of the rate -2; kind: -1 to 1"  # a name by which the audit finds a row


def test_what_is_none_is_not_there():
    assert cards._in_words({"condition": "jumps over barriers is none and width below 3"}) == (
        "there are no jumps over barriers and the width is below 3"
    )


def test_names_of_the_evidence_become_words_of_a_sentence():
    words = {"width": "width of the well", "parameter": "the parameter", "1": "first", "loss": "mean loss"}
    own = {"condition": "swings is parameter and width at most 1", "in_words": words}
    within, outside = ({"swings": "parameter", "width": width} for width in (1, 2))
    found = headline(record(row(at=within, reading="1"), row(1.0, 2.0, at=outside, reading="1"), row(1.0, 2.0)), own)
    assert found == (
        "holds if the swings is the parameter and the width of the well is at most 1, read as “first”; another reading "
        "fails. Outside (width of the well: 2), mean loss: measured 1, claimed 2 (swings: parameter)"
    )


def test_a_closed_card_says_a_number_or_what_is_missing_or_else_the_claim():
    own = {"id": "A1.1a", "title": "Fall of the loss", "statement": "It falls. "}
    assert cards.line(record(row(1.0, 1.0)), own) == "**A1.1a holds.** *Fall of the loss.* It falls."
    assert cards.line(record(row(1.0, 2.0, at={})), own) == (
        "**A1.1a fails.** *Fall of the loss.* Loss: measured 1, claimed 2."
    )
    completed = record(row(), declared="underspecified")
    assert cards.line(completed, {**own, "missing": "a length"}) == (
        "**A1.1a is underspecified.** *Fall of the loss.* Missing: a length."
    )


def test_how_a_claim_was_completed_is_said_with_how_it_came_out(monkeypatch):
    monkeypatch.setattr("trainphys.book.project.claims", lambda root: {"A1.1a": {}})
    claim = Claim("A1.1a")
    claim.completed_by("a length of 1. (say)", predicts=2.0, another="a length of two, as well", predicts_then=1.0)
    own = {**claim.record(), "evidence": [row()]}
    assert cards.note(own, {"in_words": {"a length of two, as well": "the double"}}) == (
        "We complete it by a length of 1. (say). Completed in this way it agrees with the measurements. "
        "The text also allows the double. The first predicts 2, the second 1."
    )
    lengths = {"a length of two, as well": "the double (both numbers are lengths in metres)"}
    for words in (lengths, {"a length of 1. (say)": "one (both numbers are lengths in metres)"}):
        told = cards.note(own, {"in_words": words})
        assert told.endswith("The first predicts 2, the second 1; both are lengths in metres.")
        assert "both numbers" not in told
    failed = {**own, "evidence": [row(1.0, 2.0)]}
    assert "(say). Even so it disagrees. The text also allows a length of two, as well. The" in cards.note(failed, {})
    assert cards.note(record(note="It fixes one."), {}) == "It fixes one."


def test_every_word_has_a_meaning():
    assert set(cards.MEANING) == {*cards.verdicts.VERDICTS, cards.verdicts.PENDING}


def test_the_rows_that_tell_most_are_the_documents_worst_a_typical_one_and_our_laws_worst():
    rows = [row(corrected=1.0, at={"step": n}) for n in range(9)]
    rows[1] = row(1.0, 1.2, corrected=1.0, at={"step": 1})
    rows[7] = row(1.0, 9.0, corrected=1.0, at={"step": 7})
    rows[3] = row(1.0, 1.0, corrected=1.004, at={"step": 3})
    agreeing = [own for own in rows if own["agrees_stated"]]
    assert telling(rows, {}) == [rows[3], agreeing[len(agreeing) // 2], rows[7]]


def test_rows_that_tell_keep_their_order_and_are_three_where_there_are_three():
    rows = [row(at={"step": n}) for n in range(9)]
    assert telling(rows, {}) == [rows[0], rows[4], rows[8]]  # nothing is off: the last, a typical one, the first
    assert telling(rows[:2], {}) == rows[:2]
    assert telling([], {}) == []
    assert len(telling(rows, {})) == ROWS_OPEN
    exact = [row(1.0, None, reference=1.0, at={"step": n}) for n in range(5)]
    assert telling(exact, {}) == exact[:3]


def test_rows_that_tell_are_of_the_reading_that_decides():
    printed = [row(1.0, 9.0 + n, reading="as printed", at={"step": n}) for n in range(4)]
    repaired = [row(reading="repaired", at={"step": n}) for n in range(2)]
    assert telling(printed + repaired, {}) == [printed[0], *repaired]  # two of the reading that decides, then the first
    assert telling(printed, {}) == [printed[0], printed[1], printed[3]]


def test_a_law_that_predicts_no_number_is_not_our_worst():
    rows = [row(corrected=1.0, at={"step": n}) for n in range(5)]
    rows[4] = row(1.0, None, corrected=-math.inf, at={"step": 4})
    assert rows[4] not in telling(rows, {})
