"""Table of scores, its protocols and regressions, the staircase, features and bootstrap: against second methods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from trainphys.chapters.distance.c7_statistical_details.bootstrap_rows import (
    bootstrap_spread,
    drawn_again,
    fold_errors,
    geometric_mean,
)
from trainphys.chapters.distance.c7_statistical_details.feature_groups import feature_scores, known_now
from trainphys.chapters.distance.shared.feature_algebra import rounding_score, transferred_equation
from trainphys.chapters.distance.shared.features import NAMES, feature_table
from trainphys.chapters.distance.shared.model_table import ROWS, data_set, score_tables
from trainphys.chapters.distance.shared.protocols import PROTOCOLS, cross_validated, splits, variance_explained
from trainphys.chapters.distance.shared.regressors import (
    adam_scores,
    expanded,
    exponential,
    kernel_blocks,
    least_squares,
    linear_kernel,
    lowest_ridge_score,
    powers,
    products,
    standardised,
)
from trainphys.chapters.distance.shared.relu_regressors import relu_networks
from trainphys.laws.steps_from_gradient import epochs_from_gradient, epochs_from_loss
from trainphys.xor.configurations import RECONSTRUCTED, Configuration, report_rows
from trainphys.xor.landscape import gradient, solvable
from trainphys.xor.staircase import (
    boosted_residual,
    effective_tolerance,
    epochs_from_bias_ratio,
    epochs_from_last_distance,
    last_distance_step,
)

RNG = np.random.default_rng(5)
TABLE, TARGET, RUN = RNG.normal(size=(120, 4)), RNG.normal(5.0, 2.0, size=120), np.repeat(np.arange(12), 10)


def test_score_is_scikit_learns():
    assert variance_explained(TARGET, TABLE[:, 0]) == pytest.approx(r2_score(TARGET, TABLE[:, 0]))
    with pytest.raises(ValueError, match="expected as many predictions"):
        variance_explained([1.0, 1.0], [1.0, 1.0])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_splits_judge_every_row_once_and_runs_held_out_are_new(protocol):
    parts = splits(RUN, protocol, 4, seed=1)
    assert sorted(np.concatenate([judge for _, judge in parts]).tolist()) == list(range(120))
    if protocol == "runs held out":
        assert all(not set(RUN[fit]) & set(RUN[judge]) for fit, judge in parts)
    if protocol == "rows held out":
        assert all(set(RUN[judge]) <= set(RUN[fit]) for fit, judge in parts)
    with pytest.raises(ValueError, match="expected a protocol"):
        splits(RUN, "folds", 4, seed=1)


def test_regressions_are_scikit_learns():
    x, y = TABLE, TARGET
    scaler = StandardScaler().fit(x[:80])
    a, b = scaler.transform(x[:80]), scaler.transform(x[80:])
    assert least_squares(x[:80], y[:80], x[80:]) == pytest.approx(LinearRegression().fit(a, y[:80]).predict(b))
    z = PolynomialFeatures(2)
    expected = LinearRegression().fit(z.fit_transform(a), y[:80]).predict(z.transform(b))
    assert products(2, x[:80], y[:80], x[80:]) == pytest.approx(expected)
    assert exponential(x, np.exp(x[:, 0]), x) == pytest.approx(np.exp(x[:, 0]))
    line, square, cube = (variance_explained(y, powers(d, x, y, x)) for d in (1, 2, 3))
    assert line < square < cube < variance_explained(y, products(3, x, y, x))


def test_one_inverse_gives_every_held_out_prediction_of_the_kernel():
    parts = [*splits(RUN, "own rows", 4, 0), *splits(RUN, "runs held out", 4, 0)]
    found = kernel_blocks(TABLE, TARGET, parts, width=0.3, ridge=0.05)
    x, mean = standardised(TABLE, TABLE)[0], TARGET.mean()
    slow = [
        KernelRidge(alpha=0.05, kernel="rbf", gamma=0.3).fit(x[fit], TARGET[fit] - mean).predict(x[judge]) + mean
        for fit, judge in parts
    ]
    assert found == pytest.approx(np.concatenate(slow), abs=1e-8)


def test_linear_kernel_is_ridge_regression_and_has_a_floor():
    found = linear_kernel(TABLE, TARGET, TABLE, ridge=0.5, single=False, centred=True)
    x = standardised(TABLE, TABLE)[0]
    assert found == pytest.approx(Ridge(alpha=0.5).fit(x, TARGET).predict(x))
    for ridge in (1e-3, 1.0, 1e3):
        own = linear_kernel(TABLE, TARGET, TABLE, ridge=ridge, single=False, centred=False)
        assert variance_explained(TARGET, own) >= lowest_ridge_score(TARGET.mean(), TARGET.var())
    with pytest.raises(ValueError, match="expected variance > 0"):
        lowest_ridge_score(1.0, 0.0)


def test_single_precision_breaks_the_linear_kernel_of_a_report():
    table, target, _ = data_set(0, 0, seed=0)
    own = linear_kernel(table, target, table, ridge=1e-3, single=True, centred=False)
    assert variance_explained(target, own) < lowest_ridge_score(target.mean(), target.var())


def test_adam_reaches_least_squares():
    z = expanded(TABLE, 2, crossed=False)
    assert z.shape == (120, 8)
    assert expanded(TABLE, 2, crossed=True).shape == (120, 14)
    best = variance_explained(TARGET, LinearRegression().fit(z, TARGET).predict(z))
    assert adam_scores(z, TARGET, steps=(200, 8000), rate=0.01)[1] == pytest.approx(best, abs=1e-6)


def test_networks_learn_a_function_and_do_not_depend_on_their_order():
    y = np.abs(TABLE[:, 0])
    settings_ = {"hidden": (16,), "batch": 16, "epochs": 150, "seed": 3}
    one = relu_networks([(TABLE, y, TABLE), (TABLE[:80], y[:80], TABLE[80:])], **settings_)
    assert variance_explained(y, one[0]) > 0.9
    assert one[1].shape == (40,)
    again = relu_networks([(TABLE, y, TABLE), (TABLE[:80], y[:80], TABLE[80:])], **settings_)
    assert np.array_equal(one[0], again[0])
    with pytest.raises(ValueError, match="smaller batch"):
        relu_networks([(TABLE, y, TABLE)], hidden=(4,), batch=500, epochs=1, seed=0)


@given(st.floats(0.01, 0.45), st.floats(1e-10, 1e-3), st.integers(1, 60), st.floats(1e-9, 1 - 1e-9))
def test_staircase_inverts_its_steps(rate, tolerance, epochs, within):
    low, high = last_distance_step(epochs, rate=rate, tolerance=tolerance)
    distance = low + within * (high - low)
    assert epochs_from_last_distance(distance, rate=rate, tolerance=tolerance) == epochs


@settings(max_examples=10, deadline=None)
@given(
    st.sampled_from(["uniform, zero bias", "pytorch"]),
    st.sampled_from([0.05, 0.2]),
    st.sampled_from(["loss", "change"]),
)
def test_staircase_counts_every_state_of_real_runs(starts, rate, stop):
    plain = Configuration("plain", starts, rate, 1e-6, logging="one step more", stop=stop, max_epochs=200)
    rows, law = report_rows(plain, seed=3), {"rate": rate, "tolerance": effective_tolerance(plain)}
    assert np.array_equal(epochs_from_last_distance(rows.l2, **law), rows.remaining)
    slope = np.linalg.norm(gradient(rows.state), axis=0)
    assert np.array_equal(epochs_from_gradient(slope, **law), rows.remaining)
    clear = solvable(rows.state) & (np.abs(rows.goal[2]) > 1e-5)
    ratio = feature_table(rows)[clear, NAMES.index("p2_ratio")]
    assert np.allclose(epochs_from_bias_ratio(ratio, rate=rate), rows.remaining[clear], atol=0.02)


def test_laws_refuse_what_they_cannot_know():
    assert epochs_from_loss(0.25, rate=0.1, tolerance=1e-7) == epochs_from_gradient(1.0, rate=0.1, tolerance=1e-7)
    for wrong in (
        lambda: epochs_from_last_distance(0.0, rate=0.1, tolerance=1e-7),
        lambda: last_distance_step(0, rate=0.1, tolerance=1e-7),
        lambda: epochs_from_bias_ratio(0.5, rate=0.1),
        lambda: effective_tolerance(RECONSTRUCTED[2]),
        lambda: boosted_residual(1.0, 10, 0.0),
        lambda: rounding_score(0.01),
        lambda: transferred_equation(0, pairs=1),
        lambda: feature_scores(0, sets=1),
        lambda: bootstrap_spread(0, sets=1),
        lambda: score_tables(0, sets=1, slow_sets=(2, 0, 0)),
    ):
        with pytest.raises(ValueError, match="expected"):
            wrong()


def test_rounding_leaves_a_twelfth():
    x = np.random.default_rng(0).uniform(1, 36, 200_000)
    n = np.floor(x) + 1
    assert r2_score(n, x + 0.5) == pytest.approx(
        rounding_score(n.var()), abs=1e-5
    )  # six standard errors of the mean square


def test_table_does_not_depend_on_the_workers(monkeypatch):
    found = []
    for workers in ("1", "2"):
        monkeypatch.setenv("TRAINPHYS_WORKERS", workers)
        found.append(score_tables(1, sets=1, slow_sets=(0, 0, 0)))
    for one, other in zip(*found, strict=True):
        assert one.scores.tobytes() == other.scores.tobytes()
        line, square = (one.of(row, "own rows") for row in (ROWS[5], ROWS[6]))
        assert (square >= line).all()
        assert line.min() > 0.9


def test_bootstrap_draws_whole_runs_and_folds_of_rows_look_calm():
    again = drawn_again(RUN, True, np.random.default_rng(2))
    assert all(count % 1 == 0 and (RUN[again] == r).sum() % 10 == 0 for r, count in enumerate(np.bincount(RUN[again])))
    assert len(drawn_again(RUN, False, np.random.default_rng(2))) == 120
    calm, restless = (fold_errors(0, p, sets=3) for p in ("rows held out", "runs held out"))
    assert (calm.spread < restless.spread).all()
    assert geometric_mean(calm.excess).value < 1.1
    y, p = cross_validated(least_squares, TABLE, TARGET, splits(RUN, "rows held out", 3, 0))
    assert y.shape == p.shape == (120,)


def test_the_present_tells_the_time_to_go():
    rows = report_rows(RECONSTRUCTED[1], seed=9)
    table = known_now(rows, 1.0)["logarithms of both"]
    own = variance_explained(rows.remaining, least_squares(table, rows.remaining.astype(float), table))
    assert own == pytest.approx(rounding_score(rows.remaining.var()), abs=3e-4)
