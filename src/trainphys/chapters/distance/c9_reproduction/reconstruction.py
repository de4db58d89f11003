r"""A bank of configurations with the figures that each would print, and how far these are from the printed ones.

Five figures follow from the runs alone: states a run, the variance of that number, the longest time to go, and the mean
L2 and L1 distances. A report is one draw of a hundred runs, so a configuration predicts a distribution of figures; the
figures are compared with it on the scales on which it is nearly normal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numba as nb
import numpy as np

from trainphys.arrays import Array, Booleans, Integers
from trainphys.checks import at_least
from trainphys.ensemble.sweep import sweep
from trainphys.xor.configurations import LOGGED, TRACES, Configuration
from trainphys.xor.starts import DRAWS, draw_starts
from trainphys.xor.trajectories import train

MAX_EPOCHS = 100
WINDOW = 2.5  # states a run: configurations further off than this, eight standard errors, are not scored
RATES = (
    *(0.005, 0.01, 0.0125, 0.015, 0.02, 0.025, 0.03, 0.035, 0.04, 0.045, 0.05, 0.06, 0.07, 0.075, 0.08, 0.09),
    *(0.1, 0.11, 0.12, 0.125, 0.13, 0.14, 0.15, 0.18, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 1.0),
)
TOLERANCES = tuple(digit * 10.0**-power for power in range(2, 13) for digit in (5, 2, 1))
INPUTS = (1.0, 0.5)
METHODS = ("full-batch", "per-sample")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures that a report prints about its runs."""

    states: float  # mean number of logged states of a run
    variance: float  # population variance of that number
    longest: int  # largest number of epochs remaining at a data point
    l2: float  # mean L2 distance over the data points
    l1: float  # mean L1 distance over the data points

    def scaled(self) -> Array:
        """The smooth figures on nearly normal scales: states, ln variance, ln L2, ln(L1/L2)."""
        return np.array([self.states, np.log(self.variance), np.log(self.l2), np.log(self.l1 / self.l2)])


REPORTED = Figures(states=34.45, variance=9.11, longest=38, l2=0.0705, l1=0.0885)


# Standard deviation of a number that was rounded at random: width / sqrt(12). The total of states is exact.
ROUNDING = np.diag([0.0, (0.01 / 9.11) ** 2, (1e-4 / 0.0705) ** 2, (1e-4 / 0.0705) ** 2 + (1e-4 / 0.0885) ** 2]) / 12


@dataclass(frozen=True, slots=True)
class Bank:
    """What each scored configuration predicts for a report of a hundred runs."""

    searched: int  # configurations that were tried, scored or not
    configurations: tuple[Configuration, ...]  # those near enough to be scored
    mean: Array  # scaled figures, shape (configurations, 4)
    covariance: Array  # of one report, shape (configurations, 4, 4)
    cumulative: Array  # share of runs whose longest time to go is at most 0, 1, 2, ..., shape (configurations, epochs)

    def mismatch(self, figures: Array, longest: Integers) -> tuple[Array, Array]:
        r"""Squared Mahalanobis distance of reports from each configuration, and the score that ranks them.

        The score is $D^2+\ln\det C-2\ln P(\text{longest})$, minus twice a log likelihood: a proper scoring rule, so a
        configuration gains nothing by predicting a wider spread than it has. Scaled figures are of shape (reports, 4),
        both results of (configurations, reports).

        Source: Dawid and Sebastiani (1999), Annals of Statistics 27, 65-81.
        """
        # C = A A': distances are lengths of A^-1 (figures - mean).
        whiten = np.linalg.inv(np.linalg.cholesky(self.covariance))
        centre = np.einsum("cij,cj->ci", whiten, self.mean)
        square = np.zeros((len(self.mean), len(figures)))
        for i in range(4):
            square += (whiten[:, i] @ figures.T - centre[:, i, None]) ** 2
        reached = self.cumulative**TRACES
        chance = reached[:, longest] - reached[:, longest - 1]
        spread = -2.0 * np.log(np.diagonal(whiten, axis1=1, axis2=2)).sum(axis=1)[:, None]
        return square, square + spread - 2 * np.log(np.maximum(chance, 1e-12))


