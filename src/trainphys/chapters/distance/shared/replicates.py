"""Replicated reports of one configuration: all six figures, their spread, and the distance of the printed ones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.distance.shared.features import feature_table
from trainphys.chapters.distance.shared.forensics import SCORES_PRINTED
from trainphys.xor.configurations import TRACES, Configuration, traces
from trainphys.xor.run_records import Records, records

COLUMNS = ("states", "variance", "longest", "L2", "L1", "score", "mean remaining", "variance remaining")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures that a report prints about its runs.

    Attributes:
        states: mean number of logged states of a run.
        variance: population variance of that number.
        longest: largest number of epochs remaining at a data point.
        l2: mean L2 distance over the data points.
        l1: mean L1 distance over the data points.
    """

    states: float
    variance: float
    longest: int
    l2: float
    l1: float

    def scaled(self) -> Array:
        """The smooth figures on nearly normal scales: states, ln variance, ln L2, ln(L1/L2)."""
        return np.array([self.states, np.log(self.variance), np.log(self.l2), np.log(self.l1 / self.l2)])


REPORTED = Figures(states=34.45, variance=9.11, longest=38, l2=0.0705, l1=0.0885)
REPORTED_SCORE = SCORES_PRINTED["linear regression"]


@dataclass(frozen=True, slots=True)
class Replicates:
    """Figures of independent reports of one configuration.

    Attributes:
        values: one row a report, in the order of ``COLUMNS``.
        converged: share of all starts that converge.
    """

    values: Array
    converged: float

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


@dataclass(frozen=True, slots=True)
class Fit:
    """How far the printed figures are from a configuration's reports.

    Attributes:
        square: squared Mahalanobis distance in all six figures.
        score: square + ln det of the covariance; the smaller, the better.
        chance: share of the configuration's own reports that lie as far from the rest as the printed one.
        miss: each figure's distance in standard deviations of one report.
    """

    square: float
    score: float
    chance: float
    miss: Array


def fit_of(replicates: Replicates, figures: Figures = REPORTED, linear: float = REPORTED_SCORE) -> Fit:
    r"""Distance of the printed figures from replicated reports, on scales where the replicates are nearly normal.

    The scales: mean states as they are, the logarithm of their variance, the longest run as it is, $\ln L_2$,
    $\ln(L_1/L_2)$ and $\ln(1-R^2)$. ``linear`` is the score of the report's linear regression.
    """
    if len(replicates.values) < 30:
        raise ValueError(f"expected 30 or more replicates, got {len(replicates.values)}: six figures need a covariance")
    sample = _scaled(replicates.values)
    figure = [figures.states, figures.variance, figures.longest, figures.l2, figures.l1, linear]
    printed = _scaled(np.array([figure]))[0]
    n = len(sample)
    # Rounding of the printed digits; a figure that never varies keeps a spread of one rounding step.
    rounding = np.array([0.0, 0.01 / 9.11, 0.29 * 12**0.5, 1e-4 / 0.0705, 2e-3, 1e-4 / 0.0334]) ** 2 / 12
    covariance = np.cov(sample.T) + np.diag(rounding)
    centre, inverse = sample.mean(axis=0), np.linalg.inv(covariance)
    square = float((printed - centre) @ inverse @ (printed - centre)) / (1 + 1 / n)
    own = np.einsum("ri,ij,rj->r", sample - centre, inverse, sample - centre) * n / (n - 1)
    chance = (1 + int((own >= square).sum())) / (n + 1)
    miss = (printed - centre) / np.sqrt(np.diag(covariance))
    return Fit(square, square + float(np.linalg.slogdet(covariance)[1]), chance, miss)


def _scaled(values: Array) -> Array:
    states, variance, longest, l2, l1, score = values.T[:6]
    return np.stack([states, np.log(variance), longest, np.log(l2), np.log(l1 / l2), np.log(1 - score)], axis=1)
