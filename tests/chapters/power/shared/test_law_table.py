"""Tests of ``chapters.power.shared.law_table``."""

import numpy as np
import pytest

from trainphys.chapters.power.shared.law_table import CAPPED_SAMPLES, SECTION_2, SECTION_4, SECTION_8, score, section_1
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import steps_to_target
from trainphys.tools.batch_size.fit import PLAIN_STEPS, STEPS, fit


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
