"""What reports of a hundred runs each would print."""

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.checks import at_least
from trainphys.estimate import Estimate
from trainphys.xor.run_records import Records


@dataclass(frozen=True, slots=True)
class Reports:
    """Figures of independent reports, one value a report, each of shape (reports,)."""

    length: Array  # mean number of recorded states of a run, its last one included
    variance: Array  # variance of that number between the runs of the report, divided by their number
    longest: Array  # largest number of epochs remaining at any state
    l1: Array  # mean L1 distance over all states, last ones left out
    l2: Array  # mean L2 distance over the same states

    @property
    def ratio(self) -> Array:
        """Quotient of the two mean distances."""
        return self.l1 / self.l2


def reports(rows: Records, runs_each: int = 100) -> Reports:
    """Cut an ensemble into reports of equally many runs, and print the figures of each; what is over is left out."""
    at_least(2, runs_each=runs_each)
    _, index = np.unique(rows.run, return_inverse=True)
    count = (int(index[-1]) + 1) // runs_each
    at_least(2, reports=count)

    def grouped(values: Array | None) -> Array:
        return np.bincount(index, weights=values)[: count * runs_each].reshape(count, runs_each).astype(float)

    epochs = grouped(None)  # a run has one row an epoch
    total = epochs.sum(axis=1)
    return Reports(
        length=epochs.mean(axis=1) + 1.0,
        variance=epochs.var(axis=1),
        longest=epochs.max(axis=1),
        l1=grouped(rows.l1).sum(axis=1) / total,
        l2=grouped(rows.l2).sum(axis=1) / total,
    )


def one_report(values: Array) -> Estimate:
    """Mean over reports, with the spread of a single report as its error: what a reported figure is to be held against.

    >>> one_report(np.array([1.0, 2.0, 3.0])).stderr
    1.0
    """
    return Estimate(float(values.mean()), float(values.std(ddof=1)), len(values), len(values) - 1)
