"""What makes no sense is refused with its cure: never a warning and a number, never another error."""

import numpy as np
import pytest

from trainphys.chapters.distance.c4_theory.heavy_ball import train_heavy_ball
from trainphys.chapters.distance.c4_theory.stationary_points import critical_points
from trainphys.chapters.distance.c5_applications.allocation import captured, decisions
from trainphys.chapters.distance.c5_applications.backtest import back_test
from trainphys.chapters.distance.c5_applications.network_times import crossing_times
from trainphys.chapters.distance.c5_applications.smart_starts import not_slower, ranked_runs, selection_law
from trainphys.chapters.distance.c5_applications.successive_halving import halving_search
from trainphys.chapters.distance.c6_negative_results.fate import ordered_pairs
from trainphys.chapters.distance.c8_conclusions.simple_models import own_minimum
from trainphys.chapters.distance.c8_conclusions.slowness import (
    as_far,
    saving_by_start,
    slowness_by_group,
    slowness_by_parameter,
)
from trainphys.chapters.distance.c8_conclusions.straightness import line_share_epochs
from trainphys.chapters.distance.c8_conclusions.two_sided import train_two_sided
from trainphys.chapters.distance.c9_reproduction.pytorch_loop import pytorch_run
from trainphys.chapters.distance.shared.forensics import (
    run_lengths,
    samuelson_variance,
    sums_of_squares,
    target_variance_bounds,
)
from trainphys.chapters.distance.shared.line_fits import fit_line
from trainphys.chapters.distance.shared.norms import epochs_from_direction, norm_ratio
from trainphys.chapters.distance.shared.protocols import variance_explained
from trainphys.chapters.distance.shared.regions import matched, sphere_runs, start_regions
from trainphys.chapters.distance.shared.regressors import adam_scores, kernel_blocks
from trainphys.chapters.distance.shared.replicates import replicate_reports
from trainphys.chapters.distance.shared.summaries import reports
from trainphys.laws.contraction import epochs_from_error, epochs_remaining
from trainphys.laws.steps_from_gradient import (
    end_loss,
    epochs_from_gradient,
    epochs_from_gradient_vector,
    epochs_from_loss,
    gradient_norm_from_loss,
)
from trainphys.laws.straight_line import line_share
from trainphys.tools.time_to_target.forecast import RemainingSteps, widening_from_runs
from trainphys.xor import landscape
from trainphys.xor.basins import reaches_solution, trapped_share_by_signs
from trainphys.xor.configurations import Configuration, traces
from trainphys.xor.epoch_counts import count_epochs
from trainphys.xor.equivalences import delayed_tolerance
from trainphys.xor.guarantee import converged_share
from trainphys.xor.run_records import Records
from trainphys.xor.staircase import (
    boosted_residual,
    effective_tolerance,
    epochs_from_bias_ratio,
    epochs_from_last_distance,
    last_distance_step,
)
from trainphys.xor.trajectories import train_pieces

LAW = {"rate": 0.1, "tolerance": 1e-7}
ONE = Configuration("one", "pytorch", 0.1, 1e-7)
RUNS = {"rate": 0.1, "runs": 100, "seed": 0}
TIMES = {
    "distance": epochs_remaining,
    "loss": epochs_from_loss,
    "gradient": epochs_from_gradient,
    "last distance": epochs_from_last_distance,
    "error": lambda x, **law: epochs_from_error([x, 0.0, 0.0], **law),
    "gradient vector": lambda x, **law: epochs_from_gradient_vector([x, 0.0, 0.0], **law),
}


