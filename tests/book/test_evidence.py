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
