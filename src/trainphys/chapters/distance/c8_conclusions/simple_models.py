"""Simple and elaborate models of the time to go, fitted on one report of a hundred runs and judged on another."""

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from trainphys.arrays import Array, Integers
from trainphys.chapters.distance.shared.features import feature_table
from trainphys.estimate import Estimate
from trainphys.xor.configurations import Configuration, report_rows
from trainphys.xor.landscape import solution, solvable


def own_minimum(state: Array) -> Array:
    r"""Minimum of the cone that a state is in, for inputs $\pm1$: a solution, or the trap $(0,0,\pm\tfrac12)$.

    >>> own_minimum(np.array([[0.9, 0.1], [-0.1, 0.1], [0.2, -0.7]])).T.tolist()
    [[0.5, -0.5, 0.0], [0.0, 0.0, -0.5]]
    """
    trap = np.zeros_like(state)
    trap[2] = np.copysign(0.5, state[2])
    return np.where(solvable(state), solution(state), trap)


def own_distance(state: Array) -> Array:
    """Euclidean distance to ``own_minimum``."""
    return np.asarray(np.linalg.norm(state - own_minimum(state), axis=0))


def mean_squares(configuration: Configuration, *, reports: int, seed: int) -> dict[str, Array]:
    """Mean squared error of models of the epochs remaining, in epochs squared, on runs that they have not seen.

    One number for each pair of reports, the first to fit on, the second to judge on, by model: ``boosted trees`` and
    ``quadratic`` on the eighteen features, ``linear`` regression on the same, a ``line`` in the distance to the run's
    last state; and, without knowing that state, ``trees, no end`` on the three parameters and ``logarithm``, two
    numbers on the distance to the minimum of the state's own cone. ``variance`` of the epochs remaining is that of a
    constant.
    """
    found: dict[str, list[float]] = {}
    for pair in range(reports):
        fitted, judged = (report_rows(configuration, 2 * (1000 * seed + pair) + side) for side in (0, 1))
        every = feature_table(fitted), feature_table(judged)
        near = _log_distance(fitted.state), _log_distance(judged.state)
        squared = make_pipeline(StandardScaler(), PolynomialFeatures(2), LinearRegression())
        tasks: dict[str, tuple[RegressorMixin, tuple[Array, Array]]] = {
            "boosted trees": (HistGradientBoostingRegressor(), every),
            "quadratic": (squared, every),
            "linear": (LinearRegression(), every),
            "line": (LinearRegression(), (every[0][:, 1:2], every[1][:, 1:2])),
            "trees, no end": (HistGradientBoostingRegressor(), (fitted.state.T, judged.state.T)),
            "logarithm": (LinearRegression(), near),
        }
        for name, (model, (x, x_judged)) in tasks.items():
            miss = model.fit(x, fitted.remaining).predict(x_judged) - judged.remaining
            found.setdefault(name, []).append(float(np.mean(miss**2)))
        found.setdefault("variance", []).append(float(judged.remaining.var()))
    return {name: np.array(values) for name, values in found.items()}


def share_missed(predicted: Integers, remaining: Integers) -> Estimate:
    """Share of states whose epochs remaining a prediction does not name.

    >>> share_missed(np.array([3, 2, 1, 1]), np.array([3, 2, 1, 0])).value
    0.25
    """
    return Estimate.from_count(int((predicted != remaining).sum()), len(remaining))


def _log_distance(state: Array) -> Array:
    """A column: one feature."""
    return np.asarray(np.log(own_distance(state))[:, None])
