"""Tests of ``xor.configurations``."""

import numpy as np
import pytest

from trainphys.xor import configurations
from trainphys.xor.configurations import LOGGED, RECONSTRUCTED, Configuration, report_rows, traces
from trainphys.xor.landscape import loss
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


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


@pytest.mark.parametrize("c", RECONSTRUCTED, ids=lambda c: c.name)
def test_pieces_have_the_bits_of_the_whole_and_bound_the_memory(c, monkeypatch):
    """What is computed on the way, the loss of every state of every run, is more than what is kept."""
    whole, held = traces(c, 300, 3), []
    monkeypatch.setattr(configurations, "PIECE", 70)
    monkeypatch.setattr(configurations, "loss", lambda states, scales: held.append(states.size) or loss(states, scales))
    pieces = traces(c, 300, 3)
    for name in ("states", "epochs", "converged"):
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))
    assert max(held) == 70 * 3 * (c.max_epochs + 2)


def test_a_report_has_a_hundred_runs_and_ends_at_one():
    for c in RECONSTRUCTED:
        rows = report_rows(c, seed=9)
        assert rows.run.max() == 99
        assert rows.remaining.min() == 1
        assert len(np.unique(rows.run)) == 100
        np.testing.assert_array_equal(rows.remaining[np.append(np.diff(rows.run) > 0, True)], 1)


@pytest.mark.parametrize("choice", [{"logging": "now"}, {"stop": "never"}])
def test_an_unknown_way_of_logging_or_stopping_is_refused(choice):
    with pytest.raises(ValueError, match="expected logging"):
        Configuration("x", "pytorch", 0.1, 1e-7, **choice)


def test_a_report_needs_runs_that_converge():
    with pytest.raises(ValueError, match="raise max_epochs"):
        report_rows(Configuration("", "pytorch", 0.001, 1e-7), 0)
    with pytest.raises(ValueError, match="tolerance > 0"):
        traces(Configuration("x", "pytorch", 0.1, np.nan), 5, 0)


@pytest.mark.parametrize("configuration", [*RECONSTRUCTED, Configuration("rare", "pytorch", 0.05, 1e-7, max_epochs=70)])
def test_a_report_has_the_first_runs_that_converge_of_the_whole_ensemble(configuration):
    """Whoever trains all starts at once finds the same rows; of the last configuration a quarter converges."""
    rows, whole = report_rows(configuration, seed=5), traces(configuration, 900, seed=5)
    done = np.flatnonzero(whole.converged & (whole.epochs > 0))[:100]
    states = [whole.states[n, :, r] for r in done for n in range(whole.epochs[r])]
    assert np.array_equal(rows.state, np.stack(states, axis=1))
    assert np.array_equal(rows.run, np.repeat(np.arange(100), whole.epochs[done]))
