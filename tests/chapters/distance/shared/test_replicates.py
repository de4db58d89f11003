"""Tests of ``chapters.distance.shared.replicates``."""

import numpy as np
import pytest

from trainphys.chapters.distance.shared.features import feature_table
from trainphys.chapters.distance.shared.replicates import linear_score, replicate_reports
from trainphys.xor.configurations import RECONSTRUCTED, Configuration, report_rows, traces
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


@pytest.mark.parametrize("c", RECONSTRUCTED, ids=lambda c: c.name)
def test_reports_are_printed_as_by_a_loop_over_runs(c):
    """Two reports of a hundred runs: mean states, variance, longest, mean distances to the end, and what is left."""
    made = replicate_reports(c, 2, seed=3)
    share = float(traces(c, 1000, 3).converged.mean())
    runs = traces(c, int(200 / share * 1.1) + 300, 4)
    good = [r for r in range(len(runs.epochs)) if runs.converged[r] and runs.epochs[r] > 0][:200]
    assert made.converged == pytest.approx(float(runs.converged.mean()))
    for report in (0, 1):
        lengths, l1, l2, left = [], [], [], []
        for r in good[100 * report : 100 * report + 100]:
            n = int(runs.epochs[r])
            path = runs.states[: n + 1, :, r].tolist()
            lengths.append(n)
            for k in range(n):
                gap = [a - b for a, b in zip(path[k], path[n], strict=True)]
                l1.append(sum(map(abs, gap)))
                l2.append(sum(g * g for g in gap) ** 0.5)
                left.append(n - k)
        wanted = {"states": _mean(lengths) + 1, "variance": _spread(lengths), "longest": max(lengths)}
        wanted |= {"L1": _mean(l1), "L2": _mean(l2), "mean remaining": _mean(left), "variance remaining": _spread(left)}
        assert {name: made.column(name)[report] for name in wanted} == pytest.approx(wanted)


def _mean(values):
    return sum(values) / len(values)


def _spread(values):
    return _mean([x * x for x in values]) - _mean(values) ** 2
