"""Tests of ``laws.gaussian_well``."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from trainphys.laws.gaussian_well import (
    divergence_from_boltzmann,
    entropy_production,
    euler_temperature,
    steady_lag,
    stopping_temperature,
    variance_lag,
)
from trainphys.simulate.cooling_runs import CoolingRun
from trainphys.systems.coolings import Exponential
from trainphys.systems.losses import harmonic


def test_lag_has_its_closed_form_at_constant_mobility() -> None:
    k, eta, tau, y0 = 1.5, 0.8, 2.0, 3.0
    times = np.linspace(0, 60, 50)  # the temperature falls by thirteen orders of magnitude
    c, final = 2 * eta * k - 1 / tau, steady_lag(eta, k, tau)
    expected = final + (y0 - final) * np.exp(-c * times)
    np.testing.assert_allclose(variance_lag(k, Exponential(1.0, tau, eta), times, y0), expected, rtol=1e-6)


def test_trailing_lag_is_lost_when_cooling_is_too_fast() -> None:
    assert steady_lag(1.0, 1.0, 0.5) == math.inf
    assert steady_lag(1.0, 1.0, 50.0) == pytest.approx(1.0101, abs=1e-4)


@pytest.mark.parametrize(("tau", "start"), [(0.5, 1.0), (3.0, 1.0), (1.0, 4.0)])
def test_stopping_temperature_is_where_the_spread_stops(tau: float, start: float) -> None:
    schedule = Exponential(1.0, tau, 1.2, 2 * tau)

    def rate(t: float) -> float:  # the integral solution of the variance, to the end of the clock
        left = float(schedule.clock(math.inf) - schedule.clock(t))
        return 2 * float(schedule.mobility(t) * schedule.temperature(t)) * math.exp(-2 * 1.5 * left)

    variance = start / 1.5 * math.exp(-2 * 1.5 * float(schedule.clock(math.inf))) + quad(rate, 0, 60 * tau)[0]
    assert stopping_temperature(1.5, schedule, start) == pytest.approx(1.5 * variance, rel=1e-6)


def test_refined_states_an_error_that_covers_the_exact_value() -> None:
    schedule = Exponential(1.0, 2.0)
    found = CoolingRun(harmonic(), schedule, 3.0, cells=400, steps=800).estimate(lambda run: float(run.total[-1]))
    law = entropy_production(variance_lag(1.0, schedule, [0.0, 3.0])[-1], 1.0, 1.0)[0]
    assert abs(found.value - law) < found.tolerance()
    assert found.tolerance() < 0.05 * law


def test_euler_steps_rest_where_their_variance_repeats_itself() -> None:
    T, eta, k, dt = 0.7, 0.4, 3.0, 0.5
    variance = euler_temperature(T, eta, k, dt) / k
    assert (1 - eta * k * dt) ** 2 * variance + 2 * eta * T * dt == pytest.approx(variance)


@pytest.mark.parametrize("y", [0.4, 3.0])
def test_divergence_and_production_by_quadrature(y: float) -> None:
    wide, eta, k, T = norm(scale=math.sqrt(y * 0.5 / 2.0)), 0.3, 2.0, 0.5  # variance y T / k
    rest = norm(scale=math.sqrt(0.5 / 2.0))
    divergence = quad(lambda x: wide.pdf(x) * (wide.logpdf(x) - rest.logpdf(x)), -12, 12, points=(0.0,))[0]
    assert float(divergence_from_boltzmann(y)) == pytest.approx(divergence)
    velocity = eta * k * (1 / y - 1)  # times x
    produced = quad(lambda x: wide.pdf(x) * (velocity * x) ** 2 / (eta * T), -12, 12, points=(0.0,))[0]
    heat = -quad(lambda x: wide.pdf(x) * velocity * x * k * x / T, -12, 12, points=(0.0,))[0]
    assert entropy_production(y, eta, k) == pytest.approx((produced, heat, produced - heat))
