"""Replicated reports of one configuration: all six printed figures, and two more that the report could have had."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.distance.shared.features import feature_table
from trainphys.xor.configurations import TRACES, Configuration, traces
from trainphys.xor.run_records import Records, records

COLUMNS = ("states", "variance", "longest", "L2", "L1", "score", "mean remaining", "variance remaining")


@dataclass(frozen=True, slots=True)
class Replicates:
    """Figures of independent reports of one configuration."""

    values: Array  # one row a report, in the order of ``COLUMNS``
    converged: float  # share of all starts that converge

    def column(self, name: str) -> Array:
        return np.asarray(self.values[:, COLUMNS.index(name)])


def linear_score(rows: Records) -> float:
    r"""Share of variance $R^2$ that least squares on the eighteen features explains on its own data.

    Columns that do not vary are left out and collinear ones share their weight, so the rank does not matter.

    >>> from trainphys.xor.configurations import Configuration, report_rows
    >>> 0.9 < linear_score(report_rows(Configuration("plain", "pytorch", rate=0.1, tolerance=1e-7), seed=0)) < 1
    True
    """
    table = feature_table(rows)
    table = table - table.mean(axis=0)
    spread = table.std(axis=0)
    moving = spread > 1e-6  # with zero bias some columns vary by rounding alone
    target = rows.remaining - rows.remaining.mean()
    u, s, _ = np.linalg.svd(table[:, moving] / spread[moving], full_matrices=False)
    u = u[:, s > 1e-8 * s[0]]
    return float(((u.T @ target) ** 2).sum() / (target**2).sum())


def replicate_reports(configuration: Configuration, count: int, seed: int) -> Replicates:
    """Print the figures of many reports of a configuration, of a hundred converged runs each."""
    share = float(traces(configuration, 1000, seed).converged.mean())
    if share < 0.1:
        raise ValueError(f"expected a tenth of the starts to converge, got {share:.0%} for {configuration.name}")
    runs = traces(configuration, int(count * TRACES / share * 1.1) + 300, seed + 1)
    rows = records(runs, scales=configuration.scales, goal="last")
    index = np.unique(rows.run, return_inverse=True)[1]
    epochs = np.bincount(index)[: count * TRACES]
    if len(epochs) < count * TRACES:
        raise ValueError(f"expected {count * TRACES} converged runs, got {len(epochs)}: ask for fewer reports")
    ends = np.append(0, epochs.cumsum()[TRACES - 1 :: TRACES])
    values: list[list[float]] = []
    for start, end in pairwise(ends.tolist()):
        part = rows.of(np.arange(start, end))
        length = epochs[len(values) * TRACES : (len(values) + 1) * TRACES]
        left = part.remaining
        runs_figures = [length.mean() + 1, length.var(), length.max(), part.l2.mean(), part.l1.mean()]
        values.append([*runs_figures, linear_score(part), left.mean(), left.var()])
    return Replicates(np.array(values), float(runs.converged.mean()))
