"""A small back-test of ``time_to_target`` on kinds of curves that it was not built on, out of the benchmarks."""

import math

import numpy as np
import pytest
from benchmarks.time_to_target import KINDS, RIVALS, Run, back_test, by_shape, ensemble, last_third, question

# Digits take seconds; the benchmark has them.
ASKED = [kind for kind in KINDS if not kind.startswith("digits")]


@pytest.mark.parametrize("kind", ASKED)
def test_nine_of_ten_intervals_hold_or_the_question_is_refused(kind, monkeypatch) -> None:
    """Within the scatter of forty questions; and the middle forecast misses by less than a third and two."""
    monkeypatch.setattr("benchmarks.time_to_target.by_shape", lambda *_: (math.inf, 0.0))  # no rivals here
    row = back_test(kind, 40, seed=3)
    answered = row.asked - row.refused
    assert row.asked > 20
    if kind in ("plateau, then a drop", "double descent"):
        assert answered <= 2
        return
    assert answered > 0.3 * row.asked
    assert row.held >= 0.9 * answered - 3 * math.sqrt(0.09 * answered)
    assert row.median("ours") < 1.5
    assert row.median("ours") < row.median("last third") * 1.25


def test_rivals_know_their_own_curves() -> None:
    t = np.arange(1.0, 151.0)
    assert last_third(np.exp(-0.02 * t), math.exp(-4.0)) == pytest.approx(50)
    assert by_shape("power", 0.1 + t**-0.5, 0.1 + 200**-0.5)[0] == pytest.approx(50, rel=0.02)
    assert ensemble(0.1 + t**-0.5, 0.1 + 200**-0.5) == pytest.approx(50, rel=0.05)
    assert len(RIVALS) == 3


def test_a_question_is_one_that_the_run_answers_later() -> None:
    clean = 1.0 / np.arange(1.0, 301.0)
    seen, target, truth = question(Run(clean, clean), np.random.default_rng(0))
    assert clean[seen - 1 + int(truth)] == target < clean[seen - 1]
