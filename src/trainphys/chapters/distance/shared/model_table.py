"""The table of scores, replicated: eleven models on many data sets, on own rows, held-out rows, held-out runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor

from trainphys.arrays import Array, Integers
from trainphys.chapters.distance.shared.features import feature_table
from trainphys.chapters.distance.shared.protocols import PROTOCOLS, Split, cross_validated, splits, variance_explained
from trainphys.chapters.distance.shared.regressors import exponential, kernel_blocks, least_squares, powers
from trainphys.chapters.distance.shared.relu_regressors import relu_networks
from trainphys.ensemble.sweep import sweep
from trainphys.xor.configurations import RECONSTRUCTED, report_rows

if TYPE_CHECKING:
    from trainphys.ensemble.cluster import Cluster


Job = tuple[int, int, int]  # configuration, index, seed


Result = TypeVar("Result")


FOLDS = 5  # models that take long are judged on the first of the five parts


FOREST_TREES = 20  # a fifth of scikit-learn's default, to save time


HIDDEN = {"neural net, 3 layers": (64, 64), "neural net, 2 layers": (64,)}


NET_BATCH, NET_EPOCHS = 64, 40


WIDTH, RIDGE = 1.0 / 18.0, 0.01  # of the Gaussian kernel; one over the number of features is scikit-learn's default


SEEDS_APART = 1000  # data set i of seed s is report i of root seed s * SEEDS_APART


# Models that least squares solves: what is regressed, and on which scale it is scored.
FAST: dict[str, Callable[[Array, Array, Array], Array]] = {
    "linear regression": least_squares,
    "polynomial, degree 2": partial(powers, 2),
    "polynomial, degree 3": partial(powers, 3),
    "log-linear": least_squares,  # of the logarithm of the epochs, scored as such
    "exponential": exponential,
}


TREES = ("gradient boosting", "random forest")


ROWS = (*TREES, "RBF kernel", *HIDDEN, *FAST, "linear kernel")


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Scores of every model on every data set.

    Attributes:
        configuration: name of the configuration.
        scores: $R^2$, shape (rows of the table, protocols, data sets); nan where a model was not fitted.
        errors: mean absolute errors of the two tree ensembles in epochs, shape (2, protocols, data sets).
        targets: mean, variance and mean absolute deviation of the epochs remaining, shape (3, data sets).
    """

    configuration: str
    scores: Array
    errors: Array
    targets: Array

    def of(self, row: str, protocol: str) -> Array:
        """Scores of one model under one protocol, one a data set."""
        return np.asarray(self.scores[ROWS.index(row), PROTOCOLS.index(protocol)])


def data_set(configuration: int, index: int, seed: int) -> tuple[Array, Array, Integers]:
    """Features, epochs remaining and run of each row of one replicated report.

    >>> data_set(1, 0, seed=0)[0].shape[1]
    18
    """
    rows = report_rows(RECONSTRUCTED[configuration], SEEDS_APART * seed + index)
    return feature_table(rows), rows.remaining.astype(float), rows.run


def score_tables(
    seed: int, sets: int = 20, slow_sets: tuple[int, ...] = (20, 4, 4), cluster: Cluster | None = None
) -> list[ScoreTable]:
    """The table of scores for each reconstructed configuration.

    Args:
        seed: root seed of data, folds and models, >= 0.
        sets: data sets of each configuration.
        slow_sets: how many of them the slow models get, for each configuration; 0 for none.
        cluster: where the sweeps run; see ``trainphys.ensemble.sweep``.

    Raises:
        ValueError: more slow sets than sets.
    """
    if max(slow_sets) > sets or len(slow_sets) != len(RECONSTRUCTED):
        raise ValueError(f"expected {len(RECONSTRUCTED)} numbers up to {sets} as slow_sets, got {slow_sets}")
    jobs = [(c, i, seed, i < slow_sets[c]) for c in range(len(RECONSTRUCTED)) for i in range(sets)]
    slow_first = sorted(range(len(jobs)), key=lambda j: not jobs[j][3])
    done = sweep(_one_set, jobs, seed=seed, stage="table of scores", order=slow_first, cluster=cluster, progress=False)
    chosen = [(c, i) for c in range(len(RECONSTRUCTED)) for i in range(slow_sets[c])]
    nets = [(h, protocol, seed, chosen) for h in HIDDEN for protocol in PROTOCOLS if chosen]
    net_scores = sweep(_networks, nets, seed=seed, stage="networks", cluster=cluster, progress=False)
    tables = []
    for c, configuration in enumerate(RECONSTRUCTED):
        mine = done[c * sets : (c + 1) * sets]
        scores = np.stack([d[0] for d in mine], axis=-1)
        for (row, protocol, _, _), found in zip(nets, net_scores, strict=True):
            own = [score for (which, _), score in zip(chosen, found, strict=True) if which == c]
            scores[ROWS.index(row), PROTOCOLS.index(protocol), : len(own)] = own
        tables.append(
            ScoreTable(
                configuration.name,
                scores,
                np.stack([d[1] for d in mine], axis=-1),
                np.stack([d[2] for d in mine], axis=-1),
            )
        )
    return tables


