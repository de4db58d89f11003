"""Reconstruction: logging against a slow twin, the bank against replicated reports, and loops that are equal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trainphys.chapters.distance.c9_reproduction.identification import (
    best_of_each,
    epoch_rate,
    finalists,
    not_excluded,
    ranked,
    recover,
)
from trainphys.chapters.distance.c9_reproduction.pytorch_loop import pytorch_run
from trainphys.chapters.distance.shared.features import feature_table
from trainphys.chapters.distance.shared.reconstruction import REPORTED, Bank, search_configurations
from trainphys.chapters.distance.shared.replicates import REPORTED_SCORE, fit_of, linear_score, replicate_reports
from trainphys.xor.configurations import LOGGED, RECONSTRUCTED, Configuration, report_rows, traces
from trainphys.xor.equivalences import change_tolerance, delayed_tolerance, equivalent_rate, rate_from_spread
from trainphys.xor.landscape import loss, solution
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train

KINDS = ("uniform, zero bias", "half normal, zero bias")


@pytest.fixture(scope="module")
def bank() -> Bank:
    return search_configurations(seed=3, runs=400, kinds=KINDS)


@pytest.fixture(scope="module")
def made():
    return replicate_reports(RECONSTRUCTED[1], 200, seed=4)


@pytest.mark.parametrize("logging", list(LOGGED))
@pytest.mark.parametrize("stop", ["loss", "change"])
def test_a_configuration_logs_what_its_loop_would(logging, stop):
    """The twin is the loop itself, written out with its own test and its own log."""
    c = Configuration("", "pytorch", 0.15, 1e-5, logging=logging, stop=stop)
    runs = traces(c, 40, seed=2)
    for j, start in enumerate(draw_starts("pytorch", 40, seed=2)):
        states = train([start], rate=0.15, tolerance=1e-300, max_epochs=101).states[:, :, 0]
        log, before = [], np.inf
        for n in range(100):
            if logging in ("every state", "before steps"):
                log.append(states[n])
            height = float(loss(states[n]))
            met = (abs(before - height) if stop == "change" else height) < c.tolerance
            before = height
            if logging == "before steps" and met:  # the loop met the tolerance one update ago, and had logged no more
                log.pop()
                break
            if logging == "after steps":
                if n > 0:
                    log.append(states[n])
            elif logging == "one step more":
                log.append(states[n + 1])
            if met:
                break
        if not met:
            assert not runs.converged[j]
            continue
        assert runs.epochs[j] == len(log) - 1
        np.testing.assert_array_equal(runs.states[: len(log), :, j], log)
        np.testing.assert_array_equal(runs.last[:, j], log[-1])


def test_a_report_has_a_hundred_runs_and_ends_at_one():
    for c in RECONSTRUCTED:
        rows = report_rows(c, seed=9)
        assert rows.run.max() == 99
        assert rows.remaining.min() == 1
        assert len(np.unique(rows.run)) == 100
        np.testing.assert_array_equal(rows.remaining[np.append(np.diff(rows.run) > 0, True)], 1)


def test_usual_pytorch_loop_counts_what_the_kernel_counts():
    c = RECONSTRUCTED[1]
    runs = traces(c, 20, seed=7)
    for j, start in enumerate(draw_starts(c.starts, 20, seed=7)):
        logged = pytorch_run(start, rate=c.rate, tolerance=c.tolerance)
        assert abs(len(logged) - 1 - runs.epochs[j]) <= 1  # single precision
        np.testing.assert_allclose(logged[:10], runs.states[:10, :, j], atol=1e-6)


def test_equivalent_loops_count_equal_epochs():
    def epochs(rate, tolerance, **choices):
        return traces(Configuration("", "normal, zero bias", rate, tolerance, **choices), 500, seed=1).epochs

    base = epochs(0.13, 1e-6)
    assert (epochs(0.13, change_tolerance(1e-6, 0.13).item(), stop="change") == base).mean() > 0.99
    later = epochs(0.13, delayed_tolerance(1e-6, 0.13, 3).item())
    assert (later - base == 3).mean() > 0.99
    start = draw_starts("normal, zero bias", 500, seed=1)
    wide = train(start / 2.5, rate=0.13 / 2.5**2, tolerance=1e-6, max_epochs=100, scales=(2.5, 2.5))
    assert equivalent_rate(0.13 / 2.5**2, 2.5) == pytest.approx(0.13)
    assert (wide.epochs == base).mean() > 0.99


def test_rate_follows_from_the_spread_of_lengths(made):
    start = draw_starts(RECONSTRUCTED[1].starts, 100_000, seed=0).T
    spread = np.log(np.linalg.norm(start - solution(start), axis=0)).std()
    found = rate_from_spread(made.column("variance").mean() / 0.99, spread)
    assert found == pytest.approx(0.1, rel=0.06)


def test_bank_predicts_what_replicated_reports_print(bank, made):
    """The delta method from one ensemble against the mean and spread of whole reports from another."""
    wanted = replace(RECONSTRUCTED[1], name="")
    at = next(i for i, c in enumerate(bank.configurations) if replace(c, name="") == wanted)
    states, variance, _, l2, l1 = made.values.T[:5]
    scaled = np.stack([states, np.log(variance), np.log(l2), np.log(l1 / l2)], axis=1)
    spread = scaled.std(axis=0, ddof=1)
    error = spread * np.sqrt(1 / 200 + 100 / 400)
    bias = np.array([0, 0.05, 0.01, 0.01])  # of ln s^2 and of quotients in a report of a hundred
    np.testing.assert_array_less(np.abs(scaled.mean(axis=0) - bank.mean[at]), 5 * error + bias)
    np.testing.assert_allclose(np.sqrt(np.diag(bank.covariance[at])), spread, rtol=0.4)


def test_mismatch_is_the_likelihood_written_out(bank):
    i = len(bank.configurations) // 2
    square, score = bank.mismatch(REPORTED.scaled()[None], np.array([REPORTED.longest]))
    miss = REPORTED.scaled() - bank.mean[i]
    expected = miss @ np.linalg.inv(bank.covariance[i]) @ miss
    chance = bank.cumulative[i, 38] ** 100 - bank.cumulative[i, 37] ** 100
    assert square[i, 0] == pytest.approx(expected)
    assert score[i, 0] == pytest.approx(
        expected + np.linalg.slogdet(bank.covariance[i])[1] - 2 * np.log(max(chance, 1e-12))
    )


def test_search_finds_the_named_configuration_and_does_not_exclude_it(bank, made):
    order, _, score = ranked(bank)
    assert (np.diff(score[order]) >= 0).all()
    kept = [replace(c, name="") for c in not_excluded(bank)]
    assert replace(RECONSTRUCTED[1], name="") in kept
    best = best_of_each(bank, 3)
    assert len({c.name for c in best}) == 3
    final = finalists(best, 40, seed=0)
    assert [f[2].score for f in final] == sorted(f[2].score for f in final)
    known = recover(bank, RECONSTRUCTED[1], made)
    assert known.right["inputs"] > 0.7
    assert known.chance(0.0) == 1.0
    assert known.chance(1e9) < 0.01
    assert recover(bank, RECONSTRUCTED[1], made, without=RECONSTRUCTED[1].starts).right["starts"] == 0.0


def test_named_configurations_fit_and_a_wrong_one_does_not():
    for c in RECONSTRUCTED:
        fit = fit_of(replicate_reports(c, 120, seed=11))
        assert fit.chance > 0.02
        assert np.abs(fit.miss).max() < 3.5
    wrong = fit_of(replicate_reports(Configuration("", "pytorch", 0.1, 1e-7), 60, seed=11))
    assert wrong.chance < 0.02
    assert wrong.square > 30
    assert REPORTED_SCORE == 0.9666


def test_linear_score_is_that_of_scikit_learn():
    from sklearn.linear_model import LinearRegression

    rows = report_rows(Configuration("", "pytorch", 0.1, 1e-7), seed=0)
    table = feature_table(rows)
    table = (table - table.mean(axis=0)) / table.std(axis=0)
    assert linear_score(rows) == pytest.approx(
        LinearRegression().fit(table, rows.remaining).score(table, rows.remaining)
    )


def test_rate_of_an_epoch():
    assert epoch_rate(Configuration("", "pytorch", 0.4, 1e-7, 0.5)) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: traces(Configuration("", "pytorch", 0.1, 1e-7, logging="none"), 5, 0), "expected logging"),
        (lambda: report_rows(Configuration("", "pytorch", 0.001, 1e-7), 0), "expected"),
        (lambda: search_configurations(0, runs=10), "runs >= 100"),
        (lambda: replicate_reports(Configuration("", "pytorch", 0.001, 1e-7), 30, 0), "a tenth"),
        (lambda: equivalent_rate(0.1, 0), "inputs > 0"),
        (lambda: delayed_tolerance(1e-7, 0.6, 1), "rate in"),
        (lambda: change_tolerance(0, 0.1), "tolerance"),
        (lambda: rate_from_spread(0.05, 1), "variance > 1/12"),
        (lambda: pytorch_run([1, 2], rate=0.1, tolerance=1e-7), "one start"),
    ],
)
def test_wrong_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
