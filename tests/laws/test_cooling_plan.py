"""Tests of ``laws.cooling_plan``."""

import math

import numpy as np
import pytest

from trainphys.laws.cooling_plan import (
    dissipation_time,
    freezing_temperature,
    relaxation_time,
    spread_temperature,
    time_to_closeness,
)
from trainphys.laws.gaussian_well import divergence_from_boltzmann, entropy_production, steady_lag
from trainphys.laws.two_wells import hopping_rate
from trainphys.systems.losses import double_well, level_wells


@pytest.mark.parametrize("bad", [[0.0, 1.0], [-1.0]])
def test_cooling_times_need_positive_curvatures(bad):
    for call in (lambda: dissipation_time(bad, 2.0), lambda: time_to_closeness(bad, 1.0), lambda: relaxation_time(bad)):
        with pytest.raises(ValueError, match="flat or concave"):
            call()


def test_freezing_temperature_tends_to_its_logarithm() -> None:
    loss = double_well(1.0, 0.2)
    found = [freezing_temperature(loss, tau) for tau in (1e3, 1e6, 1e9)]
    slopes = np.diff(1 / np.array(found)) / math.log(1e3)  # d(1/T) / d ln tau -> 1/B, from r ~ exp(-B/T)
    barrier = 1 / slopes[-1]
    assert barrier == pytest.approx(0.9, rel=0.08)


def test_slow_plans_keep_what_they_promise() -> None:
    curvatures, eta = (0.5, 4.0), 2.0
    tau = dissipation_time(curvatures, 20.0, eta, dissipation=1e-3)
    rates = [float(entropy_production(steady_lag(eta, k, tau), eta, k)[0]) for k in curvatures]
    assert sum(rates) * tau * math.log(20.0) == pytest.approx(1e-3, rel=1e-3)
    tau = time_to_closeness(curvatures, 1e-7, eta)
    reached = [float(divergence_from_boltzmann(steady_lag(eta, k, tau))) for k in curvatures]
    assert sum(reached) == pytest.approx(1e-7, rel=1e-3)


def test_times_and_temperatures_of_a_mode() -> None:
    assert relaxation_time([2.0, 8.0], 0.25).tolist() == [2.0, 0.5]
    assert spread_temperature(3.0, 3.0) == 27.0


def test_freezing_is_sought_up_to_ten_barriers() -> None:
    loss = double_well(2.0)
    for T, mobility in ((0.1, 1.0), (19.9, 0.5)):
        tau = 2.0 / (hopping_rate(loss, T, mobility).rate * T)
        assert freezing_temperature(loss, tau, mobility) == pytest.approx(T, rel=1e-6)
    with pytest.raises(ValueError, match="longer cooling time"):
        freezing_temperature(loss, 2.0 / (hopping_rate(loss, 20.1).rate * 20.1))


def test_freezing_of_wells_of_any_width_and_the_longest_cooling() -> None:
    there = freezing_temperature(level_wells(1.0, 8e-4), 1e7)  # a hundred times as wide, ten thousand as slow
    assert there == pytest.approx(freezing_temperature(level_wells(1.0, 8.0), 1e3), rel=1e-6)
    with pytest.raises(ValueError, match="expected a shorter cooling time, got 1e"):
        freezing_temperature(double_well(1.0), 1e300)


@pytest.mark.parametrize("law", [lambda k: dissipation_time(k, 2.0), lambda k: time_to_closeness(k, 1.0)])
@pytest.mark.parametrize("none", [[], [[2.0, 1.0], [1.0, 2.0]]])
def test_a_matrix_is_no_list_of_curvatures(law, none):
    with pytest.raises(ValueError, match=r"expected curvatures, one or of shape \(d,\), got shape"):
        law(none)
