"""Laws that link a distance to the epochs remaining: fitted on some runs, judged on others."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Integers
from trainphys.checks import at_least, finite, positive
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate
from trainphys.xor.run_records import Records

RESAMPLES = 200  # gives the bootstrap's standard error to 5 %


@dataclass(frozen=True, slots=True)
class Line:
    """epochs remaining = slope * x + intercept, where x is a distance or its logarithm."""

    slope: float
    intercept: float

    def __call__(self, x: ArrayLike) -> Array:
        return self.slope * np.asarray(x, dtype=float) + self.intercept


def fit_line(x: ArrayLike, remaining: ArrayLike) -> Line:
    """Least squares, the straight line that serves its own data best."""
    x, y = finite(x=x, remaining=remaining)
    positive(spread_of_x=np.ptp(x))
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    return Line(slope, float(y.mean() - slope * x.mean()))


def halves(rows: Records) -> tuple[Records, Records]:
    """Rows of the runs of even index, to fit on, and of odd index, to judge on: no run is on both sides."""
    odd = rows.run % 2 == 1
    return rows.of(~odd), rows.of(odd)


def first_below(rows: Records, distance: Array, threshold: float) -> Integers:
    """Index of the first row of each run whose distance is below the threshold; one row a run, so independent.

    Runs that end before they come so close are left out.
    """
    below = np.flatnonzero(distance < threshold)
    return below[np.unique(rows.run[below], return_index=True)[1]]


def explained(run: Integers, observed: ArrayLike, predicted: ArrayLike, *, seed: int) -> Estimate:
    r"""Share of variance explained, $R^2=1-\sum(y-\hat y)^2/\sum(y-\bar y)^2$, with its error over runs.

    ``run`` is the run of each row: runs are drawn again, rows are not. The prediction comes from a fit on other runs.

    >>> explained(np.array([0, 0, 1, 1]), [1.0, 2.0, 1.0, 2.0], [1.0, 2.0, 1.0, 2.0], seed=0).value
    1.0
    """
    y, miss = np.asarray(observed, dtype=float), np.asarray(observed, dtype=float) - np.asarray(predicted, dtype=float)

    def share(s: Array) -> Array:
        return np.asarray(1.0 - s[..., 0] / (s[..., 2] - s[..., 1] ** 2 / s[..., 3]))

    return _over_runs(run, np.stack([miss**2, y, y**2, np.ones_like(y)]), share, seed)


def error_ratio(run: Integers, observed: ArrayLike, first: ArrayLike, second: ArrayLike, *, seed: int) -> Estimate:
    """Root-mean-square error of one prediction over that of another, on the same rows, with its error over runs.

    >>> error_ratio(np.array([0, 1]), [0.0, 0.0], [2.0, 2.0], [1.0, 1.0], seed=0).value
    2.0
    """
    y = np.asarray(observed, dtype=float)
    squares = np.stack([(y - np.asarray(first)) ** 2, (y - np.asarray(second)) ** 2])
    return _over_runs(run, squares, lambda s: np.sqrt(s[..., 0] / s[..., 1]), seed)


def _over_runs(run: Integers, values: Array, statistic: Callable[[Array], Array], seed: int) -> Estimate:
    """A statistic of sums over rows, and its standard error when whole runs are drawn with replacement."""
    _, index = np.unique(run, return_inverse=True)
    runs = int(index.max()) + 1
    at_least(2, runs=runs)
    sums = np.stack([np.bincount(index, weights=v) for v in values], axis=1)  # runs, quantities
    rng = stream(seed, "bootstrap over runs")
    again = [rng.multinomial(runs, np.full(runs, 1.0 / runs)) @ sums for _ in range(RESAMPLES)]
    return Estimate(float(statistic(sums.sum(axis=0))), float(np.std(statistic(np.stack(again)), ddof=1)), runs)
