"""Tests of ``chapters.distance.c7_statistical_details.bootstrap_rows``."""

import numpy as np

from tests.chapters.distance.shared.test_regressors import RUN, TABLE, TARGET
from trainphys.chapters.distance.c7_statistical_details.bootstrap_rows import drawn_again, fold_errors, geometric_mean
from trainphys.chapters.distance.shared.protocols import cross_validated, splits
from trainphys.chapters.distance.shared.regressors import least_squares


def test_bootstrap_draws_whole_runs_and_folds_of_rows_look_calm():
    again = drawn_again(RUN, True, np.random.default_rng(2))
    assert all(count % 1 == 0 and (RUN[again] == r).sum() % 10 == 0 for r, count in enumerate(np.bincount(RUN[again])))
    assert len(drawn_again(RUN, False, np.random.default_rng(2))) == 120
    calm, restless = (fold_errors(0, p, sets=3) for p in ("rows held out", "runs held out"))
    assert (calm.spread < restless.spread).all()
    assert geometric_mean(calm.excess).value < 1.1
    y, p = cross_validated(least_squares, TABLE, TARGET, splits(RUN, "rows held out", 3, 0))
    assert y.shape == p.shape == (120,)


def test_rows_and_runs_are_drawn_again_one_by_one():
    """As many rows, or as many runs with all their rows, each from all of them: some come twice, others not at all."""
    run = np.repeat([3, 5, 9, 11], [2, 3, 1, 4])
    rng = np.random.default_rng(1)
    assert drawn_again(run, False, np.random.default_rng(1)).tolist() == rng.integers(10, size=10).tolist()
    rng, slow = np.random.default_rng(2), []
    for k in rng.integers(4, size=4).tolist():
        slow += [row for row, r in enumerate(run.tolist()) if r == [3, 5, 9, 11][k]]
    assert drawn_again(run, True, np.random.default_rng(2)).tolist() == slow
