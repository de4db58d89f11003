"""Tests of ``chapters.distance.shared.summaries``."""

import numpy as np
import pytest

from trainphys.chapters.distance.shared.summaries import one_report, reports
from trainphys.xor.run_records import Records, records
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


def test_reports_print_the_figures_of_their_runs():
    rows = records(train(draw_starts("pytorch", 1000, 0), rate=0.1, tolerance=1e-7, max_epochs=60))
    figures = reports(rows, runs_each=50)
    first = rows.of(np.isin(rows.run, np.unique(rows.run)[:50]))
    assert figures.length[0] == pytest.approx(len(first.run) / 50 + 1)
    assert figures.l1[0] == pytest.approx(first.l1.mean())
    assert figures.ratio[0] == pytest.approx(first.l1.mean() / first.l2.mean())
    assert figures.longest[0] == first.remaining.max()
    assert figures.variance[0] == pytest.approx(np.var(np.unique(first.run, return_counts=True)[1]))
    assert one_report(figures.l2).n == len(figures.l2)


def test_one_report_has_no_spread():
    with pytest.raises(ValueError, match="reports >= 2"):
        reports(Records(np.zeros(2, int), np.ones((3, 2)), np.zeros((3, 2)), np.ones(2, int)))
