"""Tests of ``chapters.distance.c8_conclusions.straightness``."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainphys.chapters.distance.c8_conclusions.laws import line_share_epochs
from trainphys.chapters.distance.c8_conclusions.straightness import held_out_share, walk_share
from trainphys.laws.straight_line import line_share, slowdown_limit


@pytest.mark.parametrize(
    ("rate", "epochs"),
    [(1e-4, 3), (1e-6, 100), (1e-9, 5), (0.3, 2), (0.45, 160), (0.1, 1591), (0.2, 700), (0.49, 1000), (0.001, 101)],
)
def test_the_share_of_a_line_is_a_correlation(rate, epochs):
    n = np.arange(epochs) - (epochs - 1.0)
    distance = np.expm1(-n * np.log1p(-2 * rate)) if rate < 1e-3 else (1 - 2 * rate) ** -n
    assert float(line_share_epochs(rate, epochs)) == pytest.approx(np.corrcoef(n, distance)[0, 1] ** 2, rel=1e-11)


def test_the_share_of_a_line_at_its_ends():
    assert line_share_epochs([1e-17, 1e-300, 1e-9], [5, 3, 5]).tolist() == [1.0, 1.0, 1.0]
    t = np.log([1e160, 1e300])
    assert line_share([1e160, 1e300]) == pytest.approx(12 / t**2 * (t / 2 - 1), rel=1e-14)
    for share in (0.9, 0.9993, 0.9994, 1 - 1e-8, 1 - 1e-15):
        assert 1 - line_share(slowdown_limit(share)) == pytest.approx(1 - share, rel=1e-6, abs=3e-16)
    for lost in (1e-8, 1e-12):
        assert slowdown_limit(1 - lost) - 1 == pytest.approx(np.sqrt(60 * lost), rel=1e-3)


@given(st.floats(0.01, 0.45), st.integers(2, 60))
def test_line_share_of_whole_epochs_is_a_squared_correlation(rate, epochs):
    n = np.arange(1, epochs + 1)
    distance = (1 - 2 * rate) ** -n.astype(float)
    assert line_share_epochs(rate, epochs) == pytest.approx(np.corrcoef(n, distance)[0, 1] ** 2, rel=1e-6)


def test_whole_epochs_approach_the_limit_of_small_steps_at_first_order():
    errors = []
    for epochs in (100, 200, 400):
        rate = (1 - 50.0 ** (-1 / epochs)) / 2
        errors.append(abs(line_share_epochs(rate, epochs) - line_share(50.0)))
    assert np.log2(errors[0] / errors[1]) > 0.9
    assert np.log2(errors[1] / errors[2]) > 0.9


@pytest.mark.parametrize(("rate", "epochs"), [(0.05, 8), (0.1, 33), (0.2, 12)])
def test_walks_follow_the_closed_form(rate, epochs):
    assert walk_share(rate, epochs, seed=5).value == pytest.approx(float(line_share_epochs(rate, epochs)), rel=1e-9)


def test_held_out_share_judges_on_other_runs():
    rng = np.random.default_rng(0)
    run, x = np.repeat(np.arange(400), 5), rng.standard_normal((2000, 3))
    y = x @ [1.0, 2.0, -1.0] + 0.5 * rng.standard_normal(2000)
    found = held_out_share(run, x, y, seed=0)
    assert abs(found.value - 6 / 6.25) < 5 * found.stderr
    noise = held_out_share(run, rng.standard_normal(2000), y, seed=0)
    assert abs(noise.value) < 5 * noise.stderr + 0.01


def test_the_fit_sees_no_run_that_is_judged():
    """Even runs are all noise and odd ones a line: a fit that saw them would explain it."""
    run, x = np.repeat(np.arange(60), 3), np.random.default_rng(1).normal(size=180)
    y = np.where(run % 2 == 1, 2 * x, np.random.default_rng(2).normal(size=180))
    fitted, judged = (
        [(a, b) for a, b, r in zip(x, y, run, strict=True) if r % 2 == 0],
        [(a, b) for a, b, r in zip(x, y, run, strict=True) if r % 2],
    )
    mx, my = (sum(row[i] for row in fitted) / len(fitted) for i in (0, 1))
    slope = sum((a - mx) * (b - my) for a, b in fitted) / sum((a - mx) ** 2 for a, _ in fitted)
    mean = sum(b for _, b in judged) / len(judged)
    missed = sum((b - my - slope * (a - mx)) ** 2 for a, b in judged) / sum((b - mean) ** 2 for _, b in judged)
    assert held_out_share(run, x, y, seed=0).value == pytest.approx(1 - missed)
    assert 1 - missed < 0.5  # all rows together would explain far more


def test_held_out_share_is_not_fitted_on_the_judged_runs():
    run, x = np.repeat(np.arange(4), 50), np.tile(np.linspace(-1.0, 1.0, 50), 4)
    assert held_out_share(run, x, np.where(run % 2 == 0, x, -x), seed=0).value == pytest.approx(-3.0)
