"""Tests of ``xor.run_records``."""

import numpy as np
import pytest

from tests.xor.test_trajectory_kernels import reference
from trainphys.xor.run_records import records
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train, train_pieces


@pytest.mark.parametrize(
    ("start", "goal", "message"),
    [([0, 0, 0.5], "minimum", "expected a run that converged"), ([1, 0, 0], "x", "expected goal")],
)
def test_runs_without_an_end_or_a_goal_are_refused(start, goal, message):
    with pytest.raises(ValueError, match=message):
        records(train([start], rate=0.1, tolerance=1e-7, max_epochs=50), goal=goal)


@pytest.mark.parametrize("goal", ["minimum", "last"])
def test_records_are_those_of_a_loop_over_runs_and_epochs(goal):
    """Runs that are given up, and one that starts at its end, leave no row; the last state of a run has none."""
    starts = np.vstack([draw_starts("normal", 60, 3), [[0.5, -0.5, 0.0]]])
    settings = {"rate": 0.15, "tolerance": 1e-3, "max_epochs": 32, "scales": (1.0, 0.5)}
    rows, slow = records(train(starts, **settings), goal=goal, scales=(1.0, 0.5)), []
    for r, start in enumerate(starts):
        path = reference(start, **settings).tolist()
        height = sum((abs(w) - t) ** 2 for w, t in zip(outputs(path[-1]), (0, 1, 1, 0), strict=True)) / 4
        if height >= 1e-3:
            continue
        side = 0.5 if path[-1][0] - 0.5 * path[-1][1] >= 0 else -0.5
        end = path[-1] if goal == "last" else [side, -2 * side, 0.0]
        slow += [(r, state, end, len(path) - 1 - n) for n, state in enumerate(path[:-1])]
    assert 15 < len({row[0] for row in slow}) < 60
    assert rows.run.tolist() == [row[0] for row in slow]
    assert rows.remaining.tolist() == [row[3] for row in slow]
    np.testing.assert_allclose(rows.state.T, [row[1] for row in slow], atol=1e-12)
    np.testing.assert_allclose(rows.goal.T, [row[2] for row in slow], atol=1e-12)
    gaps = [[abs(a - b) for a, b in zip(row[1], row[2], strict=True)] for row in slow]
    assert rows.l1 == pytest.approx([sum(gap) for gap in gaps], abs=1e-12)
    assert rows.l2 == pytest.approx([sum(g * g for g in gap) ** 0.5 for gap in gaps], abs=1e-12)
    epoch, shrinkage = rows.shrinkage()
    pairs = [k for k in range(len(slow) - 1) if slow[k][0] == slow[k + 1][0]]
    first = {row[0]: k for k, row in reversed(list(enumerate(slow)))}
    assert epoch.tolist() == [k - first[slow[k][0]] for k in pairs]
    assert shrinkage == pytest.approx([rows.l2[k + 1] / rows.l2[k] for k in pairs])
    odd = rows.of(rows.run % 2 == 1)
    assert odd.remaining.tolist() == [row[3] for row in slow if row[0] % 2]


def outputs(theta):
    return [theta[0] * x + theta[1] * y + theta[2] for x in (-1, 1) for y in (-0.5, 0.5)]


@pytest.mark.parametrize("goal", ["minimum", "last"])
def test_pieces_make_the_rows_of_the_whole(goal):
    """The second piece has no run that converges."""
    starts = np.vstack([draw_starts("normal", 20, 3), np.full((20, 3), [0.0, 0.0, 0.5]), draw_starts("normal", 5, 4)])
    settings = {"rate": 0.1, "tolerance": 1e-3, "max_epochs": 90}
    whole = records(train(starts, **settings), goal=goal)
    pieces = records(train_pieces(starts, piece=20, **settings), goal=goal)
    assert not {*range(20, 40)} & {*whole.run.tolist()}
    assert {*range(40, 45)} & {*whole.run.tolist()}
    for name in ("run", "state", "goal", "remaining"):
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))
