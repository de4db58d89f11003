"""Landscape, contraction, norms, features and laws of the distance part: closed forms against second methods."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainphys.chapters.distance.shared.features import GROUPS, NAMES, columns_of, feature_table
from trainphys.chapters.distance.shared.line_fits import error_ratio, explained, first_below, fit_line, halves
from trainphys.chapters.distance.shared.norms import epochs_from_direction, extreme_ratios, norm_ratio
from trainphys.chapters.distance.shared.summaries import one_report, reports
from trainphys.laws.contraction import contraction_factor, epochs_from_error, epochs_remaining
from trainphys.xor.landscape import SIGNS, TARGETS, gradient, hessian, loss, solution, solvable
from trainphys.xor.mean_distances import mean_distances
from trainphys.xor.run_records import Records, records
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train

SCALES = [(1.0, 1.0), (0.5, 0.5), (1.0, 0.3)]
parameters = st.lists(st.floats(-3, 3, allow_subnormal=False), min_size=3, max_size=3)


def slow_loss(theta, scales):
    outputs = [abs(theta[0] * s1 * scales[0] + theta[1] * s2 * scales[1] + theta[2]) for s1, s2 in SIGNS]
    return sum((y - t) ** 2 for y, t in zip(outputs, TARGETS, strict=True)) / 4


@given(parameters, st.sampled_from(SCALES))
def test_loss_is_a_bowl_minus_a_ridge(theta, scales):
    (w1, w2, b), (c1, c2) = theta, scales
    closed = c1**2 * w1**2 + c2**2 * w2**2 + b**2 - max(abs(c1 * w1 - c2 * w2), abs(b)) + 0.5
    assert loss(theta, scales) == pytest.approx(closed, abs=1e-12)
    assert loss(theta, scales) == pytest.approx(slow_loss(theta, scales), abs=1e-12)


@pytest.mark.parametrize("scales", SCALES)
def test_gradient_and_hessian_are_differences_of_the_loss(scales):
    points = np.random.default_rng(0).normal(size=(3, 200))
    h = 1e-5
    outputs = np.column_stack([SIGNS * scales, np.ones(4)]) @ points
    points = points[:, np.abs(outputs).min(axis=0) > 0.01]  # no kink within reach of the differences
    steps = np.eye(3)[:, :, None] * h
    slope = np.stack([(loss(points + s, scales) - loss(points - s, scales)) / (2 * h) for s in steps])
    np.testing.assert_allclose(gradient(points, scales), slope, atol=1e-9)
    curve = np.stack([(gradient(points + s, scales) - gradient(points - s, scales)) / (2 * h) for s in steps])
    np.testing.assert_allclose(curve, np.broadcast_to(hessian(scales)[:, :, None], curve.shape), atol=1e-9)


@pytest.mark.parametrize("scales", SCALES)
def test_minima_of_loss_zero_and_of_loss_one_quarter(scales):
    for side in (1.0, -1.0):
        best = solution(np.array([side, 0.0, 0.0]), scales)
        assert loss(best, scales) == pytest.approx(0.0, abs=1e-15)
        assert solvable(best, scales)
        trap = np.array([0.0, 0.0, side / 2])
        assert loss(trap, scales) == pytest.approx(0.25)
        np.testing.assert_allclose(gradient(trap, scales), 0.0)
        around = trap[:, None] + 1e-3 * np.random.default_rng(0).normal(size=(3, 500))
        assert (loss(around, scales) > 0.25).all()


@settings(max_examples=100, deadline=None)
@given(parameters, st.floats(0.01, 0.49))
def test_the_cone_of_the_start_decides_where_a_run_ends(theta, rate):
    lead, bias = abs(theta[0] - theta[1]), abs(theta[2])
    if abs(lead - bias) < 1e-6:
        return  # rounding decides on the ridge
    end = train([theta], rate=rate, tolerance=1e-14, max_epochs=4000).last[:, 0]
    expected = solution(theta) if lead > bias else np.array([0.0, 0.0, np.copysign(0.5, theta[2])])
    np.testing.assert_allclose(end, expected, atol=2e-7)


def test_trapped_share_of_the_starts():
    n = 40_000
    for kind, share in (("pytorch", 5 / 12), ("normal", 2 / np.pi * np.arctan(np.sqrt(0.5))), ("xavier", 0.0)):
        trapped = (~solvable(draw_starts(kind, n, 1).T)).mean()
        assert abs(trapped - share) <= 5 * np.sqrt(share * (1 - share) / n)


def test_every_epoch_shrinks_the_error_by_the_factor():
    rows = records(train(draw_starts("pytorch", 500, 2), rate=0.13, tolerance=1e-8, max_epochs=100))
    epoch, shrinkage = rows.shrinkage()
    np.testing.assert_allclose(shrinkage, contraction_factor(0.13), rtol=1e-9)
    assert epoch.min() == 0
    assert len(epoch) == len(rows.run) - len(np.unique(rows.run))


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.3])
def test_epochs_remaining_counts_the_runs_own_epochs(rate):
    rows = records(train(draw_starts("normal", 500, 2), rate=rate, tolerance=1e-6, max_epochs=1500))
    assert (epochs_remaining(rows.l2, rate=rate, tolerance=1e-6) == rows.remaining).all()
    assert (epochs_from_error(rows.error, rate=rate, tolerance=1e-6) == rows.remaining).all()


@pytest.mark.parametrize("scales", SCALES[1:])
def test_epochs_remaining_from_error_on_other_inputs(scales):
    runs = train(draw_starts("pytorch", 500, 2), rate=0.2, tolerance=1e-6, max_epochs=2000, scales=scales)
    rows = records(runs, scales=scales)
    found = epochs_from_error(rows.error, rate=0.2, tolerance=1e-6, scales=scales)
    assert (found == rows.remaining).mean() > 0.999  # a run may change its cone before it settles


@given(parameters, st.floats(0.01, 0.45), st.floats(1e-9, 1e-2))
def test_epochs_remaining_from_error_is_the_first_epoch_below(error, rate, tolerance):
    e, c = np.array(error), np.array([0.5, 1.0, 1.0])
    n = int(epochs_from_error(e, rate=rate, tolerance=tolerance, scales=(0.5, 1.0)))
    k = 1 - 2 * rate * c**2

    def left(epochs):
        return (c**2 * e**2 * k ** (2 * epochs)).sum()

    assert left(n) < tolerance
    assert n == 0 or left(n - 1) >= tolerance


def test_a_finished_state_has_no_epochs_left():
    assert epochs_remaining(1e-5, rate=0.1, tolerance=1e-7) == 0
    assert epochs_from_error([1e-5, 0, 0], rate=0.1, tolerance=1e-7) == 0


def test_distance_to_the_last_state_and_epochs():
    rows = records(train(draw_starts("pytorch", 300, 0), rate=0.1, tolerance=1e-7, max_epochs=60), goal="last")
    final = np.linalg.norm(rows.goal - solution(rows.goal), axis=0)
    np.testing.assert_allclose(np.log1p(rows.l2 / final) / -np.log(contraction_factor(0.1)), rows.remaining, rtol=1e-6)


def test_mean_distances_are_sums_over_the_states():
    starts = draw_starts("pytorch", 2000, 0)
    starts = starts[solvable(starts.T)]
    rows = records(train(starts, rate=0.1, tolerance=1e-7, max_epochs=60), goal="last")
    l1, l2 = mean_distances(starts.T - solution(starts.T), rate=0.1, tolerance=1e-7)
    assert l1 == pytest.approx(rows.l1.mean(), rel=1e-9)
    assert l2 == pytest.approx(rows.l2.mean(), rel=1e-9)


def test_single_samples_contract_by_the_mean_over_orders():
    rate = 0.01
    steps = [np.eye(3) - 2 * rate * np.outer(a, a) for a in np.column_stack([SIGNS, np.ones(4)])]
    mean = np.mean([np.linalg.multi_dot([steps[i] for i in order]) for order in permutations(range(4))], axis=0)
    np.testing.assert_allclose(mean, (1 - 8 * rate + 8 * rate**2) * np.eye(3), atol=20 * rate**3)


def test_laws_read_lines_and_errors():
    rng = np.random.default_rng(0)
    run = np.repeat(np.arange(200), 5)
    x = rng.normal(size=1000)
    y = 2 * x + 1 + np.repeat(rng.normal(size=200), 5)  # one offset a run: rows are not independent
    slope, intercept = np.polyfit(x, y, 1)
    line = fit_line(x, y)
    assert (line.slope, line.intercept) == pytest.approx((slope, intercept))
    share = explained(run, y, line(x), seed=0)
    assert share.value == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)
    ratio = error_ratio(run, y, line(x), line(x) + 1.0, seed=0)
    assert 0 < ratio.value < 1
    assert ratio.n == 200


def test_bootstrap_over_runs_matches_the_spread_of_replicas():
    def one(i):
        rng = np.random.default_rng(i)
        run, x = np.repeat(np.arange(150), 4), rng.normal(size=600)
        return explained(run, x + np.repeat(rng.normal(size=150), 4), x, seed=0)

    found = [one(i) for i in range(150)]
    spread = np.std([f.value for f in found], ddof=1)
    claimed = np.mean([f.stderr for f in found])
    assert abs(claimed / spread - 1) < 5 / np.sqrt(2 * 150)


def test_halves_share_no_run_and_crossings_are_one_a_run():
    rows = records(train(draw_starts("pytorch", 200, 0), rate=0.1, tolerance=1e-7, max_epochs=60))
    even, odd = halves(rows)
    assert not set(even.run) & set(odd.run)
    assert len(even.run) + len(odd.run) == len(rows.run)
    at = first_below(rows, rows.l2, 0.1)
    assert len(np.unique(rows.run[at])) == len(at) == len(np.unique(rows.run))
    assert (rows.l2[at] < 0.1).all()
    assert ((rows.l2[at] >= 0.08) | (rows.l2[at] == rows.l2[np.searchsorted(rows.run, rows.run[at])])).all()


@given(st.integers(1, 6), st.integers(0, 1000))
def test_norm_ratio_stays_within_its_bounds(dimension, seed):
    x = np.random.default_rng(seed).normal(size=(dimension, 50))
    ratio = norm_ratio(x)
    assert (ratio >= 1 - 1e-15).all()
    assert (ratio <= np.sqrt(dimension) * (1 + 1e-15)).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_search_finds_the_bounds_of_the_norms(seed):
    assert extreme_ratios(3, seed) == pytest.approx((1.0, np.sqrt(3)), abs=1e-6)


def test_equal_l1_distance_is_not_equal_time():
    setting = {"length": 0.1, "rate": 0.05, "tolerance": 1e-8, "runs": 4000, "seed": 0}
    axis, diagonal = (epochs_from_direction(v, **setting) for v in ([1.0, 0, 0], [1 / 3, 1 / 3, -1 / 3]))
    expected = np.log(np.sqrt(3)) / -np.log(0.9)
    assert abs(axis.value - diagonal.value - expected) < 5 * np.hypot(axis.stderr, diagonal.stderr)


def test_features_are_eighteen_and_follow_the_formulas():
    state, goal = np.array([[0.3], [-0.2], [0.5]]), np.array([[0.5], [-0.5], [0.1]])
    row = dict(zip(NAMES, feature_table(Records(np.zeros(1, int), state, goal, np.ones(1, int)))[0], strict=True))
    assert len(NAMES) == 18
    assert row["L1"] == pytest.approx(0.2 + 0.3 + 0.4)
    cosine = 1 - (0.15 + 0.1 + 0.05) / np.sqrt((0.09 + 0.04 + 0.25) * (0.25 + 0.25 + 0.01))
    assert row["cosine"] == pytest.approx(cosine)
    assert row["p2_ratio"] == pytest.approx(5.0, rel=1e-6)
    assert row["log|p1_diff|"] == pytest.approx(np.log(0.3 + 1e-8))
    assert row["p0 x p2"] == pytest.approx(-0.08)
    assert columns_of(*GROUPS) == list(range(18))


def test_reports_print_the_figures_of_their_runs():
    rows = records(train(draw_starts("pytorch", 1000, 0), rate=0.1, tolerance=1e-7, max_epochs=60))
    figures = reports(rows, runs_each=50)
    first = rows.of(np.isin(rows.run, np.unique(rows.run)[:50]))
    assert figures.length[0] == pytest.approx(len(first.run) / 50 + 1)
    assert figures.l1[0] == pytest.approx(first.l1.mean())
    assert figures.ratio[0] == pytest.approx(first.l1.mean() / first.l2.mean())
    assert figures.longest[0] == first.remaining.max()
    assert figures.variance[0] == pytest.approx(np.var(np.unique(first.run, return_counts=True)[1]))
    assert one_report(figures.l2).n == len(figures.l2)


BAD = [
    (lambda: loss(np.zeros((2, 5))), "expected .w1, w2, b."),
    (lambda: loss([0, 0, 0], (1.0, -1.0)), "input scales > 0"),
    (lambda: contraction_factor(0.6), "expected 0 < rate"),
    (lambda: epochs_remaining([0.0], rate=0.1, tolerance=1e-7), "expected distance > 0"),
    (lambda: epochs_from_error([0.0, 1.0], rate=0.1, tolerance=1e-7), "expected errors .e1, e2, eb."),
    (lambda: mean_distances(np.zeros(3), rate=0.1, tolerance=1e-7), "expected errors of shape"),
    (lambda: mean_distances(np.zeros((3, 2)) + 1e-9, rate=0.1, tolerance=1e-7), "lower the tolerance"),
    (lambda: fit_line([1.0, 1.0], [1.0, 2.0]), "two or more different distances"),
    (lambda: explained(np.zeros(3, int), np.arange(3.0), np.arange(3.0), seed=0), "at least 2 runs"),
    (lambda: norm_ratio(np.zeros((3, 1))), "positive length"),
    (lambda: extreme_ratios(1, 0), "dimension >= 2"),
    (lambda: epochs_from_direction([0, 0, 1], length=5.0, rate=0.1, tolerance=1e-7, runs=5, seed=0), "shorten length"),
    (lambda: columns_of("colours"), "expected groups among"),
    (lambda: records(train([[0, 0, 0.5]], rate=0.1, tolerance=1e-7, max_epochs=5)), "expected a run that converged"),
    (lambda: records(train([[1, 0, 0]], rate=0.1, tolerance=1e-7, max_epochs=50), goal="x"), "expected goal"),  # type: ignore[arg-type]
    (lambda: reports(Records(np.zeros(2, int), np.ones((3, 2)), np.zeros((3, 2)), np.ones(2, int))), "two reports"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_wrong_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
