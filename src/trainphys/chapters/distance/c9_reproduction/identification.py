"""What the printed figures identify: the whole search repeated on reports whose configuration is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from trainphys.arrays import Array, Integers
from trainphys.chapters.distance.c9_reproduction.reconstruction import REPORTED, Bank, Figures
from trainphys.chapters.distance.shared.forensics import SCORES_PRINTED
from trainphys.chapters.distance.shared.replicates import Replicates, replicate_reports
from trainphys.xor.configurations import Configuration

CHOICES = ("starts", "inputs", "method", "stop", "logging", "rate", "tolerance")
REPORTED_SCORE = SCORES_PRINTED["linear regression"]  # on all eighteen features
LEVEL = 0.05  # configurations that give figures as far off as the printed ones less often than this are excluded


def epoch_rate(configuration: Configuration) -> float:
    """Learning rate of a whole epoch in units of the inputs: updates a epoch times rate times c^2.

    >>> epoch_rate(Configuration("", "pytorch", rate=0.025, tolerance=1e-7, method="per-sample"))
    0.1
    """
    c = configuration
    return c.rate * c.inputs**2 * (4 if c.method == "per-sample" else 1)


def ranked(bank: Bank, figures: Figures = REPORTED) -> tuple[Integers, Array, Array]:
    """Positions in the bank from best to worst, with the squared distance and the score of every configuration."""
    square, score = (x[:, 0] for x in bank.mismatch(figures.scaled()[None], np.array([figures.longest])))
    return np.argsort(score), square, score


def best_of_each(bank: Bank, count: int) -> list[Configuration]:
    """The best configuration of each combination of starts, inputs, method and stop, best combinations first."""
    best: dict[str, Configuration] = {}
    for i in ranked(bank)[0]:
        best.setdefault(bank.configurations[i].name, bank.configurations[i])
    return list(best.values())[:count]


def not_excluded(bank: Bank, figures: Figures = REPORTED) -> list[Configuration]:
    """Configurations that the figures do not exclude at the level of five in a hundred: a confidence set.

    The true configuration, if it is in the bank, is in the set in 95 of 100 reports, however large the bank is. Half
    of the level goes to the four smooth figures, half to the longest run.
    """
    order, square, _ = ranked(bank, figures)
    inside = square <= stats.chi2.isf(LEVEL / 2, 4)
    longest = bank.cumulative**100
    below, above = longest[:, figures.longest], 1.0 - longest[:, figures.longest - 1]
    inside &= np.minimum(below, above) >= LEVEL / 4
    return [bank.configurations[i] for i in order if inside[i]]


@dataclass(frozen=True, slots=True)
class Fit:
    """How far the printed figures are from a configuration's reports."""

    square: float  # squared Mahalanobis distance in all six figures
    score: float  # square + ln det of the covariance; the smaller, the better
    chance: float  # share of the configuration's own reports that lie as far from the rest as the printed one
    miss: Array  # each figure's distance in standard deviations of one report


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


def finalists(
    candidates: Sequence[Configuration], reports: int, seed: int
) -> list[tuple[Configuration, Replicates, Fit]]:
    """Replicated reports of each candidate and their fit to all six printed figures, from best to worst score."""
    found = []
    for c in candidates:
        made = replicate_reports(c, reports, seed)
        found.append((c, made, fit_of(made)))
    return sorted(found, key=lambda item: item[2].score)


@dataclass(frozen=True, slots=True)
class Recovery:
    """The search repeated on reports of one known configuration."""

    square: Array  # squared distance of the search's winner, one value a report
    right: dict[str, float]  # share of reports in which the winner has the right value, by choice
    rates: Array  # rate of an epoch of each winner
    tolerances: Array  # tolerance of each winner
    fitted: float  # share of reports that the winner fits at the five-in-a-hundred level

    def chance(self, square: float) -> float:
        """Share of known reports whose winner is as far off as this: the search's own p-value."""
        return (1 + int((self.square >= square).sum())) / (len(self.square) + 1)


def recover(bank: Bank, truth: Configuration, reports: Replicates, without: str | None = None) -> Recovery:
    """Search the bank, perhaps without some kind of starts, for each of some reports whose configuration is known."""
    keep = np.flatnonzero([c.starts != without for c in bank.configurations])
    configurations = [bank.configurations[i] for i in keep]
    part = Bank(bank.searched, tuple(configurations), bank.mean[keep], bank.covariance[keep], bank.cumulative[keep])
    values = reports.values
    scaled = np.stack([Figures(v[0], v[1], int(v[2]), v[3], v[4]).scaled() for v in values])
    square, score = part.mismatch(scaled, values[:, 2].astype(int))
    winner = score.argmin(axis=0)
    best = square[winner, np.arange(len(values))]
    right = {
        choice: float(np.mean([getattr(configurations[i], choice) == getattr(truth, choice) for i in winner]))
        for choice in CHOICES
    }
    return Recovery(
        best,
        right,
        np.array([epoch_rate(configurations[i]) for i in winner]),
        np.array([configurations[i].tolerance for i in winner]),
        float(np.mean(best <= stats.chi2.isf(LEVEL, 4))),
    )
