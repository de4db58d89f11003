"""The table of scores, replicated: eleven models on many data sets, on own rows, held-out rows, held-out runs.

Three stages, each to be kept on disk for itself: what least squares solves, trees and the kernel, networks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor

from trainphys.arrays import Array
from trainphys.chapters.distance.c2_model_performance.fold_regressions import power_regressions
from trainphys.chapters.distance.c2_model_performance.regressors import kernel_blocks, kernel_mean
from trainphys.chapters.distance.c2_model_performance.relu_regressors import relu_networks
from trainphys.chapters.distance.shared.data_sets import Job, data_set, on_data_sets
from trainphys.chapters.distance.shared.protocols import (
    PROTOCOLS,
    cross_validated,
    splits,
    variance_explained,
)
from trainphys.ensemble.streams import stream
from trainphys.ensemble.sweep import sweep
from trainphys.xor.configurations import RECONSTRUCTED

Cell = tuple[str, str]  # model, protocol
Scores = dict[Cell, Array]  # one score a data set

FOLDS = 10  # as in the document's section 7.1
PARTS = 5  # models that take long are judged on the first of five parts
FOREST_TREES = 20  # a fifth of scikit-learn's default, to save time
HIDDEN = {"neural net, 3 layers": (64, 64), "neural net, 2 layers": (64,)}
NET_BATCH, NET_EPOCHS = 64, 40
WIDTH, RIDGE = 1.0 / 18.0, 0.01  # of the Gaussian kernel; one over the number of features is scikit-learn's default

# What least squares solves; the logarithm of the epochs is scored as such.
FAST = (
    "linear regression",
    "polynomial, degree 2",
    "polynomial, degree 3",
    "log-linear",
    "exponential",
    "linear kernel",
    "linear kernel, weighted mean",
)
# scikit-learn's defaults, but for the number of trees in the forest.
TREES: dict[str, Callable[[int], Any]] = {
    "gradient boosting": lambda state: GradientBoostingRegressor(random_state=state),
    "random forest": lambda state: RandomForestRegressor(FOREST_TREES, random_state=state),
}
ROWS = (*TREES, "RBF kernel", *HIDDEN, *FAST)


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Scores on the data sets of one configuration, by model and protocol."""

    configuration: str  # its name
    scores: Scores  # $R^2$ of every model that was fitted
    errors: Scores  # mean absolute errors of the two tree ensembles, in epochs
    deviations: Array  # mean absolute deviation of the epochs remaining from their mean, one a data set
    spreads: Array  # standard deviation of the epochs remaining, one a data set

    def error(self, row: str, protocol: str) -> Array:
        """Root mean square error in epochs, from the score and the spread of the target, one a data set."""
        scores = self.of(row, protocol)
        return np.asarray(np.sqrt(1.0 - scores) * self.spreads[: len(scores)])

    def of(self, row: str, protocol: str) -> Array:
        """Scores of one model under one protocol, one a data set that it was fitted to; none when it was not."""
        if row not in ROWS or protocol not in PROTOCOLS:
            raise ValueError(f"expected a model of {ROWS} and a protocol of {PROTOCOLS}, got {row!r}, {protocol!r}")
        return self.scores.get((row, protocol), np.empty(0))


def score_tables(
    fast: Sequence[tuple[Scores, Array, Array]], slow: Sequence[tuple[Scores, Scores]], nets: Sequence[Scores]
) -> list[ScoreTable]:
    """The table of each reconstructed configuration, from the results of the three stages below."""
    return [
        ScoreTable(c.name, {**scores, **trees, **networks}, errors, deviations, spreads)
        for c, (scores, deviations, spreads), (trees, errors), networks in zip(
            RECONSTRUCTED, fast, slow, nets, strict=True
        )
    ]


def least_squares_scores(seed: int, sets: int, configuration: int) -> tuple[Scores, Array, Array]:
    """Scores of the models in ``FAST``, and mean absolute and standard deviation of each data set's target."""
    done = on_data_sets(_fast_models, sets=sets, seed=seed, stage="least squares", configuration=configuration)
    return _columns([one[0] for one in done]), np.array([one[1] for one in done]), np.array([one[2] for one in done])


