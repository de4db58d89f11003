"""The one rule of agreement: it errs as rarely as it says, and notices what it says."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.book.evidence import POWER_QUANTILE, agrees, compare, detectable
from trainphys.book.ledger import false_alarms
from trainphys.estimate import SIGMAS, Estimate, sigmas

finite = st.floats(-1e6, 1e6)
positive = st.floats(1e-6, 1e6)


def row(measured: float, stated: float, *, stderr: float = 0.01, **more):
    return compare("mean", {"draws": 1}, Estimate(measured, stderr, 100), stated=stated, **more)


def test_five_thousand_checks_give_less_than_one_false_alarm_in_a_thousand_books():
    assert false_alarms(5000) < 1e-3 < false_alarms(5100)


def test_few_samples_err_as_rarely_as_many():
    """With 8 samples and k = 5, one true statement in 640 would be rejected; Student's k rejects none of 40,000."""
    samples = np.random.default_rng(0).normal(1.0, 0.3, (40_000, 8))
    t = (samples.mean(1) - 1.0) / (samples.std(1, ddof=1) / math.sqrt(8))
    assert np.sum(np.abs(t) > SIGMAS) > 20
    assert np.sum(np.abs(t) > sigmas(7)) == 0


@pytest.mark.parametrize(("planted", "caught"), [(1.0, 0.95), (0.5, 0.0)])
def test_stated_teeth_are_the_real_ones(planted, caught):
    """A prediction wrong by the stated detectable error is caught 95 times in 100, by half of it almost never."""
    teeth = detectable(1.0, Estimate(1.0, 0.01, 10), 0.0)
    assert teeth is not None
    draws = np.random.default_rng(1).normal(1.0 + planted * teeth, 0.01, 20_000)
    share = np.mean([not agrees(x, 1.0, SIGMAS * 0.01, 0.0, "==") for x in draws])
    assert share == pytest.approx(caught, abs=0.01 if caught else 0.06)


@given(finite, finite, st.floats(0, 1e3), st.floats(0, 1))
def test_equality_is_both_inequalities(measured, predicted, tolerance, rtol):
    both = agrees(measured, predicted, tolerance, rtol, "<=") and agrees(measured, predicted, tolerance, rtol, ">=")
    assert agrees(measured, predicted, tolerance, rtol, "==") == both


@given(finite, positive)
def test_a_larger_tolerance_never_turns_agreement_into_disagreement(predicted, stderr):
    measured = predicted + 3 * stderr
    assert agrees(measured, predicted, 3.1 * stderr, 0.0, "==")
    assert agrees(measured, predicted, 31 * stderr, 0.0, "==")


def test_infinite_predictions_are_wrong_or_trivial():
    assert not row(1.0, math.inf).agrees_stated
    assert row(1.0, -math.inf, relation=">=").agrees_stated
    assert row(1.0, math.inf).as_json()["stated"] == "inf"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"stated": None}, "expected a prediction"),
        ({"stated": 1.0, "rtol": 0.1}, "with its reason"),
        ({"stated": 1.0, "relation": "<"}, "expected relation"),
        ({"stated": 1.0, "not_stated": "a reason"}, "got both"),
        ({"stated": 1.0, "at": {"B": 1}}, "conditions in words"),
        ({"stated": 1.0, "at": {"over alpha": 1}}, "conditions in words"),
        ({"stated": 1.0, "at": {"batch_size": 1}}, "conditions in words"),
        ({"stated": 1.0, "quantity": "R"}, "what is measured, in words"),
    ],
)
def test_bad_comparisons_are_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        compare(**{"quantity": "mean", "at": {"draws": 1}, "measured": Estimate(1.0, 0.1, 10), **bad})


def test_a_measurement_without_error_needs_a_solver_error():
    with pytest.raises(ValueError, match="state the solver's error"):
        compare("mean", {"draws": 1}, Estimate(1.0, 0.0, 1), stated=1.0)


def test_detectable_counts_tolerance_and_power():
    assert detectable(2.0, Estimate(2.0, 0.02, 9), 0.01) == pytest.approx((SIGMAS + POWER_QUANTILE) * 0.01 + 0.01)
    assert detectable(0.0, Estimate(0.0, 0.02, 9), 0.0) is None


@pytest.mark.parametrize(
    ("relation", "excess", "agreed"),
    [
        ("==", 0.25, True),
        ("==", 0.26, False),
        ("==", -0.25, True),
        ("==", -0.26, False),
        ("<=", 0.25, True),
        ("<=", 0.26, False),
        ("<=", -9.0, True),
        (">=", -0.25, True),
        (">=", -0.26, False),
        (">=", 9.0, True),
    ],
)
def test_agreement_ends_where_the_tolerance_ends(relation, excess, agreed):
    """Allowed: 0.125 + 0.0625 x 2, which binary fractions hold exactly."""
    for predicted in (2.0, -2.0):
        assert agrees(predicted + excess, predicted, 0.125, 0.0625, relation) is agreed


