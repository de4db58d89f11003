"""Tests of ``tools.time_to_target.loss_tails``."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import linregress

from trainphys.tools.time_to_target.forecast import time_to_target
from trainphys.tools.time_to_target.loss_tails import EXPONENTS, GEOMETRIC, POWER, Laws, effective, fit_laws, outlook


def coordinate(p: float, time: np.ndarray) -> np.ndarray:
    return np.log(time) if p == 0 else (time**p - 1) / p


def noisy_laws(looks: int = 41) -> Laws:
    t = np.arange(1.0, looks + 1)
    return fit_laws(-2.0 * np.sqrt(t) + 0.05 * np.random.default_rng(4).standard_normal(looks))


def only(laws: Laws, **weights: float) -> Laws:
    """The same fits with other weights: shares of the laws of these numbers, none of the others."""
    evidence = np.full(len(EXPONENTS), -np.inf)
    for law, weight in weights.items():
        evidence[int(law[1:])] = math.log(weight)
    return replace(laws, evidence=evidence)


@given(st.sampled_from(EXPONENTS.tolist()), st.floats(0.5, 4.0), st.integers(40, 160))
def test_a_tail_between_the_two_is_known_as_well(p: float, rate: float, seen: int) -> None:
    t = np.arange(1.0, seen + 1) / seen
    left = time_to_target(np.exp(-rate * coordinate(p, t)), float(np.exp(-rate * coordinate(p, np.array(1.5)))))
    assert left.value == pytest.approx(0.5 * seen, rel=1e-4)
    assert left.exponent == pytest.approx(p, abs=1e-3)


def test_the_outlook_leaves_out_laws_that_level_off() -> None:
    laws = fit_laws(0.01 * np.random.default_rng(0).standard_normal(30) - np.log(np.arange(1.0, 31.0)))
    far = outlook(laws, -12.0)
    assert far.never > 0
    assert math.isinf(far.by_law[0])
    assert math.isfinite(far.log_steps)


def test_each_law_is_a_straight_line_of_least_squares() -> None:
    """Of the last half of the history, in the law's own time; the error counts the residuals that are independent."""
    looks = 41
    t = np.arange(1.0, looks + 1)
    y = -2.0 * np.sqrt(t) + 0.05 * np.random.default_rng(4).standard_normal(looks)
    laws, late = fit_laws(y), slice(20, None)
    powers = []
    for k, p in enumerate(EXPONENTS):
        x = coordinate(p, t / looks)[late]
        line = linregress(x, y[late])
        residuals = y[late] - line.intercept - line.slope * x
        worth = float(effective(residuals[None])[0])
        assert laws.rate[k] == pytest.approx(-line.slope)
        assert laws.line[k] == pytest.approx(line.intercept)  # x = 0 at the last look
        assert laws.level[k] == pytest.approx(line.intercept + math.log(np.exp(residuals).mean()))
        assert laws.independent[k] == pytest.approx(worth)
        assert laws.noise[k] == pytest.approx(math.sqrt((residuals**2).sum() / 19))
        assert laws.rate_error[k] == pytest.approx(line.stderr * math.sqrt(21 / worth))
        early, later = (linregress(x[part], y[late][part]) for part in (slice(10), slice(10, None)))
        assert laws.bend[k] == pytest.approx(later.slope / early.slope)
        powers.append((residuals**2).sum())
    best = int(np.argmin(powers))
    assert laws.evidence == pytest.approx(-0.5 * laws.independent[best] * np.log(np.array(powers) / powers[best]))
    assert laws.weight == pytest.approx(np.exp(laws.evidence) / np.exp(laws.evidence).sum())


def test_the_error_of_the_bend_is_how_far_it_scatters_when_the_noise_is_drawn_again() -> None:
    t, rng = np.arange(1.0, 81.0), np.random.default_rng(7)
    drawn = [fit_laws(-2.0 * np.log(t) + 0.02 * rng.standard_normal(80)) for _ in range(400)]
    scatter = np.std([laws.bend for laws in drawn], axis=0)
    assert np.mean([laws.bend_error for laws in drawn], axis=0) == pytest.approx(scatter, rel=0.15)


def test_a_rate_that_was_not_above_zero_has_no_bend() -> None:
    for middle in (np.zeros(10), np.linspace(0, 1, 10)):
        assert np.isnan(fit_laws(np.concatenate([np.zeros(20), middle, np.linspace(0, -1, 10)])).bend).all()


def test_norms_that_fall_with_the_loss_speak_for_the_law_behind_both() -> None:
    """Losses that say nothing, and norms with g^2 / L = t^(p - 1): the weight goes to that p, whatever the units."""
    t, rng = np.arange(1.0, 61.0), np.random.default_rng(1)
    y = -0.1 * np.log(t) + 0.3 * rng.standard_normal(60)
    for p in (0.0, 0.5, 1.0):
        log_norms = 0.5 * (y + (p - 1) * np.log(t) + 0.02 * rng.standard_normal(60)) + 3.0
        assert EXPONENTS[fit_laws(y, log_norms).weight.argmax()] == pytest.approx(p, abs=0.11)
        assert fit_laws(y, log_norms).evidence.max() == 0


