"""Bootstrap over rows against bootstrap over runs: which one says how much a score varies between reports."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor

from trainphys.arrays import Array, Integers
from trainphys.chapters.distance.shared.data_sets import Job, data_set, on_data_sets
from trainphys.chapters.distance.shared.protocols import cross_validated, splits, variance_explained
from trainphys.chapters.distance.shared.regressors import least_squares
from trainphys.estimate import Estimate

RESAMPLES = 50  # as in the report's section 7.3
BOOSTED_RESAMPLES = 10  # a refit takes twenty times as long, and the mean is over thousands of predictions


@dataclass(frozen=True, slots=True)
class BootstrapSpread:
    """How much the score of refits of the linear model varies, one entry a data set."""

    over_rows: Array  # standard deviation of the score when rows are drawn again, shape (sets,)
    over_runs: Array  # the same when whole runs are drawn again


def drawn_again(run: Integers, whole_runs: bool, rng: np.random.Generator) -> Integers:
    """Positions of as many rows, or of the rows of as many runs, drawn with replacement."""
    if not whole_runs:
        return rng.integers(len(run), size=len(run))
    members = [np.flatnonzero(run == r) for r in np.unique(run)]
    return np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])


def bootstrap_spread(seed: int, sets: int = 10, configuration: int = 0) -> BootstrapSpread:
    """Fifty refits on each of some data sets, rows and runs drawn again."""
    done = on_data_sets(_one_set, sets=sets, seed=seed, stage="bootstrap", configuration=configuration)
    return BootstrapSpread(*np.array(done).T)


def _one_set(job: Job, rng: np.random.Generator) -> tuple[float, float]:
    table, target, run = data_set(*job)

    def refitted(whole_runs: bool) -> float:
        pick = drawn_again(run, whole_runs, rng)
        x, y = table[pick], target[pick]
        return variance_explained(y, least_squares(x, y, x))

    over_rows, over_runs = ([refitted(kind) for _ in range(RESAMPLES)] for kind in (False, True))
    return float(np.std(over_rows, ddof=1)), float(np.std(over_runs, ddof=1))


def tree_spread(seed: int, sets: int = 8, configuration: int = 0) -> Array:
    """Root mean square spread of a tree's predictions, in epochs: rows drawn again, and runs, shape (2, sets)."""
    return np.array(on_data_sets(_trees, sets=sets, seed=seed, stage="trees", configuration=configuration)).T


def _trees(job: Job, rng: np.random.Generator) -> tuple[float, float]:
    table, target, run = data_set(*job)

    def refitted(whole_runs: bool) -> Array:
        pick = drawn_again(run, whole_runs, rng)
        return np.asarray(DecisionTreeRegressor(random_state=0).fit(table[pick], target[pick]).predict(table))

    over_rows, over_runs = ([refitted(kind) for _ in range(RESAMPLES)] for kind in (False, True))
    return _spread(over_rows), _spread(over_runs)


def _spread(predictions: list[Array]) -> float:
    return float(np.sqrt(np.mean(np.var(predictions, axis=0, ddof=1))))


def boosted_spread(seed: int, sets: int = 3, configuration: int = 0) -> Array:
    """Root mean square spread of the predictions of boosted trees, in epochs, rows drawn again; one a data set."""
    return np.array(on_data_sets(_boosted, sets=sets, seed=seed, stage="boosted", configuration=configuration))


def _boosted(job: Job, rng: np.random.Generator) -> float:
    table, target, run = data_set(*job)
    picks = [drawn_again(run, False, rng) for _ in range(BOOSTED_RESAMPLES)]
    refits = [HistGradientBoostingRegressor().fit(table[pick], target[pick]).predict(table) for pick in picks]
    return _spread(refits)


@dataclass(frozen=True, slots=True)
class Folds:
    """Cross-validated error of linear regression over its error on own rows, and how much the folds differ."""

    excess: Array  # squared error on held-out rows over that on own rows, shape (sets,)
    spread: Array  # standard deviation of the folds' mean squared errors over what independent rows would give, (sets,)
    scores: Array  # $R^2$ over all held-out rows, shape (sets,)


def fold_errors(seed: int, protocol: str, sets: int = 20, count: int = 10, configuration: int = 0) -> Folds:
    """Tenfold cross-validation of linear regression on all features, on many data sets, by a protocol of ``splits``."""
    found = []
    for index in range(sets):
        table, target, run = data_set(configuration, index, seed)
        own = (target - least_squares(table, target, table)) ** 2
        parts = splits(run, protocol, count, index)
        y, p = cross_validated(least_squares, table, target, parts)
        ends = np.cumsum([0] + [len(judge) for _, judge in parts])
        held_out = (y - p) ** 2
        means = [held_out[a:b].mean() for a, b in pairwise(ends.tolist())]
        independent = own.std() / np.sqrt(len(target) / count)
        score = 1.0 - held_out.mean() / target.var()
        found.append((held_out.mean() / own.mean(), np.std(means, ddof=1) / independent, score))
    return Folds(*np.array(found).T)


def own_scores(seed: int, sets: int, configuration: int = 0) -> Array:
    """Scores of linear regression on own rows, one for each of many independent reports."""
    found = []
    for index in range(sets):
        table, target, _ = data_set(configuration, index, seed)
        found.append(variance_explained(target, least_squares(table, target, table)))
    return np.array(found)


def geometric_mean(ratios: Array) -> Estimate:
    """Geometric mean of positive ratios, with its standard error from the spread of their logarithms.

    >>> round(geometric_mean(np.array([1.0, 4.0])).value, 12)
    2.0
    """
    logs = Estimate.from_samples(np.log(ratios))
    value = float(np.exp(logs.value))
    return Estimate(value, value * logs.stderr, logs.n, logs.dof)


def median(values: Array) -> Estimate:
    r"""Median, with the standard error that a normal sample of the same interquartile range has, $1.2533\,s/\sqrt n$.

    >>> median(np.array([1.0, 2.0, 9.0])).value
    2.0
    """
    spread = np.subtract(*np.quantile(values, (0.75, 0.25))) / 1.349
    return Estimate(np.median(values), 1.2533 * spread / np.sqrt(len(values)), len(values), len(values) - 1)