def reconstruction_space() -> list[Configuration]:
    """Every combination of starts, inputs, method and stopping rule; rate, tolerance and logging are filled in later.

    A run that starts with zero bias on even inputs has no trap, so the two stopping rules differ by the tolerance alone
    and only one is searched.
    """
    return [
        Configuration(f"{kind}, inputs {c:g}, {method}, {stop}", kind, np.nan, np.nan, c, method, stop=stop)  # type: ignore[arg-type]
        for kind, c, method, stop in product(DRAWS, INPUTS, METHODS, ("loss", "change"))
        if stop == "loss" or not (kind.endswith("zero bias") or kind in ("xavier", "xavier normal", "kaiming"))
    ]


def search_configurations(seed: int, runs: int = 1000, kinds: tuple[str, ...] | None = None) -> Bank:
    """Predict a report's figures for the whole space: starts, inputs, method, stop, rate, tolerance and logging.

    Each combination of starts and rate gets so many runs; tolerances and loggings share them. A report has a hundred.
    """
    at_least(TRACES, runs=runs)
    space = [c for c in reconstruction_space() if kinds is None or c.starts in kinds]
    jobs = [(c, runs) for c in space]
    pieces = sweep(_predictions, jobs, seed=seed, stage="reconstruction", progress=False)
    found = [piece for piece in pieces if piece[0]]
    return Bank(
        len(space) * len(RATES) * len(TOLERANCES) * len(LOGGED),
        tuple(c for piece in found for c in piece[0]),
        *(np.concatenate([piece[i] for piece in found]) for i in (1, 2, 3)),
    )


def _predictions(job: tuple[Configuration, int], rng: np.random.Generator) -> tuple[Any, ...]:
    """Configurations for every rate, tolerance and logging that comes near; means, covariances, cumulative lengths.

    The last three are arrays, one row a configuration: to keep thousands of small ones took as long as to make them.
    """
    base, runs = job
    seed = int(rng.integers(2**31))
    start, found = draw_starts(base.starts, runs, seed), []
    buffer, few = np.empty((MAX_EPOCHS + 2, 3, runs)), np.empty((MAX_EPOCHS + 2, 3, TRACES))
    for rate in RATES:
        # A hundred runs are enough to drop the rates that no tolerance brings near the reported length.
        if not _near(_all_stops(base, rate, start[:TRACES], seed, few), WINDOW + 2.0).any():
            continue
        stops = _all_stops(base, rate, start, seed, buffer)
        for i in np.flatnonzero(_near(stops, WINDOW)):
            stop, tolerance = stops[i], TOLERANCES[i]
            done = np.flatnonzero((stop >= 0) & (stop <= MAX_EPOCHS))
            for logging, (first, delay) in LOGGED.items():
                kept = done[stop[done] + delay > first]
                if len(kept) < TRACES:
                    continue
                l1, l2 = _distance_sums(buffer, kept, first, stop[kept] + delay)
                one = replace(base, rate=rate, tolerance=tolerance, logging=logging)
                found.append((one, *_report_distribution((stop[kept] + delay - first).astype(float), l1, l2)))
    configurations, *figures = zip(*found, strict=True) if found else ((), (), (), ())
    return configurations, *(np.array(x) for x in figures)


def _all_stops(base: Configuration, rate: float, start: Array, seed: int, buffer: Array) -> Integers:
    """Train into the buffer without stopping, and find where each tolerance would have stopped each run."""
    never = float(np.finfo(float).tiny)
    settings: dict[str, Any] = {"scales": base.scales, "method": base.method, "seed": seed, "out": buffer}
    train(start, rate=rate, tolerance=never, max_epochs=MAX_EPOCHS + 1, **settings)
    return np.asarray(_stops(buffer, base.inputs, np.array(TOLERANCES), base.stop == "change"))


