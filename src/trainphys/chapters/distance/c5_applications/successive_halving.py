"""Successive halving among recorded runs, as scikit-learn's search does it."""

import math
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV

from trainphys.arrays import Array
from trainphys.checks import finite


class RecordedRun(BaseEstimator):
    """One of the rivals, trained before, as an estimator: its resource is the looks that it was trained for."""

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

    Losses have shape (looks, rivals), a power of two of them; look 0 is the start. The first cut comes after ``first``
    looks of training, the next at twice, four times, ... that look. Gives the index of the survivor, and the looks of
    training spent on those that were dropped.

    >>> halving_search(np.array([[1.0, 2.0], [0.9, 0.5], [0.8, 0.4]]), 1)
    (1, 1)
    """
    finite(curves=curves)
    looks, rivals = curves.shape
    rungs = int(math.log2(rivals))
    if 2**rungs != rivals or first * 2 ** max(rungs - 1, 0) >= looks:
        raise ValueError(
            f"expected a power of two of rivals and longer curves, got shape {curves.shape}, first {first}"
        )
    nothing = np.zeros((2, 1))
    search = HalvingGridSearchCV(
        RecordedRun(curves), {"rival": list(range(rivals))}, resource="looks", factor=2, refit=False,
        min_resources=first, max_resources=min(first * 2**rungs, looks - 1), cv=[(np.array([0]), np.array([1]))],
    ).fit(nothing, nothing[:, 0])  # fmt: skip
    spent = np.zeros(rivals, dtype=int)
    found = search.cv_results_
    np.maximum.at(spent, np.asarray(found["param_rival"], dtype=int), found["n_resources"])
    winner = int(search.best_params_["rival"])
    return winner, int(spent.sum() - spent[winner])
