"""Tests of ``laws.optimal_schedules``."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize, minimize_scalar

from trainphys.laws.optimal_schedules import (
    least_energy_dissipated,
    least_energy_temperature,
    least_entropy_produced,
    least_entropy_schedule,
    least_entropy_to_rest,
    least_final_loss,
    least_gradient_work,
)

paths = st.tuples(st.floats(0.2, 5.0), st.floats(0.2, 5.0), st.floats(0.5, 20.0), st.floats(0.2, 5.0))


def production(spread, clock, k):
    """Entropy and energy dissipated along a path of the spread, straight from T = u + u'/2k."""
    u, slope = spread, np.gradient(spread, clock, edge_order=2)
    T = u + slope / (2 * k)
    rate = k * (u - T) ** 2 / (u * T)
    return np.trapezoid(rate, clock), np.trapezoid(T * rate, clock), T


@settings(max_examples=40)
@given(paths, st.floats(-0.3, 0.3))
def test_no_other_path_produces_less(ends, bend):
    u0, uf, S, k = ends
    if abs(np.log(u0 / uf)) > k * S or np.sqrt(u0) - np.sqrt(uf) > 0.5 * k * S * np.sqrt(uf):
        return
    s = np.linspace(0, S, 2001)
    bump = np.exp(bend * np.sin(np.pi * s / S))
    entropy, _, T = production(u0 * (uf / u0) ** (s / S) * bump, s, k)
    if T.min() > 0:
        assert entropy >= float(least_entropy_produced(u0, uf, S, k)) - 1e-5
    straight = (np.sqrt(u0) + (np.sqrt(uf) - np.sqrt(u0)) * s / S) ** 2
    _, energy, T = production(straight * bump, s, k)
    if T.min() > 0:
        assert energy >= float(least_energy_dissipated(u0, uf, S, k)) - 1e-5


def test_the_optimal_paths_reach_their_laws():
    s = np.linspace(0, 3, 4001)
    entropy, _, T = production(0.2 ** (s / 3), s, 1.0)
    assert entropy == pytest.approx(float(least_entropy_produced(1.0, 0.2, 3.0, 1.0)), rel=1e-5)
    np.testing.assert_allclose(T, least_entropy_schedule(1.0, 0.2, 3.0, 1.0).temperature(s), rtol=1e-4)
    _, energy, T = production((1 + (np.sqrt(0.2) - 1) * s / 3) ** 2, s, 1.0)
    assert energy == pytest.approx(float(least_energy_dissipated(1.0, 0.2, 3.0, 1.0)), rel=1e-5)
    np.testing.assert_allclose(T, least_energy_temperature(s, 1.0, 0.2, 3.0, 1.0), rtol=1e-4)


@pytest.mark.parametrize(("end", "clock", "curvature"), [(0.1, 3.0, 2.0), (1e-3, 0.5, 1.0)])
def test_letting_go_is_at_the_best_spread(end, clock, curvature):
    """The second clock is too short to arrive: even T = 0 leaves a spread of 1/e."""

    def total(spread):
        y = spread / end
        return float(least_entropy_produced(1.0, spread, clock, curvature)) + (y - 1 - np.log(y)) / 2

    lowest = max(end, np.exp(-2 * clock * curvature) * (1 + 1e-6))
    by_search = minimize_scalar(total, bounds=(lowest, 0.99), method="bounded", options={"xatol": 1e-10})
    found = least_entropy_to_rest(1.0, end, clock, curvature)
    assert found == pytest.approx((by_search.fun, by_search.x), rel=1e-5)


def test_quench_is_best_for_the_final_loss():
    def final(log_T):
        u = 1.0
        for T in np.exp(log_T):
            u = T + (u - T) * np.exp(-2 * 1.5 * 0.1)
        return u / 2

    found = minimize(final, np.zeros(10), bounds=[(np.log(0.2), 0.0)] * 10)
    assert found.fun == pytest.approx(float(least_final_loss(1.0, 0.2, 1.0, 1.5)), rel=1e-8)


def test_gradient_work_at_constant_noise_is_the_least():
    u0, T, eta, k, t = 2.0, 0.5, 0.3, 1.5, 1.7
    spread = lambda s: T + (u0 - T) * np.exp(-2 * eta * k * s)  # noqa: E731
    work = quad(lambda s: eta * k * spread(s), 0, t)[0]
    assert float(least_gradient_work(u0, spread(t), eta * T, k, t)) == pytest.approx(work)


def test_a_schedule_in_time_is_that_of_its_clock():
    slow, fast = (least_entropy_schedule(1.0, 0.2, 6.0 / eta, 1.3, eta) for eta in (0.5, 2.0))
    assert float(slow.temperature(12.0)) == pytest.approx(float(fast.temperature(3.0)))
    assert (slow.mobility(1.0), fast.mobility(1.0)) == (0.5, 2.0)
