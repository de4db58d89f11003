"""What each feature tells: alone, left out by group, and without a look at the end of the run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

from trainphys.arrays import Array
from trainphys.chapters.distance.shared.data_sets import SEEDS_APART, Job, data_set, on_data_sets
from trainphys.chapters.distance.shared.features import GROUPS, NAMES, columns_of, feature_table
from trainphys.chapters.distance.shared.protocols import Predictor, cross_validated, splits, variance_explained
from trainphys.chapters.distance.shared.regressors import least_squares
from trainphys.xor.configurations import RECONSTRUCTED, report_rows
from trainphys.xor.landscape import gradient, loss
from trainphys.xor.run_records import Records

MODELS = ("straight line", "regression tree")
NOW = ("state", "loss", "gradient", "loss and gradient", "logarithms of both", "all of these")
FOLDS = 3
FOREST_TREES = 10  # importances are means over trees: ten give the first digit


def regression_tree(fit: Array, target: Array, judge: Array) -> Array:
    """A tree with leaves of at least two rows: any function of its features, step by step."""
    model = DecisionTreeRegressor(min_samples_leaf=2, random_state=0)
    return np.asarray(model.fit(fit, target).predict(judge))


@dataclass(frozen=True, slots=True)
class FeatureScores:
    """Scores of one model on runs held out, one a data set on the last axis."""

    alone: Array  # each feature alone, shape (features, sets)
    without: Array  # all features but one group, in the order of ``GROUPS``, shape (groups, sets)
    full: Array  # all eighteen, shape (sets,)
    now: Array  # what is known without the end of the run, in the order of ``NOW``, shape (sets of features, sets)
    importance: Array  # share of a forest's splitting gain by feature, shape (features, sets); no forest beside a line


def feature_scores(seed: int, sets: int = 8, configuration: int = 0, model: str = MODELS[1]) -> FeatureScores:
    """Scores of single features, of tables without one group, and of quantities that are known now."""
    task = _with_forest if model == MODELS[1] else _of_line
    done = on_data_sets(task, sets=sets, seed=seed, stage=f"feature scores: {model}", configuration=configuration)
    return FeatureScores(*(np.stack([d[j] for d in done], axis=-1) for j in range(5)))


def known_now(rows: Records, inputs: float) -> dict[str, Array]:
    """Tables of what can be known at a state without knowing the end of its run, by the names in ``NOW``.

    >>> rows = Records(np.zeros(1, int), np.array([[1.0], [-1.0], [0.25]]), np.zeros((3, 1)), np.ones(1, int))
    >>> known_now(rows, 1.0)["gradient"].round(6).tolist()
    [[1.5]]
    """
    scales = (inputs, inputs)
    height = loss(rows.state, scales)
    slope = np.linalg.norm(gradient(rows.state, scales), axis=0)
    both = np.column_stack([height, slope])
    return {
        "state": rows.state.T,
        "loss": height[:, None],
        "gradient": slope[:, None],
        "loss and gradient": both,
        "logarithms of both": np.log(both),
        "all of these": np.hstack([rows.state.T, both, np.log(both)]),
    }


def _of_line(job: Job, rng: np.random.Generator) -> tuple[Array, ...]:
    return (*_scores(job, least_squares), np.zeros(0))


def _with_forest(job: Job, rng: np.random.Generator) -> tuple[Array, ...]:
    table, target, _ = data_set(*job)
    forest = RandomForestRegressor(FOREST_TREES, random_state=int(rng.integers(2**31))).fit(table, target)
    return (*_scores(job, regression_tree), np.asarray(forest.feature_importances_))


def _scores(job: Job, model: Predictor) -> tuple[Array, ...]:
    """Scores of a model from each feature alone, without each group, from all, and from what is known now."""
    configuration, index, seed = job
    rows = report_rows(RECONSTRUCTED[configuration], SEEDS_APART * seed + index)
    table, target = feature_table(rows), rows.remaining.astype(float)
    parts = splits(rows.run, "runs held out", FOLDS, index)

    def score(x: Array) -> float:
        return variance_explained(*cross_validated(model, x, target, parts))

    alone = np.array([score(table[:, [j]]) for j in range(len(NAMES))])
    without = np.array([score(np.delete(table, columns_of(group), axis=1)) for group in GROUPS])
    now = np.array([score(x) for x in known_now(rows, RECONSTRUCTED[configuration].inputs).values()])
    return alone, without, np.array(score(table)), now
