"""Tests of ``chapters.power.shared.law_table``."""

import numpy as np
import pytest

from trainphys.chapters.power.shared.claimed import CAPPED_SAMPLES, SECTION_2, SECTION_4, SECTION_8, section_1
from trainphys.chapters.power.shared.law_table import bootstrap, score
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import steps_to_target
from trainphys.tools.batch_size.fit import PLAIN_STEPS, STEPS, fit

SIZES = 2.0 ** np.arange(11)


@pytest.mark.parametrize(
    ("law", "values"),
    [(SECTION_2, (30.0, 200.0)), (SECTION_4, (50.0,)), (SECTION_8, (2.0,)), (CAPPED_SAMPLES, (900.0, 40.0))],
)
def test_fits_find_the_constants_of_their_own_curve(law, values):
    b = 2.0 ** np.arange(10)
    assert fit(law, b, law.curve(b, np.array(values))).values == pytest.approx(values, rel=1e-5)


def test_score_prefers_the_law_behind_the_data():
    b = 2.0 ** np.arange(9)
    points = [Estimate(float(steps_to_target(x, 20.0, 60.0, 2.0)) * 1.0, 0.1, 50) for x in b]
    found = {
        law.name: score("made up", law, b.tolist(), points, draws=6, seed=0) for law in (STEPS, PLAIN_STEPS, SECTION_4)
    }
    errors = [s.held_out_error for s in found.values()]
    assert errors == sorted(errors)
    best = found[STEPS.name]
    assert best.critical_low <= best.critical_batch_size <= best.critical_high
    assert best.critical_batch_size == pytest.approx(60, rel=0.05)
    assert section_1([1.0, 4.0], [1.0, 2.0]).curve(np.array([1.0, 4.0]), np.array([3.0])).tolist() == [3.0, 3.0]


def test_bootstrap_interval_covers_the_truth_and_follows_the_seed():
    rng = np.random.default_rng(0)
    runs = [m * rng.lognormal(0, 0.1, 40) for m in steps_to_target(SIZES, 30, 60, 1.8)]
    draws = bootstrap(STEPS, SIZES, runs, draws=40, seed=1)
    low, high = np.quantile(draws, [0.001, 0.999], axis=0)
    assert np.all(low < (30.5, 62, 1.9))
    assert np.all(high > (29.5, 58, 1.7))
    assert np.array_equal(draws[:3], bootstrap(STEPS, SIZES, runs, draws=3, seed=1))
