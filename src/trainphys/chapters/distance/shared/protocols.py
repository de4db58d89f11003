"""Three ways to score a regression: on the rows it was fitted to, on rows held out, on runs held out."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import GroupKFold, KFold

from trainphys.arrays import Array, Integers
from trainphys.checks import finite, positive

Split = tuple[Integers, Integers]
Predictor = Callable[[Array, Array, Array], Array]  # (table, target, table to predict) -> predictions

PROTOCOLS = ("own rows", "rows held out", "runs held out")


def variance_explained(observed: ArrayLike, predicted: ArrayLike) -> float:
    r"""Coefficient of determination, $R^2=1-\sum(y-\hat y)^2/\sum(y-\bar y)^2$.

    >>> variance_explained([1.0, 2.0, 3.0], [2.0, 2.0, 2.0])
    0.0
    """
    y, p = finite(observed=observed, predicted=predicted)
    if y.shape != p.shape:  # else they would be broadcast against each other
        raise ValueError(f"expected as many predictions as observations, got {p.shape} for {y.shape}: judge one fit")
    positive(spread_of_observations=np.ptp(y))
    return float(1.0 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def splits(run: Integers, protocol: str, count: int, seed: int) -> list[Split]:
    """Rows to fit on and rows to judge on, by a protocol.

    Args:
        run: index of the run of each row.
        protocol: of ``PROTOCOLS``; the first gives all rows twice.
        count: parts that the rows, or the runs, are dealt to, >= 2.
        seed: of the shuffle, >= 0.

    Raises:
        ValueError: an unknown protocol.

    >>> fit, judge = splits(np.repeat(np.arange(4), 3), "runs held out", 2, seed=0)[0]
    >>> len(fit), len(judge)
    (6, 6)
    """
    rows = np.arange(len(run))
    if protocol == "own rows":
        return [(rows, rows)]
    if protocol == "rows held out":
        return list(KFold(count, shuffle=True, random_state=seed).split(rows))
    if protocol == "runs held out":
        return list(GroupKFold(count, shuffle=True, random_state=seed).split(rows, groups=run))
    raise ValueError(f"expected a protocol of {PROTOCOLS}, got {protocol!r}")


def cross_validated(predictor: Predictor, table: Array, target: Array, parts: list[Split]) -> tuple[Array, Array]:
    """Observed and predicted targets of all judged rows, part after part.

    >>> mean = lambda fit, y, judge: np.full(len(judge), y.mean())
    >>> cross_validated(mean, np.zeros((2, 1)), np.array([1.0, 3.0]), [(np.array([0]), np.array([1]))])
    (array([3.]), array([1.]))
    """
    found = [predictor(table[fit], target[fit], table[judge]) for fit, judge in parts]
    return np.concatenate([target[judge] for _, judge in parts]), np.concatenate(found)
