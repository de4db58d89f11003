"""Successive halving among recorded runs: scikit-learn's search, and the plain rule that it is checked against."""

from __future__ import annotations

import math
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV

from trainphys.arrays import Array
from trainphys.checks import at_least, finite


class RecordedRun(BaseEstimator):
    """A run that was trained before, as an estimator: its resource is the looks that it was trained for.

    Args:
        curves: losses of all rivals, shape (looks, rivals).
        rival: which of them this one is.
        looks: trained for.
    """

    def __init__(self, curves: Array | None = None, rival: int = 0, looks: int = 1) -> None:
        self.curves, self.rival, self.looks = curves, rival, looks

    def fit(self, X: Array, y: Array | None = None) -> Self:  # scikit-learn's names
        """Nothing to do: the run has been recorded."""
        self.fitted_ = True
        return self

    def score(self, X: Array, y: Array | None = None) -> float:
        """Minus the loss at the last look trained for."""
        assert self.curves is not None
        return -float(self.curves[self.looks, self.rival])


def halving_search(curves: Array, first: int) -> tuple[int, int]:
    """``HalvingGridSearchCV`` over the rivals, looks as its resource, half of the rivals dropped at every rung.

    Args:
        curves: losses of the rivals, finite, shape (looks, rivals), a power of two of them; look 0 is the start.
        first: look of the first cut, >= 1, after so many looks of training; the next cuts come at twice, four times,
            ... that look.

    Returns:
        Index of the survivor, and looks of training spent on those that were dropped.

    Raises:
        ValueError: a number of rivals that is not a power of two, or curves that are too short or not finite.

    >>> halving_search(np.array([[1.0, 2.0], [0.9, 0.5], [0.8, 0.4]]), 1)
    (1, 1)
    """
    rungs = _rungs(curves, first)
    nothing = np.zeros((2, 1))
    search = HalvingGridSearchCV(
        RecordedRun(curves), {"rival": list(range(curves.shape[1]))}, resource="looks", factor=2, refit=False,
        min_resources=first, max_resources=min(first * 2**rungs, len(curves) - 1), cv=[(np.array([0]), np.array([1]))],
    ).fit(nothing, nothing[:, 0])  # fmt: skip
    spent = np.zeros(curves.shape[1], dtype=int)
    found = search.cv_results_
    np.maximum.at(spent, np.asarray(found["param_rival"], dtype=int), found["n_resources"])
    winner = int(search.best_params_["rival"])
    return winner, int(spent.sum() - spent[winner])


def successive_halving(curves: Array, first: int) -> tuple[int, int]:
    """The plain rule: train all rivals, drop the worse half by loss, give the rest twice as long, until one is left.

    Args:
        curves: losses of the rivals, finite, shape (looks, rivals), a power of two of them; look 0 is the start.
        first: look of the first cut, >= 1, after so many looks of training; the next cuts come at twice, four times,
            ... that look.

    Returns:
        Index of the survivor, and looks of training spent on those that were dropped.

    Raises:
        ValueError: a number of rivals that is not a power of two, or curves that are too short or not finite.

    Source: Jamieson and Talwalkar (2016), algorithm 1, with the budget growing from rung to rung.

    >>> successive_halving(np.array([[1.0, 2.0], [0.9, 0.5]]), 1)
    (1, 1)
    """
    _rungs(curves, first)
    alive, wasted, cut = np.arange(curves.shape[1]), 0, first
    while len(alive) > 1:
        order = alive[np.argsort(curves[cut, alive], kind="stable")]
        alive, dropped = order[: len(order) // 2], order[len(order) // 2 :]
        wasted += cut * len(dropped)
        cut *= 2
    return int(alive[0]), wasted


def _rungs(curves: Array, first: int) -> int:
    if curves.ndim != 2 or not curves.shape[1]:
        raise ValueError(f"expected losses of shape (looks, rivals), got {curves.shape}: one column a rival")
    finite(curves=curves)
    at_least(1, first=first)
    looks, rivals = curves.shape
    rungs = int(math.log2(rivals))
    if 2**rungs != rivals or first * 2 ** max(rungs - 1, 0) >= looks:
        raise ValueError(
            f"expected a power of two of rivals and longer curves, got shape {curves.shape}, first {first}"
        )
    return rungs