@pytest.mark.parametrize(("relation", "up", "down"), [("==", False, False), ("<=", True, False), (">=", False, True)])
def test_an_infinite_bound_is_met_from_its_own_side(relation, up, down):
    assert agrees(1.0, math.inf, 1.0, 0.5, relation) is up
    assert agrees(1.0, -math.inf, 1.0, 0.5, relation) is down
    assert agrees(1.0, math.nan, 1.0, 0.5, relation) is False
    assert agrees(1.0, None, 1.0, 0.5, relation) is None


def test_a_comparison_keeps_what_it_was_given():
    measured = Estimate(1.5, 0.25, 7)
    given = {"not_stated": "unsaid", "rtol": 0.5, "rtol_reason": "half", "reading": "one", "beyond": True}
    own = compare("mean", {"draws": np.int64(1)}, measured, corrected=1, reference=9, weak_because="few", **given)
    assert own.as_json() == {
        "quantity": "mean",
        "at": {"draws": 1},
        "measured": 1.5,
        "stderr": 0.25,
        "n": 7,
        "tolerance": measured.tolerance(),
        "stated": None,
        "corrected": 1.0,
        "reference": 9.0,
        "not_corrected": "",
        "fitted": False,
        "relation": "==",
        "agrees_stated": None,
        "agrees_corrected": True,
        "agrees_reference": abs(1.5 - 9) <= measured.tolerance() + 4.5,
        "detectable": measured.tolerance() + POWER_QUANTILE * 0.25 + 0.5,
        "weak_because": "few",
        **given,
    }
    assert type(own.as_json()["at"]["draws"]) is int
    plain = row(1.0, 2.0)
    defaults = ("rtol", "rtol_reason", "reading", "beyond", "weak_because", "not_stated", "fitted")
    assert [getattr(plain, name) for name in defaults] == [0.0, "", "", False, "", "", False]


@pytest.mark.parametrize(
    ("laws", "decides"),
    [
        ({"stated": 2.0, "corrected": 4.0, "reference": 8.0}, 4.0),
        ({"stated": 2.0, "reference": 8.0}, 2.0),
        ({"reference": 8.0}, 8.0),
        ({"stated": 0.0, "corrected": None, "reference": 8.0}, None),
        ({"stated": math.inf}, None),
    ],
)
def test_teeth_are_those_of_our_law_else_the_documents_else_the_exact_one(laws, decides):
    own = compare("mean", {}, Estimate(1.0, 0.01, 10), **laws)
    wanted = None if decides is None else detectable(decides, Estimate(1.0, 0.01, 10), 0.0)
    assert own.detectable == wanted


def test_a_fitted_law_agrees_with_nothing_and_the_document_still_may():
    own = row(1.0, 1.0, corrected=1.0, reference=1.0, fitted=True)
    assert (own.agrees_stated, own.agrees_corrected, own.agrees_reference) == (True, None, True)


def test_more_bad_comparisons_are_refused():
    for more in ({"rtol": -0.1}, {"rtol": 0.1, "rtol_reason": " "}):
        with pytest.raises(ValueError, match="expected rtol >= 0 with its reason"):
            row(1.0, 1.0, **more)
    with pytest.raises(ValueError, match=r"expected corrected= or not_corrected=, got both at {'draws': 1}"):
        row(1.0, 1.0, corrected=1.0, not_corrected="a reason")
    with pytest.raises(ValueError, match=r"expected a text or a number in at=, got \[1\]"):
        compare("mean", {"draws": [1]}, Estimate(1.0, 0.1, 10), stated=1.0)
    greek = "alpha beta gamma delta epsilon eps eta theta kappa lambda mu rho sigma tau phi psi omega"
    for key in (*greek.split(), "rate/eta", "Gamma ray", "a=bc", "ab"):
        with pytest.raises(ValueError, match="conditions in words"):
            compare("mean", {key: 1}, Estimate(1.0, 0.1, 10), stated=1.0)
    for quantity in ("R (at 3)", "of", "(unit)"):
        with pytest.raises(ValueError, match="in words with its unit"):
            compare(quantity, {}, Estimate(1.0, 0.1, 10), stated=1.0)
    assert compare("gap", {"alphabet": 1, "one": 2}, Estimate(1.0, 0.1, 10), stated=1.0).agrees_stated


def test_a_bound_needs_no_error_bar_and_an_exact_number_needs_one_or_a_precision():
    assert row(1.0, 2.0, stderr=0.0, relation="<=").agrees_stated is True
    assert row(1.0, 1.0, stderr=0.0, rtol=1e-9, rtol_reason="the solver's").agrees_stated is True


def test_a_comparison_that_ends_a_cell_shows_nothing(capsys):
    assert row(1.0, 1.0)._ipython_display_() is None
    assert capsys.readouterr().out == ""
