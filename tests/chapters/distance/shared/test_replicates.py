"""Tests of ``chapters.distance.shared.replicates``."""

import numpy as np
import pytest

from trainphys.chapters.distance.shared.features import feature_table
from trainphys.chapters.distance.shared.replicates import linear_score, replicate_reports
from trainphys.xor.configurations import RECONSTRUCTED, Configuration, report_rows
from trainphys.xor.equivalences import rate_from_spread
from trainphys.xor.landscape import solution
from trainphys.xor.starts import draw_starts


def test_rate_follows_from_the_spread_of_lengths(made):
    start = draw_starts(RECONSTRUCTED[1].starts, 100_000, seed=0).T
    spread = np.log(np.linalg.norm(start - solution(start), axis=0)).std()
    found = rate_from_spread(made.column("variance").mean() / 0.99, spread)
    assert found == pytest.approx(0.1, rel=0.06)


def test_linear_score_is_that_of_scikit_learn():
    from sklearn.linear_model import LinearRegression

    rows = report_rows(Configuration("", "pytorch", 0.1, 1e-7), seed=0)
    table = feature_table(rows)
    table = (table - table.mean(axis=0)) / table.std(axis=0)
    assert linear_score(rows) == pytest.approx(
        LinearRegression().fit(table, rows.remaining).score(table, rows.remaining)
    )


def test_a_configuration_whose_runs_rarely_converge_is_refused():
    with pytest.raises(ValueError, match="a tenth"):
        replicate_reports(Configuration("", "pytorch", 0.001, 1e-7), 30, 0)
