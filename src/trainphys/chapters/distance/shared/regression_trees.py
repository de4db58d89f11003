"""Regression trees, forests and boosting: scikit-learn's own, grown from columns that are sorted once.

scikit-learn sorts the columns anew in every node of every tree. Here each is sorted once a table, whatever is grown on
it, and a split only deals the sorted rows out. Which column wins a tie is drawn as there, so the trees are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.distance.shared.tree_kernels import grow, value_of_rows

UNLIMITED = 2**30


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes of one tree, the root first, and what its columns gain."""

    nodes: tuple[Any, ...]  # feature, -1 in a leaf; threshold; left and right child; mean of the targets
    gain: Array  # sum of squares that splits at each column take away, shape (columns,)

    def __call__(self, table: Array) -> Array:
        """Prediction for each row of a table."""
        return self.of_columns(_columns(table))

    def of_columns(self, columns: Any) -> Array:
        return np.asarray(value_of_rows(columns, *self.nodes))


class Grower:
    """A table whose columns are sorted, for as many trees as are wanted."""

    def __init__(self, table: Array) -> None:
        self.columns = _columns(table)
        self.order = np.argsort(self.columns, axis=1, kind="stable")

    def tree(
        self, target: Array, state: np.random.RandomState, *, weight: Array | None = None,
        depth: int = UNLIMITED, leaf: int = 1,
    ) -> Tree:  # fmt: skip
        """As ``DecisionTreeRegressor``, with leaves of at least so many rows; rows without weight are left out."""
        if len(target) != self.columns.shape[1]:
            raise ValueError(f"expected {self.columns.shape[1]} targets, one a row of the table, got {len(target)}")
        order, seed = self.order, np.uint32(state.randint(0, 2**31 - 1))
        if weight is not None:
            order = order[weight[order] > 0].reshape(len(order), -1)
        width, rows = order.shape
        most = min(2 * rows, 2 ** min(depth + 1, 40))
        nodes = (np.full(most, -1), np.zeros(most), np.zeros(most, int), np.zeros(most, int), np.zeros(most))
        room = (
            np.arange(width),
            np.zeros(width, int),
            np.zeros(len(target), bool),
            np.zeros((most, 5), int),
            np.zeros(most),
        )
        gain, heft = np.zeros(width), np.ones(len(target)) if weight is None else weight
        count = grow(
            self.columns, order.copy(), np.sort(order[0]), target, heft, depth, leaf, seed, *room, *nodes, gain
        )
        return Tree(tuple(x[:count] for x in nodes), gain)


def one_tree(fit: Array, target: Array, judge: Array, *, leaf: int = 1, seed: int = 0) -> Array:
    """Predictions of ``DecisionTreeRegressor``.

    >>> one_tree(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), np.array([[1.4], [9.0]])).tolist()
    [3.0, 5.0]
    """
    return Grower(fit).tree(target, np.random.RandomState(seed), leaf=leaf)(judge)


def forest(fit: Array, target: Array, judge: Array, *, trees: int, seed: int) -> Array:
    """Predictions of ``RandomForestRegressor``: the mean of trees that are each grown on rows drawn again."""
    columns, total = _columns(judge), np.zeros(len(judge))
    for tree in _forest_trees(fit, target, trees, seed):
        total += tree.of_columns(columns)
    return total / trees


def forest_importance(fit: Array, target: Array, *, trees: int, seed: int) -> Array:
    """Share of each column in the splitting gain of a forest, ``feature_importances_``; shape (columns,)."""
    shares = np.mean([t.gain / t.gain.sum() for t in _forest_trees(fit, target, trees, seed) if len(t.nodes[0]) > 1], 0)
    return np.asarray(shares / shares.sum())


def _forest_trees(fit: Array, target: Array, trees: int, seed: int) -> Iterator[Tree]:
    grower, rows = Grower(fit), len(target)
    for own in np.random.RandomState(seed).randint(np.iinfo(np.int32).max, size=trees):
        drawn = np.random.RandomState(own).randint(0, rows, rows, dtype=np.int32)
        weight = np.bincount(drawn, minlength=rows).astype(float)
        yield grower.tree(target, np.random.RandomState(own), weight=weight)


def boosted(
    fit: Array, target: Array, judge: Array, *, seed: int, trees: int = 100, depth: int = 3, rate: float = 0.1
) -> Array:
    """Predictions of ``GradientBoostingRegressor``: small trees, each grown on what those before it left."""
    grower, columns, state = Grower(fit), _columns(judge), np.random.RandomState(seed)
    own, found = (np.full(len(x), target.mean()) for x in (fit, judge))
    for _ in range(trees):
        tree = grower.tree(target - own, state, depth=depth)
        own += rate * tree.of_columns(grower.columns)
        found += rate * tree.of_columns(columns)
    return found


def _columns(table: Array) -> Any:
    """One row a column, in the single precision of scikit-learn's trees."""
    return np.ascontiguousarray(np.asarray(table, np.float32).T)