def _one_set(job: tuple[int, int, int, bool], rng: np.random.Generator) -> tuple[Array, Array, Array]:
    configuration, index, seed, slow = job
    table, target, run = data_set(configuration, index, seed)
    scores, errors = np.full((len(ROWS), len(PROTOCOLS)), np.nan), np.full((len(TREES), len(PROTOCOLS)), np.nan)
    for p, protocol in enumerate(PROTOCOLS):
        parts = splits(run, protocol, FOLDS, index)
        for name, model in FAST.items():
            y = np.log(target) if name == "log-linear" else target
            scores[ROWS.index(name), p] = variance_explained(*cross_validated(model, table, y, parts))
    if slow:
        first = [splits(run, protocol, FOLDS, index)[0] for protocol in PROTOCOLS]
        scores[: len(TREES)], errors = _tree_scores(table, target, first, int(rng.integers(2**31)))
        found = kernel_blocks(table, target, first, width=WIDTH, ridge=RIDGE)
        ends = np.cumsum([0] + [len(judge) for _, judge in first])
        for p, (_, judge) in enumerate(first):
            scores[ROWS.index("RBF kernel"), p] = variance_explained(target[judge], found[ends[p] : ends[p + 1]])
    spread = np.array([target.mean(), target.var(), np.abs(target - target.mean()).mean()])
    return scores, errors, spread


def _tree_scores(table: Array, target: Array, first: list[Split], state: int) -> tuple[Array, Array]:
    """Scores and mean absolute errors of both ensembles on the first part of each protocol, (2, protocols) each."""
    scores, errors = np.full((2, len(TREES), len(PROTOCOLS)), np.nan)
    for p, part in enumerate(first):
        for t, name in enumerate(TREES):
            if name == TREES[0] and PROTOCOLS[p] == PROTOCOLS[1]:
                continue  # boosting takes longest, and the forest shows what held-out rows do to trees
            y, found = cross_validated(partial(_trees, name, state), table, target, [part])
            scores[t, p], errors[t, p] = variance_explained(y, found), np.abs(y - found).mean()
    return scores, errors


def _trees(name: str, state: int, fit: Array, target: Array, judge: Array) -> Array:
    model = (
        GradientBoostingRegressor(random_state=state)
        if name == TREES[0]
        else RandomForestRegressor(FOREST_TREES, random_state=state)
    )
    return np.asarray(model.fit(fit, target).predict(judge))


def _networks(job: tuple[str, str, int, list[tuple[int, int]]], rng: np.random.Generator) -> list[float]:
    """Scores of one kind of network under one protocol, one a data set; all of them train side by side."""
    row, protocol, seed, chosen = job
    problems, observed = [], []
    for configuration, index in chosen:
        table, target, run = data_set(configuration, index, seed)
        fit, judge = splits(run, protocol, FOLDS, index)[0]
        problems.append((table[fit], target[fit], table[judge]))
        observed.append(target[judge])
    state = int(rng.integers(2**31))
    found = relu_networks(problems, hidden=HIDDEN[row], batch=NET_BATCH, epochs=NET_EPOCHS, seed=state)
    return [variance_explained(y, z) for y, z in zip(observed, found, strict=True)]


def on_data_sets(
    task: Callable[[Job, np.random.Generator], Result],
    *,
    sets: int,
    seed: int,
    stage: str,
    configuration: int = 0,
    fewest: int = 2,
    cluster: Cluster | None = None,
) -> list[Result]:
    """A task for each of some data sets of the table, given as the arguments of ``data_set``.

    Args:
        task: importable function of (configuration, index, seed) and a generator.
        sets: data sets, at least ``fewest``.
        seed: root seed; data sets are those of the table of scores.
        stage: name of the sweep.
        configuration: position in ``RECONSTRUCTED``.
        fewest: data sets that the result needs; two have a spread.
        cluster: where the sweep runs; see ``trainphys.ensemble.sweep``.

    Raises:
        ValueError: too few data sets.
    """
    if sets < fewest:
        raise ValueError(f"expected {fewest} or more data sets, got {sets}: one has no spread")
    jobs = [(configuration, i, seed) for i in range(sets)]
    return sweep(task, jobs, seed=seed, stage=stage, cluster=cluster, progress=False)