def _fast_models(job: Job, rng: np.random.Generator) -> tuple[dict[Cell, float], float, float]:
    configuration, index, seed = job
    table, target, run = data_set(configuration, index, seed)
    scores = {}
    for protocol in PROTOCOLS:
        parts = splits(run, protocol, FOLDS, index)
        observed, mean = cross_validated(kernel_mean, table, target, parts)
        found = {**power_regressions(table, target, parts), "linear kernel, weighted mean": mean}
        for name in FAST:
            y = np.log(observed) if name == "log-linear" else observed
            scores[name, protocol] = variance_explained(y, found[name])
    return scores, float(np.abs(target - target.mean()).mean()), float(target.std())


def tree_and_kernel_scores(seed: int, sets: int, configuration: int, first_stream: int) -> tuple[Scores, Scores]:
    """Scores of the tree ensembles and of the Gaussian kernel, and mean absolute errors of the trees.

    The trees of data set i take their random numbers from stream ``first_stream`` + i.
    """
    jobs = [((configuration, i, seed), first_stream + i) for i in range(sets)]
    done = sweep(_slow_models, jobs, seed=seed, stage="trees and kernel", progress=False)
    return _columns([scores for scores, _ in done]), _columns([errors for _, errors in done])


def _slow_models(job: tuple[Job, int], rng: np.random.Generator) -> tuple[dict[Cell, float], dict[Cell, float]]:
    (configuration, index, seed), number = job
    table, target, run = data_set(configuration, index, seed)
    state = int(stream(seed, "table of scores", number).integers(2**31))
    first = {protocol: splits(run, protocol, PARTS, index)[0] for protocol in PROTOCOLS}
    scores, errors = {}, {}
    for protocol, part in first.items():
        for name, ensemble in TREES.items():
            if name == "gradient boosting" and protocol == "rows held out":
                continue  # boosting takes longest, and the forest shows what held-out rows do to trees
            y, found = cross_validated(partial(_fitted, ensemble(state)), table, target, [part])
            scores[name, protocol] = variance_explained(y, found)
            errors[name, protocol] = float(np.abs(y - found).mean())
    found = kernel_blocks(table, target, list(first.values()), width=WIDTH, ridge=RIDGE)
    ends = np.cumsum([len(judge) for _, judge in first.values()])[:-1]
    for (protocol, (_, judge)), predicted in zip(first.items(), np.split(found, ends), strict=True):
        scores["RBF kernel", protocol] = variance_explained(target[judge], predicted)
    return scores, errors


def _fitted(ensemble: Any, fit: Array, target: Array, judge: Array) -> Array:
    return np.asarray(ensemble.fit(fit, target).predict(judge))


def network_scores(seed: int, sets: Sequence[int]) -> list[Scores]:
    """Scores of the networks, for each configuration on so many of its data sets; all of a kind train side by side."""
    chosen = [(c, i) for c, count in enumerate(sets) for i in range(count)]
    cells = [(row, protocol) for row in HIDDEN for protocol in PROTOCOLS]
    jobs = [(row, protocol, seed, chosen) for row, protocol in cells]
    done = sweep(_networks, jobs, seed=seed, stage="networks", progress=False)
    found = [dict(zip(cells, scores, strict=True)) for scores in zip(*done, strict=True)]  # one of each data set
    return [_columns([f for f, (which, _) in zip(found, chosen, strict=True) if which == c]) for c in range(len(sets))]


def _networks(job: tuple[str, str, int, list[tuple[int, int]]], rng: np.random.Generator) -> list[float]:
    """Scores of one kind of network under one protocol, one a data set."""
    row, protocol, seed, chosen = job
    problems, observed = [], []
    for configuration, index in chosen:
        table, target, run = data_set(configuration, index, seed)
        fit, judge = splits(run, protocol, PARTS, index)[0]
        problems.append((table[fit], target[fit], table[judge]))
        observed.append(target[judge])
    state = int(rng.integers(2**31))
    found = relu_networks(problems, hidden=HIDDEN[row], batch=NET_BATCH, epochs=NET_EPOCHS, seed=state)
    return [variance_explained(y, z) for y, z in zip(observed, found, strict=True)]


def _columns(found: Sequence[dict[Cell, float]]) -> Scores:
    """Values of each data set, as one array a cell."""
    return {cell: np.array([f[cell] for f in found]) for cell in (found[0] if found else ())}
