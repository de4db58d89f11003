"""Tests of ``chapters.power.shared.claimed``."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from trainphys.book import formulas, project
from trainphys.chapters.power.shared.claimed import (
    CAPPED_SAMPLES,
    CLAIMED_SAMPLES,
    CLAIMED_TIME,
    SECTION_2,
    claimed_efficiency,
    claimed_fastest_alpha,
    claimed_time,
)
from trainphys.laws.batch_size import (
    cheapest_batch_size,
    sample_efficiency,
    steps_to_target,
)
from trainphys.laws.batch_size import steps_to_target as law
from trainphys.tools.batch_size.fit import PLAIN_STEPS, STEPS, fit, held_out

BATCH = 2.0 ** np.arange(11)


@pytest.mark.parametrize(
    ("which", "values", "truth"),
    [
        (STEPS, law(BATCH, 30, 60, 1.8), (30, 60, 1.8)),
        (PLAIN_STEPS, law(BATCH, 30, 60), (30, 60)),
        (CLAIMED_TIME, 500 * claimed_time(BATCH / 20, 8.0), (500, 20, 8.0)),
        (CLAIMED_SAMPLES, 500 / claimed_efficiency(BATCH / 50, 3.0), (500, 50, 3.0)),
    ],
)
def test_each_law_is_recovered_from_its_own_curve(which, values, truth):
    found = fit(which, BATCH, values)
    assert found.values == pytest.approx(truth, rel=1e-3)
    assert found.rms < 1e-4
    assert held_out(which, BATCH, values)[3:8] == pytest.approx(values[3:8], rel=1e-2)


def test_the_curves_that_are_fitted_are_the_formulas_that_are_printed():
    """The cap on the efficiency of section 7.2 is that of section 1.1."""

    def printed(claim_id, symbol, **values):
        return formulas.evaluate(claims[claim_id], symbol, values)

    claims = project.claims(Path(__file__).resolve().parents[4])
    a, constants = BATCH / 20, np.array([3.0, 20.0])
    assert claimed_time(a, 8.0) == pytest.approx(printed("A7.1a", "t", topt=1.0, alpha=a, alpha_crit=8.0))
    efficiency = printed("A7.2a", "eta", alpha=a, alpha_crit=8.0)
    assert claimed_efficiency(a, 8.0) == pytest.approx(np.minimum(1, efficiency))
    capped = printed("A1.1b", "efficiency", B=BATCH, critical=20.0)
    assert CAPPED_SAMPLES.curve(BATCH, constants) == pytest.approx(3 / capped)
    product = printed("A2.1a", "product", best=3.0, f=printed("A2.1a", "f", alpha=a))
    assert SECTION_2.curve(BATCH, constants) == pytest.approx(product / capped)


def test_the_claimed_law_cannot_imitate_perfect_scaling():
    assert fit(CLAIMED_TIME, BATCH, law(BATCH, 30, 60)).rms > 0.3


@given(critical=st.floats(1e-2, 1e6))
def test_branches_of_the_time_cross_where_a_root_finder_says(critical):
    difference = lambda x: -0.5 * x - (math.exp(x) / critical - 1)  # noqa: E731 - in ln alpha
    root = math.exp(brentq(difference, math.log(1e-6), math.log(1e3), xtol=1e-14))
    assert claimed_fastest_alpha(critical) == pytest.approx(root, rel=1e-9)


@given(critical=st.floats(1e-2, 1e8))
def test_claimed_time_is_least_at_the_crossing_and_never_below_one_over_e(critical):
    alpha = claimed_fastest_alpha(critical)
    assert alpha <= math.e**2 * (1 + 1e-12)
    around = claimed_time(alpha * np.array([0.5, 0.99, 1.0, 1.01, 2.0]), critical)
    assert np.argmin(around) == 2
    assert around[2] >= math.exp(-1) * (1 - 1e-12)


def test_a_stability_limit_below_one_contradicts_time_one_at_alpha_one():
    assert claimed_time(1.0, 0.5) > 2.7
    assert claimed_time(1.0, 1.0) == 1.0
    assert claimed_fastest_alpha(5.0) < 5.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: claimed_time(-1.0, 2.0),
        lambda: claimed_time(1.0, 0.0),
        lambda: claimed_efficiency(0.0, 2.0),
        lambda: steps_to_target(1.0, -5, 100),
        lambda: steps_to_target(1.0, 5, 100, 0.0),
        lambda: sample_efficiency(np.nan, 100.0),
        lambda: cheapest_batch_size(100, -1.0, 1.0),
        lambda: cheapest_batch_size(100, 1.0, 0.0),
    ],
)
def test_arguments_out_of_range_are_refused(call):
    with pytest.raises(ValueError, match="expected"):
        call()
