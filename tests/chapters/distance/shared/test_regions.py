"""Tests of ``chapters.distance.shared.regions``."""

from dataclasses import replace

import numpy as np
import pytest

from tests.chapters.distance.c6_negative_results.test_blind_search import on_the_line
from trainphys.chapters.distance.c5_applications.allocation import plain_runs
from trainphys.chapters.distance.c5_applications.backtest import model_curves
from trainphys.chapters.distance.shared.regions import matched, region_times, solved_runs, sphere_runs, start_regions
from trainphys.laws.steps_from_gradient import epochs_from_gradient_vector
from trainphys.xor.configurations import Configuration, traces
from trainphys.xor.convergence import solved_and_stopped
from trainphys.xor.landscape import gradient, solvable
from trainphys.xor.starts import draw_starts


@pytest.mark.parametrize("tolerance", [1e-7, 5e-3, 1e-2, 1e-1])
def test_a_run_that_stops_early_is_on_its_way_to_a_solution(tolerance):
    one = Configuration("early", "uniform", 0.1, tolerance)
    stopped, solved = solved_and_stopped(one, 1000, 0)
    assert solved.value == 1.0
    assert plain_runs(one, 1000, 0)[1].mean() == stopped.value
    _, done, there = solved_runs(one, 1000, 0)
    assert (there == done.converged).all()
    assert model_curves(one, 1000, 0).shape[1] == done.converged.sum()
    half = solved_and_stopped(replace(one, starts="pytorch", tolerance=1e-9, stop="change"), 2000, 0)[1]
    assert abs(half.value - 7 / 12) < 5 * half.stderr


def test_matched_lies_on_the_line_between_its_neighbours():
    reference, epochs = np.array([0.5, 1.6, 1.55, 9.0]), [1, 2, 3, 4]
    found = matched(np.array([1.0, 0.1, 1.575, 99.0]), reference, epochs)
    assert found == pytest.approx([1 + 2 * 0.5 / 1.05, np.nan, 2.5, np.nan], nan_ok=True)
    assert matched(reference, reference, epochs).tolist() == epochs  # the outermost have themselves


def test_epochs_from_the_gradient_on_uneven_inputs():
    error, epochs = sphere_runs(0.3, rate=0.1, tolerance=1e-6, scales=(1.0, 0.5), runs=500, seed=0)
    slope = gradient(error + np.array([0.5, -1.0, 0.0])[:, None], (1.0, 0.5))
    assert (epochs_from_gradient_vector(slope, rate=0.1, tolerance=1e-6, scales=(1.0, 0.5)) == epochs).all()


def test_regions_cover_the_solved_cone_and_match_by_distance():
    start = draw_starts("pytorch", 2000, 0).T
    masks = start_regions(start)
    signs = masks["weights of one sign"] | masks["weights of opposite signs"]
    assert (signs == solvable(start)).all()
    assert (masks["trapped cone"] == ~solvable(start)).all()
    table = region_times(Configuration("plain", "pytorch", 0.1, 1e-7), 4000, 0)
    assert table["trapped cone"].lost.value == 1.0
    found = table["weights of one sign"]
    assert found.epochs.value == pytest.approx(found.by_distance, abs=0.05)
    assert matched(np.array([2.0]), np.array([1.0, 3.0]), [4, 8]).item() == 6.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: start_regions([[0.1], [0.1], [0.3]], (0.0, 1.0)), "input scales > 0"),
        (lambda: matched(np.ones(1), np.ones(1), [1]), "references >= 2"),
        (lambda: sphere_runs(0.9, rate=0.1, tolerance=1e-3, scales=(1.0, 1.0), runs=5, seed=0), "radius in"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(("method", "rate"), [("full-batch", 0.2), ("per-sample", 0.3)])
def test_times_by_region_are_those_of_single_runs(method, rate):
    """Even runs are judged, odd ones are what distance is learnt from; a run that changes its side is lost."""
    c = Configuration("", "normal", rate, 1e-4, method=method, max_epochs=30)
    runs, rows, changed = traces(replace(c, logging="every state"), 700, 4), [], 0
    for r in range(700):
        start, last = runs.states[0, :, r].tolist(), runs.last[:, r].tolist()
        side, end = ((0.5 if p[0] >= p[1] else -0.5) for p in (start, last))
        there = bool(runs.converged[r]) and abs(last[0] - last[1]) > abs(last[2])
        solved, changed = there and side == end, changed + (there and side != end)
        far = ((start[0] - side) ** 2 + (start[1] + side) ** 2 + start[2] ** 2) ** 0.5
        rows.append((start, far, int(runs.epochs[r]), solved))
    known = [(far, n) for _, far, n, solved in rows[1::2] if solved]
    assert changed > 5 or method == "full-batch"
    cone = lambda w: abs(w[0] - w[1]) - abs(w[2])  # noqa: E731
    belongs = {
        "trapped cone": lambda w: cone(w) <= 0,
        "weights of one sign": lambda w: cone(w) > 0 and w[0] * w[1] > 0,
        "weights of opposite signs": lambda w: cone(w) > 0 and w[0] * w[1] < 0,
        "beside the ridge": lambda w: 0 < cone(w) < 0.1,
        "between the solutions": lambda w: cone(w) > 0 and abs(w[0] - w[1]) < 0.1,
        "at a kink of target 0": lambda w: cone(w) > 0 and abs(abs(w[0] + w[1]) - abs(w[2])) < 0.1,
    }
    found, beyond = region_times(c, 700, 4, least=12), 0
    for name, rule in belongs.items():
        here = [row for row in rows[::2] if rule(row[0])]
        if len(here) < 12:
            assert name not in found
            continue
        ended = [row for row in here if row[3]]
        assert found[name].starts == len(here)
        assert found[name].lost.value == (len(here) - len(ended)) / len(here)
        told = [(row, on_the_line(row[1], known)) for row in ended]
        told = [(row, epochs) for row, epochs in told if epochs is not None]
        assert found[name].beyond == len(ended) - len(told)
        assert found[name].arriving.T.tolist() == [row[0] for row, _ in told]
        if len(told) >= 12:
            assert found[name].epochs.value == pytest.approx(sum(row[2] for row, _ in told) / len(told))
            assert found[name].by_distance == pytest.approx(sum(epochs for _, epochs in told) / len(told))
        beyond += found[name].beyond
    assert len(found) > 3
    assert beyond or method == "full-batch"