def test_each_law_reaches_the_target_where_its_own_curve_does() -> None:
    laws, target = noisy_laws(), -26.5  # too deep for a law that levels off
    found = outlook(laws, target)
    for k, p in enumerate(EXPONENTS):
        away = lambda t, k=k, p=p: laws.level[k] - laws.rate[k] * coordinate(p, t) - target  # noqa: E731
        if away(1e15) > 0:
            assert math.isinf(found.by_law[k])
        else:
            assert found.by_law[k] == pytest.approx(math.log((brentq(away, 1.0, 1e15, xtol=1e-12) - 1) * 41), rel=1e-8)
    reached = np.isfinite(found.by_law)
    assert 0 < reached.sum() < len(reached)
    weight = laws.weight[reached] / laws.weight[reached].sum()
    assert found.log_steps == pytest.approx(weight @ found.by_law[reached])
    assert found.never == pytest.approx(laws.weight[~reached].sum(), abs=1e-15)


@pytest.mark.parametrize("law", [POWER, 18, GEOMETRIC])
def test_the_error_within_a_law_is_that_of_its_rate_and_of_its_level(law: int) -> None:
    """By differences: ln(steps) moves with the rate by its error, and with the level by the noise at the crossing."""
    laws, target, h = only(noisy_laws(), **{f"_{law}": 1.0}), -16.0, 1e-5
    found = outlook(laws, target)

    def moved(**change: np.ndarray) -> float:
        return float(outlook(replace(laws, **change), target).by_law[law] - found.by_law[law]) / h

    by_rate = moved(rate=laws.rate + h) * laws.rate_error[law]
    by_level = moved(level=laws.level + h) * laws.noise[law] * math.sqrt(1 + 4 / laws.independent[law])
    assert found.within == pytest.approx(math.hypot(by_rate, by_level), rel=1e-3)
    assert found.between_laws == pytest.approx(0, abs=1e-6)
    assert found.exponent == pytest.approx(EXPONENTS[law])
    ahead, behind = min(law + 1, GEOMETRIC), law - 1
    slope = (found.by_law[ahead] - found.by_law[behind]) / (EXPONENTS[ahead] - EXPONENTS[behind])
    assert found.leverage == pytest.approx(abs(slope))


def test_a_target_nearer_than_the_noise_errs_by_all_of_the_way() -> None:
    laws = only(noisy_laws(), **{f"_{GEOMETRIC}": 1.0})
    target, h = float(laws.level[GEOMETRIC] - 0.1 * laws.noise[GEOMETRIC]), 1e-5
    found, moved = (outlook(replace(laws, rate=laws.rate * (1 + step)), target) for step in (0.0, h))
    gain = abs(moved.log_steps - found.log_steps) / h
    error = math.hypot(
        laws.rate_error[GEOMETRIC] / laws.rate[GEOMETRIC], math.sqrt(1 + 4 / laws.independent[GEOMETRIC])
    )
    assert found.within == pytest.approx(gain * error, rel=1e-3)


def test_two_laws_of_equal_weight_scatter_by_half_of_what_lies_between_them() -> None:
    found = outlook(only(noisy_laws(), _14=0.5, _20=0.5), -16.0)
    assert found.between_laws == pytest.approx(abs(found.by_law[14] - found.by_law[20]) / 2)
    assert found.log_steps == pytest.approx((found.by_law[14] + found.by_law[20]) / 2)
    assert found.exponent == pytest.approx((EXPONENTS[14] + EXPONENTS[20]) / 2)


def test_a_residual_is_worth_less_when_its_neighbours_are_like_it() -> None:
    """A known correlation of 1/2, about a fitted line: the mean of what is found, and the cut at one."""
    rng, n, phi = np.random.default_rng(0), 100, 0.5
    x = np.arange(n) - (n - 1) / 2
    row = rng.standard_normal((4000, n + 50))
    for k in range(1, n + 50):
        row[:, k] += phi * row[:, k - 1]
    row = row[:, 50:] - row[:, 50:].mean(axis=1, keepdims=True)
    row -= (row @ x / (x @ x))[:, None] * x
    worth = effective(row) / n
    assert ((1 - worth) / (1 + worth)).mean() == pytest.approx(phi, abs=0.012)
    assert effective(np.array([[1.0, 1.0, -1.0, -1.0] * 4]))[0] == pytest.approx(
        16 * 51 / 77
    )  # phi 1/16, with (2 + 1/4) / 16
    assert effective(np.ones((2, 30))).tolist() == [1.0, 1.0]
    assert effective(np.zeros((1, 30)))[0] == pytest.approx(30 * 28 / 32)
