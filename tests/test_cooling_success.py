"""Success probabilities, hopping between wells, and the race of annealing and quenching."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import erf

from trainphys.chapters.cooling.b7_guarantees.claimed import claimed_success, crowding
from trainphys.chapters.cooling.b7_guarantees.quench_race import (
    exponential_through,
    quench_against_annealing,
    race_particles,
)
from trainphys.ensemble import stream
from trainphys.laws.success import boltzmann_success, harmonic_success, lagging_success
from trainphys.laws.two_wells import Budget, hopping_rate, race_law, upper_share
from trainphys.simulate.fokker_planck import jump_rates
from trainphys.simulate.success import mass_within, share_within
from trainphys.systems.coolings import quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic, wells


def test_harmonic_success_in_closed_form() -> None:
    assert float(harmonic_success(3.0, 1)) == pytest.approx(erf(math.sqrt(3.0)))
    assert float(harmonic_success(3.0, 2)) == pytest.approx(float(claimed_success(3.0)))
    assert float(harmonic_success(3.0, 4)) == pytest.approx(1 - 4 * math.exp(-3.0))
    assert float(harmonic_success(3.0, 2, lag=3.0)) == pytest.approx(1 - math.exp(-1.0))


def test_success_does_not_depend_on_the_curvatures() -> None:
    k = np.array([0.1, 1.0, 30.0])
    x = stream(0, "curvatures").standard_normal((200_000, 3)) * np.sqrt(0.5 / k)
    found = share_within([harmonic(c) for c in k], x, 1.5)
    assert abs(found.value - float(harmonic_success(3.0, 3))) < found.tolerance()


def test_lagging_success_against_samples() -> None:
    lags = np.array([1.0, 1.3, 2.0, 4.0])
    z = stream(1, "lags").standard_normal((400_000, 4))
    share = ((z**2 * lags).sum(axis=1) / 2 < 4.0).mean()
    assert abs(lagging_success(4.0, lags) - share) < 5 * math.sqrt(0.25 / 400_000)


@pytest.mark.parametrize("d", [3, 10, 100])
def test_lagging_success_of_equal_lags(d: int) -> None:
    assert lagging_success(d / 2, [1.5] * d) == pytest.approx(float(harmonic_success(d / 2, d, 1.5)), abs=1e-6)


def test_quadrature_agrees_with_the_quadratic_and_the_quartic_law() -> None:
    assert boltzmann_success(harmonic(3.0), 0.2, 0.5) == pytest.approx(float(harmonic_success(2.5, 1)), abs=1e-4)
    quartic = Quartic((0, 0, 0, 0, 2.0))  # loss over T is a gamma variable of shape 1/4
    assert boltzmann_success(quartic, 0.2, 0.5) == pytest.approx(float(harmonic_success(2.5, 0.5)), abs=1e-4)


def test_crowding_decides_the_claimed_bound() -> None:
    for gap in (0.0, 0.3, 1.0):
        for temperature in (0.2, 0.5, 1.0):
            for tolerance in (0.1, 0.29, 0.6, 0.98):
                loss = double_well(1.0, gap)
                holds = boltzmann_success(loss, temperature, tolerance) >= float(
                    claimed_success(tolerance / temperature)
                )
                assert holds == (crowding(loss, temperature, tolerance) <= 1)


def test_mass_within_agrees_with_the_quadrature() -> None:
    loss = double_well(1.0, 0.5)
    grid = Grid.around(loss, 0.5, 500)
    assert mass_within(loss, boltzmann(loss, 0.5, grid), 0.3, grid) == pytest.approx(
        boltzmann_success(loss, 0.5, 0.3), abs=2e-3
    )


@pytest.mark.parametrize(("gap", "temperature"), [(0.0, 0.15), (0.5, 0.15), (0.5, 0.1)])
def test_hopping_rate_is_the_slowest_rate_of_the_generator(gap: float, temperature: float) -> None:
    loss, grid = double_well(1.0, gap), Grid(-1.9, 1.9, 500)
    up, down = jump_rates(loss, temperature, 1.0, grid)
    # the generator in symmetric form has the same eigenvalues
    diagonal = np.r_[up, 0] + np.r_[0, down]
    symmetric = np.diag(-diagonal) + np.diag(np.sqrt(up * down), 1) + np.diag(np.sqrt(up * down), -1)
    slowest = -np.sort(np.linalg.eigvalsh(symmetric))[-2]
    assert hopping_rate(loss, temperature).rate == pytest.approx(slowest, rel=0.02)


def test_upper_share_at_equilibrium_and_relaxing() -> None:
    loss = double_well(1.0, 0.5)
    found = hopping_rate(loss, 0.3)
    grid = Grid.around(loss, 0.3, 4000)
    left = boltzmann(loss, 0.3, grid)[grid.centres < wells(loss).top].sum() * grid.width
    assert found.upper_share == pytest.approx(left, abs=2e-3)
    t = np.array([0.0, 5.0, 20.0])
    relaxed = upper_share(loss, quench(0.3), t, start=0.9)
    expected = found.upper_share + (0.9 - found.upper_share) * np.exp(-found.rate * t)
    np.testing.assert_allclose(relaxed, expected, rtol=1e-5)


@pytest.mark.parametrize("slows", [False, True])
def test_race_agrees_with_the_two_state_law(slows: bool) -> None:
    loss, budget = double_well(1.0, 0.5), Budget(1.0, 0.05, 200.0, slows)
    found = quench_against_annealing(loss, budget, 0.3)
    annealing, quenched = race_law(loss, budget, 0.3)
    assert found.annealing.value == pytest.approx(annealing, rel=0.02)
    assert found.quench.value == pytest.approx(quenched, rel=0.02)


def test_race_of_particles_agrees_with_the_density() -> None:
    loss, budget = double_well(0.5, 0.25), Budget(1.0, 0.1, 15.0, True)
    by_density = quench_against_annealing(loss, budget, 0.15)
    by_particles = race_particles(loss, budget, 0.15, 30_000, 0.005, stream(0, "race test"))
    for name in ("annealing", "quench"):
        one, other = getattr(by_particles, name), getattr(by_density, name)
        assert abs(one.value - other.value) < one.tolerance() + other.tolerance()


def test_equal_clock() -> None:
    budget = Budget(1.0, 0.01, 10.0, slows=True)
    assert budget.quench_duration == pytest.approx(2 * budget.annealing.tau * (1 - 0.1))
    assert Budget(1.0, 0.01, 10.0).quench_duration == 10.0


def test_a_quench_wins_in_one_basin() -> None:
    assert quench_against_annealing(harmonic(), Budget(1.0, 0.05, 5.0), 0.15).ratio.value < 0.5


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="dimension > 0"):
        harmonic_success(1.0, 0)
    with pytest.raises(ValueError, match="at least 3 lags"):
        lagging_success(1.0, [1.0, 1.0])
    with pytest.raises(ValueError, match="tolerance > 0"):
        boltzmann_success(harmonic(), 1.0, 0.0)
    with pytest.raises(ValueError, match="coordinates"):
        share_within([harmonic()], np.zeros((5, 2)), 1.0)
    with pytest.raises(ValueError, match="gap between the wells"):
        race_law(double_well(1.0, 0.5), Budget(1.0, 0.05, 10.0), 0.6)
    with pytest.raises(ValueError, match="two wells"):
        wells(harmonic())
    with pytest.raises(ValueError, match="mirror the loss"):
        wells(Quartic((1.0, 0.5, -2.0, 0.0, 1.0)))
    with pytest.raises(ValueError, match="temperature and mobility"):
        hopping_rate(double_well(1.0), 0.0)
    with pytest.raises(ValueError, match="increasing times"):
        upper_share(double_well(1.0), quench(1.0), [0.0])
    with pytest.raises(ValueError, match="between 0 and 1"):
        upper_share(double_well(1.0), quench(1.0), [0.0, 1.0], start=2.0)
    with pytest.raises(ValueError, match="0 <= gap"):
        double_well(1.0, 10.0)
    with pytest.raises(ValueError, match="curvature > 0"):
        harmonic(-1.0)
    with pytest.raises(ValueError, match="grows on both sides"):
        Quartic((0, 0, -1, 0, 0))
    assert exponential_through(1.0, 3.0, 2.0) == 9.0
