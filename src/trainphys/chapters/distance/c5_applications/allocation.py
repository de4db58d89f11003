"""Forecasts put to use: from the initial state, to continue or restart, and for compute among competing starts."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
from scipy import special, stats
from sklearn.linear_model import LinearRegression

from trainphys.arrays import Array, Booleans, Integers
from trainphys.chapters.distance.shared.features import feature_table
from trainphys.chapters.distance.shared.line_fits import RESAMPLES, explained, fit_line, halves
from trainphys.checks import finite
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate
from trainphys.xor.configurations import Configuration, traces
from trainphys.xor.landscape import loss, solution, solvable
from trainphys.xor.run_records import records
from trainphys.xor.trajectories import Runs


def plain_runs(configuration: Configuration, runs: int, seed: int) -> tuple[Runs, Booleans]:
    """Runs from their first state on, and which of them reach a solution (a trapped one may count as done)."""
    c = dataclasses.replace(configuration, logging="every state")
    found = traces(c, runs, seed)
    return found, found.converged & solvable(found.last, c.scales)


@dataclasses.dataclass(frozen=True, slots=True)
class StartForecasts:
    """Forecasts of epochs from first states, for runs held out of the fit."""

    share_of_all: Estimate  # of the variance, explained by the fit to every state of the other runs
    share_of_first: Estimate  # explained by the fit to their first states alone
    loss: Array  # at the start, shape (runs,)
    epochs: Integers  # taken, shape (runs,)
    forecast: Array  # of the fit to every state, shape (runs,)


def forecast_from_start(configuration: Configuration, runs: int, seed: int) -> StartForecasts:
    """Share of the variance of the epochs of a run that a forecast from its first state explains, on held-out runs.

    The linear regression on the document's eighteen features, final parameters included, fitted to every state of half
    of the runs, and fitted to their first states alone; judged on the first states of the other half.
    """
    found, solved = plain_runs(configuration, runs, seed)
    rows = records(Runs(found.states[:, :, solved], found.epochs[solved], found.converged[solved]), goal="last")
    fit, judge = halves(rows)
    judge = judge.of(np.append(True, np.diff(judge.run) != 0))
    first = fit.of(np.append(True, np.diff(fit.run) != 0))
    table = feature_table(judge)
    by_all, by_first = (
        LinearRegression().fit(feature_table(part), part.remaining).predict(table) for part in (fit, first)
    )
    of_all, of_first = (explained(judge.run, judge.remaining, forecast, seed=seed) for forecast in (by_all, by_first))
    return StartForecasts(of_all, of_first, loss(judge.state, configuration.scales), judge.remaining, by_all)


def forecast_of_network(features: Array, times: Array, seed: int) -> Estimate:
    """The same for the times (runs,) of networks, from features (features, runs) of their starts."""
    even = np.arange(len(times)) % 2 == 0
    model = LinearRegression().fit(features[:, even].T, times[even])
    return explained(np.flatnonzero(~even), times[~even], model.predict(features[:, ~even].T), seed=seed)


@dataclasses.dataclass(frozen=True, slots=True)
class Decisions:
    """Continue or restart, decided at one epoch."""

    by_line: Estimate  # share of right decisions by the straight line in the distance to the nearest solution
    # share of right decisions by the rule that continues when the loss is below that of the traps, 1/4
    by_loss: Estimate
    mean_start: float  # mean distance of the starts that a fresh run is forecast from: those that are solved


def decisions(configuration: Configuration, runs: int, seed: int, *, epoch: int = 20) -> Decisions:
    r"""Stop runs at an epoch; continue when the forecast time to go is not above that of a fresh start.

    The line forecasts from the distance $d$, so it continues a run when $d\le\bar d$, the mean of fresh starts. Half
    of the runs fit the line and the fresh start's time; decisions are for the others.
    """
    if configuration.inputs != 1.0 or not 1 <= epoch <= configuration.max_epochs:
        raise ValueError(
            f"expected inputs of one and an epoch from 1 up to {configuration.max_epochs}, got {configuration.inputs} "
            f"and {epoch}: decide while runs go"
        )
    found, solved = plain_runs(configuration, runs, seed)
    fitted = np.arange(runs) % 2 == 0
    good = fitted & solved
    rows = records(Runs(found.states[:, :, good], found.epochs[good], found.converged[good]))
    line = fit_line(rows.l2, rows.remaining)
    going = ~fitted & (~solved | (found.epochs > epoch))
    if not going.any():
        raise ValueError(f"expected a run that still goes at epoch {epoch}, got none: decide earlier")
    state, start = found.states[epoch][:, going], found.states[0][:, good]
    distance, fresh = (np.linalg.norm(s - solution(s), axis=0) for s in (state, start))
    worth = solved[going] & (found.epochs[going] - epoch <= found.epochs[good].mean())
    by_line = (line(distance) <= line(fresh).mean()) == worth
    by_loss = (loss(state) < 0.25) == worth
    mean = float(fresh.mean())
    counts = (Estimate.from_count(int(right.sum()), len(right)) for right in (by_line, by_loss))
    return Decisions(next(counts), next(counts), mean)


def captured(score: Array, times: Array, seed: int, *, rivals: int = 8) -> Estimate:
    r"""Share of the possible saving that a score secures when one of several rivals is to be trained.

    $$ \frac{\bar T-T_{\text{chosen}}}{\bar T-T_{\text{best}}} $$

    with means over all groups of that many rivals; the rival of lowest score is chosen, by lot among equals. For a
    score of correlation $\rho$ with the time, jointly normal, it equals $\rho$ for any number of rivals. The error is
    that of a bootstrap over runs; when every resample gives the same, that of a count of zero.

    >>> captured(np.arange(16.0), np.arange(16.0), seed=0).value
    1.0
    """
    n = _checked(score, times, rivals)
    weight = _leading(n, rivals)
    value, error = _resampled(lambda index: _secured(weight, score[index], times[index]), n, seed)
    return Estimate(value, max(error, Estimate.from_count(0, n // rivals).stderr), n)


def pairs_in_order(score: Array, times: Array, seed: int) -> Estimate:
    r"""Share of all pairs that a score puts in the order of their times, $(1+\tau)/2$ with Kendall's tau.

    Ties count as a half. The error is that of a bootstrap over runs.

    >>> pairs_in_order(np.arange(20.0), np.arange(20.0), seed=0).value
    1.0
    """
    n = _checked(score, times, 2)
    if not np.ptp(score) > 0:
        raise ValueError("expected scores that differ, got one for all: it orders no pair")
    value, error = _resampled(lambda index: 0.5 + 0.5 * stats.kendalltau(score[index], times[index]).statistic, n, seed)
    return Estimate(value, error, n)


def _checked(score: Array, times: Array, rivals: int) -> int:
    """Number of runs."""
    n = len(times)
    if np.shape(score) != (n,) or n < 2 * rivals:
        raise ValueError(
            f"expected scores and times for two groups of {rivals}, got {np.shape(score)} and {n}: more runs"
        )
    finite(score=score, times=times)
    if not np.ptp(times) > 0:
        raise ValueError(f"expected times that differ, got {times[0]} for all: there is nothing to save")
    return n


def _leading(n: int, rivals: int) -> Array:
    """Chance that the run of each rank is the best of a group drawn without replacement, shape (n,)."""
    rank = np.arange(n)
    ways = special.gammaln(n - rank) - special.gammaln(np.maximum(n - rank - rivals + 1, 1))
    weight = np.where(rank <= n - rivals, np.exp(ways - ways.max()), 0.0)
    return np.asarray(weight / weight.sum())


def _secured(weight: Array, score: Array, times: Array) -> float:
    _, group = np.unique(score, return_inverse=True)
    by_score = np.bincount(np.sort(group), weights=weight) / np.bincount(group)  # equals share what their ranks have
    saved, most = times.mean() - by_score[group] @ times, times.mean() - weight @ np.sort(times)
    return float(saved / most) if np.ptp(times) > 0 else math.nan  # a resample may be of one time


def _resampled(share: Callable[[Integers], float], n: int, seed: int) -> tuple[float, float]:
    """A function of the runs, and its standard deviation over resamples of them."""
    rng = stream(seed, "captured")
    again = [share(rng.integers(n, size=n)) for _ in range(RESAMPLES)]
    return share(np.arange(n)), float(np.nanstd(again, ddof=1))