@pytest.mark.parametrize("law", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_time_to_go_is_a_number(law, value):
    with pytest.raises(ValueError, match="finite"):
        law(value, **LAW)
    with pytest.raises(ValueError, match="tolerance > 0 and finite"):
        law(1.0, rate=0.1, tolerance=value)
    with pytest.raises(ValueError, match="rate"):
        law(1.0, rate=value, tolerance=1e-7)


@pytest.mark.parametrize("law", TIMES.values(), ids=TIMES)
def test_a_far_time_to_go_is_counted(law):
    n = law(1e140, **LAW)
    assert abs(n * -np.log(0.8) / np.log(1e140 / np.sqrt(1e-7)) - 1) < 0.55  # a loss is a squared distance


def test_a_time_past_counting_is_refused():
    for law in (epochs_remaining, epochs_from_last_distance):
        with pytest.raises(ValueError, match="past counting"):
            law(1e308, **LAW)
    with pytest.raises(ValueError, match="past counting"):
        epochs_from_error([1e200, 0.0, 0.0], **LAW)
    assert epochs_remaining(1e-300, rate=0.1, tolerance=1e300) == 0


@pytest.mark.parametrize("scales", [(0, 1), (-1.0, 1.0), (np.nan, 1.0), (1.0, np.inf), (1.0, 1.0, 1.0), 1.0])
def test_two_scales_are_positive_numbers(scales):
    point = np.array([[0.3], [-0.1], [0.05]])
    calls = [
        *(getattr(landscape, name) for name in ("loss", "gradient", "solution", "solvable")),
        start_regions,
        lambda theta, scales: critical_points(scales),
        lambda theta, scales: end_loss(0.1, theta, scales),
        lambda theta, scales: sphere_runs(0.1, scales=scales, runs=5, seed=0, **LAW),
        lambda theta, scales: slowness_by_parameter(scales, **RUNS),
        lambda theta, scales: count_epochs(theta.T, max_epochs=5, scales=scales, **LAW),
        lambda theta, scales: train_heavy_ball(theta.T, rate=0.1, momentum=0.1, epochs=2, scales=scales),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="input scales > 0"):
            call(point, scales)


@pytest.mark.parametrize("name", ["loss", "gradient", "solution", "solvable"])
def test_parameters_are_numbers(name):
    with pytest.raises(ValueError, match="finite parameters"):
        getattr(landscape, name)([0.1, np.nan, 0.0])
    with pytest.raises(ValueError, match="finite parameters"):
        own_minimum(np.array([0.1, np.inf, 0.0]))


def test_what_only_warned_is_right():
    theta = np.array([[9.9, 0.1], [0.0, -0.1], [5.0, 3.0]])
    assert reaches_solution(theta, 1.0000001).tolist() == reaches_solution(theta, 1.0).tolist() == [True, False]
    assert reaches_solution(theta, 0.9999999).tolist() == [True, False]


SOLVED = RemainingSteps(10.0, 9.0, 11.0, "geometric", 0.1, 5.0)
REACHED = RemainingSteps(0.0, 0.0, 0.0, "reached", 0.0, 0.0)
BAD = [
    (lambda: last_distance_step(1e6, **LAW), "finite distance"),
    (lambda: last_distance_step(1.5, **LAW), "whole epochs"),
    (lambda: delayed_tolerance(1, 0.1, -1e6), "delayed_tolerance > 0 and finite"),
    (lambda: epochs_from_bias_ratio([np.inf], rate=0.1), "finite ratios"),
    (lambda: gradient_norm_from_loss(0.3, -1), "end_loss >= 0"),
    (lambda: line_share(np.inf), "finite slow-downs"),
    (lambda: line_share_epochs(0.1, 2.5), "whole epochs"),
    (lambda: norm_ratio([np.nan, 1.0]), "finite vectors"),
    (lambda: converged_share("pytorch", rate=0, runs=5, seed=0), "rate > 0"),
    (lambda: converged_share("pytorch", rate=0.1, runs=5, seed=0, tolerance=0), "tolerance > 0"),
    (lambda: converged_share("pytorch", rate=np.nan, runs=5, seed=0), "rate > 0"),
    (lambda: epochs_from_direction([0, 0, 0], length=0.1, **LAW, runs=5, seed=0), "norm_of_direction > 0"),
    (lambda: epochs_from_direction([1, 0, 0], length=0, **LAW, runs=5, seed=0), "length > 0"),
    (lambda: sphere_runs(0.1, rate=0.1, tolerance=0, scales=(1, 1), runs=5, seed=0), "tolerance > 0"),
    (lambda: sphere_runs(0.1, rate=0.5, tolerance=1e-7, scales=(1, 1), runs=5, seed=0), "smaller steps"),
    (lambda: saving_by_start("pytorch", rate=0, runs=1000, seed=0), "rate"),
    (lambda: slowness_by_group("pytorch", rate=0.1, runs=20, seed=0), "ordinary starts"),
    (lambda: as_far(np.ones(30), np.full(30, np.inf), [1.0]), "finite epochs"),
    (lambda: matched(np.zeros(1), np.ones(3), np.ones(3)), "distance > 0"),
    (lambda: target_variance_bounds(0, 0, 0, 1), "count >= 1"),
    (lambda: target_variance_bounds(2, 3, 5, 2), "total >= 4"),
    (lambda: run_lengths(3, 6, 14, shortest=4, longest=3), "longest >= 5"),
    (lambda: sums_of_squares(2, 4, 1.0, 0), "quote it"),
    (lambda: samuelson_variance(0.0, 1.0, 2.5), "whole count"),
    (lambda: widening_from_runs([SOLVED] * 8 + [REACHED], [1.0] * 9), "value > 0"),
    (lambda: effective_tolerance(Configuration("x", "pytorch", 0.1, 1e-7, logging="now")), "expected logging"),
    (lambda: effective_tolerance(Configuration("x", "pytorch", 0.1, 1e-7, stop="never")), "expected logging"),
    (lambda: traces(Configuration("x", "pytorch", 0.1, np.nan), 5, 0), "tolerance > 0"),
    (lambda: decisions(ONE, 100, 0, epoch=10**4), "from 1 up to 100"),
    (lambda: decisions(ONE, 100, 0, epoch=-1), "from 1 up to"),
    (lambda: decisions(Configuration("x", "pytorch", 0.1, 1e-7, inputs=0.5), 100, 0), "inputs of one"),
    (lambda: captured(np.full(20, np.nan), np.arange(20.0), 0), "finite score"),
    (lambda: captured(np.arange(20.0), np.ones(20), 0), "nothing to save"),
    (lambda: reports(Records(np.zeros(2, int), np.ones((3, 2)), np.zeros((3, 2)), np.ones(2, int)), 0), "runs_each"),
    (lambda: train_heavy_ball([[np.nan, 0, 0]], rate=0.1, momentum=0.1, epochs=2), "finite parameters"),
    (lambda: train_two_sided(np.full((1, 2, 3), np.nan), max_epochs=5, **LAW), "finite starts"),
    (lambda: pytorch_run([0.1, np.inf, 0.0], **LAW), "finite start"),
    (lambda: pytorch_run([0.1, 0.2, 0.0], rate=0.0, tolerance=1e-7), "rate > 0"),
    (lambda: train_pieces(np.ones((0, 3)), max_epochs=5, **LAW), "shape .runs, 3."),
    (lambda: train_pieces(np.ones((2, 3)), max_epochs=5, out=None, **LAW), "expected no out"),
    (lambda: ranked_runs(ONE, 10, 0, share=0.01), "keeps some starts"),
    (lambda: selection_law(ONE, 0, price=-1.0), "price >= 0"),
    (lambda: selection_law(ONE, 0, share=1.0), "share in"),
    (lambda: not_slower(np.array([np.nan]), np.ones(1), 0), "infinite stands for never"),
    (lambda: back_test(np.ones((40, 2)), seed=0, shortest=19), "shortest >= 20"),
    (lambda: replicate_reports(ONE, 1, 0), "count >= 2"),
    (lambda: kernel_blocks(np.eye(3), np.arange(3.0), [(np.arange(3),) * 2], width=1.0, ridge=0.0), "ridge > 0"),
    (lambda: kernel_blocks(np.eye(3), np.arange(3.0), [(np.arange(1),) * 2], width=1.0, ridge=1.0), "add the rest"),
    (lambda: adam_scores(np.eye(3), np.arange(3.0), steps=(0,)), "sort them"),
    (lambda: adam_scores(np.eye(3), np.arange(3.0), steps=(9, 3)), "sort them"),
    (lambda: boosted_residual(8.0, -1, 0.5), "whole trees"),
    (lambda: trapped_share_by_signs(1.0, 1.0, 0.3), "True or False"),
    (lambda: variance_explained([1.0, 2.0, 3.0], [1.0, np.nan, 3.0]), "finite predicted"),
    (lambda: fit_line([1.0, 2.0], [1.0, np.nan]), "finite remaining"),
    (lambda: crossing_times(np.array([[np.inf], [1.0]]), 2.0), "curves > 0 and finite"),
    (lambda: ordered_pairs([np.nan, 1.0], [True, False], seed=0), "finite score"),
    (lambda: halving_search(np.full((4, 2), np.nan), 1), "finite curves"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