def _near(stops: Integers, window: float) -> Booleans:
    """For each tolerance, whether the runs that stop have about the reported number of states."""
    done = (stops >= 0) & (stops <= MAX_EPOCHS)
    count = done.sum(axis=1)
    mean = np.where(done, stops, 0).sum(axis=1) / np.maximum(count, 1)
    return np.asarray((8 * count >= stops.shape[1]) & (np.abs(mean + 0.5 - REPORTED.states) <= window))


def _report_distribution(epochs: Array, l1: Array, l2: Array) -> tuple[Array, Array, Array]:
    """Mean and covariance of the scaled figures of a report, by the delta method, and the shares of run lengths."""
    n, m, v = len(epochs), epochs.mean(), max(epochs.var(), 1e-6)
    mean_l1, mean_l2 = l1.sum() / epochs.sum(), l2.sum() / epochs.sum()
    # How much one run moves each figure of a large report.
    d1, d2 = (l1 - mean_l1 * epochs) / (m * mean_l1), (l2 - mean_l2 * epochs) / (m * mean_l2)
    influence = np.stack([epochs - m, (epochs - m) ** 2 / v - 1.0, d2, d1 - d2])
    # The mean over n runs has an error of its own.
    influence -= influence.mean(axis=1, keepdims=True)
    covariance = influence @ influence.T * (1.0 / (n - 1)) * (1.0 / TRACES + 1.0 / n) + ROUNDING + 1e-9 * np.eye(4)
    cumulative = np.bincount(epochs.astype(int), minlength=MAX_EPOCHS + 2)[: MAX_EPOCHS + 2].cumsum() / n
    return np.array([m + 1.0, np.log(v), np.log(mean_l2), np.log(mean_l1 / mean_l2)]), covariance, cumulative


@nb.njit(error_model="numpy")
def _stops(states: Any, c: float, tolerances: Any, change: bool) -> Any:
    """First state of each run whose loss (or change of loss) is below each of the falling tolerances; -1 for none."""
    epochs, _, runs = states.shape
    out, reached, before = np.full((len(tolerances), runs), -1), np.zeros(runs, np.int64), np.full(runs, np.inf)
    for n in range(epochs):  # runs lie side by side in memory: the inner loop goes over them
        for run in range(runs):
            u, v, b = c * states[n, 0, run], c * states[n, 1, run], states[n, 2, run]
            r0, r1, r2, r3 = abs(b - u - v), abs(b - u + v) - 1.0, abs(b + u - v) - 1.0, abs(b + u + v)
            loss = 0.25 * (r0 * r0 + r1 * r1 + r2 * r2 + r3 * r3)
            criterion = abs(loss - before[run]) if change else loss
            before[run] = loss
            while reached[run] < len(tolerances) and criterion < tolerances[reached[run]]:
                out[reached[run], run] = n
                reached[run] += 1
    return out


@nb.njit(error_model="numpy")
def _distance_sums(states: Any, runs: Any, first: int, final: Any) -> Any:
    """Sums of the L1 and L2 distances to the final state over the states before it, for some of the runs."""
    l1, l2, goal = np.zeros(len(runs)), np.zeros(len(runs)), np.empty((3, len(runs)))
    for i in range(len(runs)):
        for p in range(3):
            goal[p, i] = states[final[i], p, runs[i]]
    for n in range(first, final.max()):
        for i in range(len(runs)):
            if n < final[i]:
                x = abs(states[n, 0, runs[i]] - goal[0, i])
                y = abs(states[n, 1, runs[i]] - goal[1, i])
                z = abs(states[n, 2, runs[i]] - goal[2, i])
                l1[i] += x + y + z
                l2[i] += np.sqrt(x * x + y * y + z * z)
    return l1, l2
