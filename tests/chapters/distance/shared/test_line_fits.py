"""Tests of ``chapters.distance.shared.line_fits``."""

import numpy as np
import pytest

from trainphys.chapters.distance.shared.line_fits import error_ratio, explained, first_below, fit_line, halves
from trainphys.xor.run_records import records
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_laws_read_lines_and_errors():
    rng = np.random.default_rng(0)
    run = np.repeat(np.arange(200), 5)
    x = rng.normal(size=1000)
    y = 2 * x + 1 + np.repeat(rng.normal(size=200), 5)  # one offset a run: rows are not independent
    slope, intercept = np.polyfit(x, y, 1)
    line = fit_line(x, y)
    assert (line.slope, line.intercept) == pytest.approx((slope, intercept))
    share = explained(run, y, line(x), seed=0)
    assert share.value == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)
    ratio = error_ratio(run, y, line(x), line(x) + 1.0, seed=0)
    assert 0 < ratio.value < 1
    assert ratio.n == 200


def test_bootstrap_over_runs_matches_the_spread_of_replicas():
    def one(i):
        rng = np.random.default_rng(i)
        run, x = np.repeat(np.arange(150), 4), rng.normal(size=600)
        return explained(run, x + np.repeat(rng.normal(size=150), 4), x, seed=0)

    found = [one(i) for i in range(150)]
    spread = np.std([f.value for f in found], ddof=1)
    claimed = np.mean([f.stderr for f in found])
    assert abs(claimed / spread - 1) < 5 / np.sqrt(2 * 150)


def test_halves_share_no_run_and_crossings_are_one_a_run():
    rows = records(train(draw_starts("pytorch", 200, 0), rate=0.1, tolerance=1e-7, max_epochs=60))
    even, odd = halves(rows)
    assert not set(even.run) & set(odd.run)
    assert len(even.run) + len(odd.run) == len(rows.run)
    at = first_below(rows, rows.l2, 0.1)
    assert len(np.unique(rows.run[at])) == len(at) == len(np.unique(rows.run))
    assert (rows.l2[at] < 0.1).all()
    assert ((rows.l2[at] >= 0.08) | (rows.l2[at] == rows.l2[np.searchsorted(rows.run, rows.run[at])])).all()


def test_a_line_needs_two_distances_and_an_error_two_runs():
    with pytest.raises(ValueError, match="spread_of_x > 0"):
        fit_line([1.0, 1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="runs >= 2"):
        explained(np.zeros(3, int), np.arange(3.0), np.arange(3.0), seed=0)
