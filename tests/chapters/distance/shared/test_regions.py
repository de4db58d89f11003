"""Tests of ``chapters.distance.shared.regions``."""

from dataclasses import replace

import numpy as np
import pytest

from trainphys.chapters.distance.c5_applications.allocation import plain_runs
from trainphys.chapters.distance.c5_applications.backtest import model_curves
from trainphys.chapters.distance.shared.regions import matched, region_times, solved_runs, sphere_runs, start_regions
from trainphys.laws.steps_from_gradient import epochs_from_gradient_vector
from trainphys.xor.configurations import Configuration
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
    assert found == pytest.approx([1 + 2 * 0.5 / 1.05, 1.0, 2.5, 4.0])


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
