"""Runs as a table of states: how far each one was from its goal, and how many epochs it still took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainphys.arrays import Array, Booleans, Integers
from trainphys.systems.input_scales import Scales
from trainphys.xor.landscape import solution
from trainphys.xor.trajectories import Runs

Goal = Literal["minimum", "last"]


@dataclass(frozen=True, slots=True)
class Records:
    """One row a state, the last state of a run left out; rows of one run follow each other."""

    run: Integers  # index of the run, shape (rows,); never split the rows of one run between fit and test
    state: Array  # parameters (w1, w2, b), shape (3, rows)
    goal: Array  # what the distance is taken to, shape (3, rows)
    remaining: Integers  # epochs until the run ended, >= 1, shape (rows,)

    @property
    def error(self) -> Array:
        return self.state - self.goal

    @property
    def l1(self) -> Array:
        return np.asarray(np.abs(self.error).sum(axis=0))

    @property
    def l2(self) -> Array:
        return np.asarray(np.sqrt((self.error**2).sum(axis=0)))

    def shrinkage(self) -> tuple[Integers, Array]:
        """Epoch and L2 distance after it over that before it, for each pair of rows that follow each other in a run."""
        same = self.run[1:] == self.run[:-1]
        first = np.flatnonzero(np.append(True, ~same))
        start = np.repeat(first, np.diff(np.append(first, len(self.run))))
        epoch = np.arange(len(self.run)) - start
        return epoch[:-1][same], self.l2[1:][same] / self.l2[:-1][same]

    def of(self, keep: Booleans | Integers) -> Records:
        """Some of the rows, by a mask or by their positions."""
        return Records(self.run[keep], self.state[:, keep], self.goal[:, keep], self.remaining[keep])


def records(runs: Runs | Iterable[Runs], *, goal: Goal = "minimum", scales: Scales = (1.0, 1.0)) -> Records:
    """States of the runs that converged, with the goal that their distance is measured to.

    The goal is ``minimum``, the exact minimum that the run goes to, or ``last``, the run's own last parameters. Pieces
    of an ensemble, as ``trajectories.train_pieces`` yields them, make the rows of the whole.

    >>> from trainphys.xor.trajectories import train
    >>> runs = train([[0.9, -0.3, 0.2]], rate=0.25, tolerance=1e-3, max_epochs=50)
    >>> records(runs).remaining.tolist()
    [4, 3, 2, 1]
    """
    if goal not in ("minimum", "last"):
        raise ValueError(f"expected goal 'minimum' or 'last', got {goal!r}")
    rows, first = [], 0
    for piece in [runs] if isinstance(runs, Runs) else runs:
        rows.append(_rows(piece, goal, scales))
        rows[-1].run[:] += first
        first += len(piece.epochs)
    found = rows[0] if len(rows) == 1 else _joined(rows)
    if not len(found.run):
        raise ValueError("expected a run that converged, got none: raise max_epochs or the tolerance")
    return found


def _rows(runs: Runs, goal: Goal, scales: Scales) -> Records:
    kept = np.flatnonzero(runs.converged & (runs.epochs > 0))
    length = runs.epochs[kept]
    run = np.repeat(kept, length)
    epoch = np.arange(len(run)) - np.repeat(np.cumsum(length) - length, length)
    last = runs.last[:, run]
    target = solution(last, scales) if goal == "minimum" else last
    return Records(run, runs.states[epoch, :, run].T, target, runs.epochs[run] - epoch)


def _joined(parts: list[Records]) -> Records:
    """Rows one after the other."""
    run, state, goal, remaining = zip(*((p.run, p.state, p.goal, p.remaining) for p in parts), strict=True)
    return Records(np.concatenate(run), np.hstack(state), np.hstack(goal), np.concatenate(remaining))
