"""Explosions, swings and couplings: renewal equation against counting, counted swings against angles."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from trainphys.chapters.power.a5_instability_modes.coupling import claimed_coupling, split_modes_found, threshold_found
from trainphys.chapters.power.a5_instability_modes.explosions import simulated_explosions, split_explosions
from trainphys.chapters.power.a5_instability_modes.swings import (
    claimed_frequency,
    measured_loss_frequency,
    measured_swing,
    run_scaled,
    swing_window,
)
from trainphys.laws.divergence import NoisyStep, explosion_probability
from trainphys.laws.oscillation import critical_coupling, critical_coupling_of_updates, loss_frequency, update_frequency
from trainphys.laws.stability import heavy_ball_matrix, largest_mean_square_step


@pytest.mark.parametrize(("a", "batch"), [(0.5, 4.0), (1.7, 9.0), (2.2, 32.0)])
def test_moments_drift_and_law_against_sampling(a, batch):
    step, rng = NoisyStep(a, batch), np.random.default_rng(0)
    gap = np.abs(1 - a * rng.gamma(batch / 2, 2 / batch, 400_000))
    for exact, sample in ((step.moment(1.5), gap**1.5), (step.drift(), np.log(gap)), (step.moment(2), gap**2)):
        assert abs(exact - sample.mean()) < 6 * sample.std() / math.sqrt(sample.size)
    for level in (-1.0, 0.0, 0.5):
        assert float(step.jumps_below(level)) == pytest.approx((np.log(gap) <= level).mean(), abs=0.005)


@given(st.floats(4.0, 200.0))
@settings(deadline=None, max_examples=10)
def test_exponent_is_two_at_the_mean_square_limit(batch):
    step = NoisyStep(largest_mean_square_step(1.0, 0.0, 2 / batch), batch)
    assert step.exponent() == pytest.approx(2.0, abs=1e-5)


@pytest.mark.parametrize(("a", "batch", "factor"), [(1.5, 4, 5.0), (2.05, 33, 30.0), (1.9, 16, 10.0)])
def test_renewal_equation_against_counting_and_splitting(a, batch, factor):
    step = NoisyStep(a, batch)
    exact = explosion_probability(a, batch, factor)
    counted = simulated_explosions(step, factor, runs=40_000, seed=1)
    assert abs(counted.value - exact) <= counted.tolerance() + 0.01 * exact
    split = split_explosions(step, factor, walkers=2000, groups=16, seed=2)
    assert abs(split.value - exact) < 6 * split.stderr + 0.01 * exact


def test_explosions_obey_lundberg():
    step = NoisyStep(1.9, 16)
    s = step.exponent()
    shares = [explosion_probability(1.9, 16, k) * k**s for k in (1e2, 1e3, 1e4)]
    assert all(c < 1 for c in shares)
    assert shares[1] == pytest.approx(shares[2], rel=0.01)


def test_grid_of_the_renewal_equation_converges():
    coarse, fine = (explosion_probability(2.0, 32, cells=n) for n in (300, 800))
    assert coarse == pytest.approx(fine, rel=0.01)


@given(st.floats(0.01, 3.9), st.floats(0.0, 0.99))
def test_swing_is_the_angle_of_the_leading_eigenvalue(a, b):
    values = np.linalg.eigvals(heavy_ball_matrix(a, b))
    leading = values[np.argmax(np.abs(values))]
    low, high = swing_window(b)
    if min(abs(a - low), abs(a - high)) > 1e-3:
        assert update_frequency(a, b) == pytest.approx(abs(np.angle(leading)), abs=1e-6)
    assert 0 <= loss_frequency(a, b) <= math.pi


@pytest.mark.parametrize(("a", "b"), [(0.03, 0.98), (0.8, 0.6), (2.4, 0.5)])
def test_counted_swing_and_spectrum_of_the_loss(a, b):
    values = run_scaled(a, b, updates=20_000, seed=3)
    swing, loss = measured_swing(values), measured_loss_frequency(values)
    assert abs(swing.value - update_frequency(a, b)) <= swing.tolerance()
    assert abs(loss.value - loss_frequency(a, b)) <= loss.tolerance()
    assert run_scaled(a, b, updates=10, seed=3).shape == (10,)


def test_claimed_frequency_is_the_limit_of_weak_damping():
    assert update_frequency(1e-4, 1 - 1e-7) == pytest.approx(claimed_frequency(1e-4), rel=1e-4)


def test_split_modes_in_the_flow_and_in_updates():
    gamma, w = 0.2, 1.0
    g = critical_coupling(gamma, w)
    held = [math.sqrt(w**2 + sign * g**2 - gamma**2 / 4) for sign in (1, -1)]
    assert held[0] - held[1] == pytest.approx(gamma)
    found = split_modes_found(0.09, 0.985, seed=1, updates=20_000)
    assert abs(found.value - critical_coupling_of_updates(0.09, 0.985)) <= found.tolerance()


@pytest.mark.parametrize("criterion", ["balanced gain", "instability"])
def test_thresholds_by_propagator_and_by_integration(criterion):
    damping, w = 0.15, 1.0
    law = critical_coupling(damping, w, criterion)
    found = threshold_found(damping, w, criterion)
    assert abs(found.value - law) <= found.tolerance()
    other = -damping if criterion == "balanced gain" else damping

    def flow(_, s, g):
        return [s[2], s[3], -damping * s[2] - w**2 * s[0] - g**2 * s[1], -other * s[3] - w**2 * s[1] - g**2 * s[0]]

    ends = [
        np.abs(solve_ivp(flow, (0, 600), [1.0, 0.3, 0.0, 0.0], args=(c * law,), rtol=1e-8).y[:, -1]).max()
        for c in (0.95, 1.05)
    ]
    assert (ends[0] > 100 > ends[1]) if criterion == "balanced gain" else (ends[0] < 100 < ends[1])


def test_claimed_coupling_is_the_limit_of_weak_damping():
    for criterion in ("split modes", "balanced gain"):
        assert critical_coupling(1e-4, 1.0, criterion) == pytest.approx(claimed_coupling(1e-4, 1.0), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NoisyStep(-1.0, 16), "step_curvature"),
        (lambda: NoisyStep(1.0, 1), "batch_size"),
        (lambda: explosion_probability(1.0, 16, 0.5), "factor > 1"),
        (lambda: update_frequency(1.0, 1.0), "momentum"),
        (lambda: swing_window(-0.1), "momentum"),
        (lambda: claimed_frequency(-1.0), "step_curvature"),
        (lambda: claimed_coupling(0.0, 1.0), "damping"),
        (lambda: critical_coupling(2.0, 1.0), "must swing"),
        (lambda: critical_coupling(0.1, 1.0, "other"), "balanced gain"),
        (lambda: critical_coupling_of_updates(0.1, 0.5), "line width"),
    ],
)
def test_bad_input_says_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
