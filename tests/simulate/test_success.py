"""Tests of ``simulate.success``."""

import math

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.ensemble import stream
from trainphys.laws.success import boltzmann_success, harmonic_success
from trainphys.simulate.success import failure, mass_within, share_within
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import double_well, harmonic


def test_success_does_not_depend_on_the_curvatures() -> None:
    k = np.array([0.1, 1.0, 30.0])
    x = stream(0, "curvatures").standard_normal((200_000, 3)) * np.sqrt(0.5 / k)
    found = share_within([harmonic(c) for c in k], x, 1.5)
    assert abs(found.value - float(harmonic_success(3.0, 3))) < found.tolerance()


def test_mass_within_agrees_with_the_quadrature() -> None:
    loss = double_well(1.0, 0.5)
    grid = Grid.around(loss, 0.5, 500)
    assert mass_within(loss, boltzmann(loss, 0.5, grid), 0.3, grid) == pytest.approx(
        boltzmann_success(loss, 0.5, 0.3), abs=2e-3
    )


def test_failure_holds_the_hotter_of_start_and_schedule() -> None:
    late = [failure(harmonic(), quench(end), 20.0, 0.3, start, 2000, 400) for start, end in ((1.0, 0.1), (0.1, 1.0))]
    exact = [1 - float(harmonic_success(0.3 / end, 1)) for end in (0.1, 1.0)]
    assert late == pytest.approx(exact, rel=2e-3)


def test_successes_are_counted_particle_by_particle() -> None:
    """Excess losses of several coordinates add up; exactly at the tolerance is no success."""
    states = [[0.0, 0.0], [1.0, 0.0], [0.5, 1.0], [2.0, -1.0], [0.0, 0.5]]
    losses = [harmonic(2.0), double_well(1.0, 0.5)]
    height = lambda y: (y * y - 1) ** 2 - 0.25 * y  # noqa: E731
    lowest = min(height(n / 10_000) for n in range(-20_000, 20_001))
    within = sum(x * x + height(y) - lowest < 1.3 for x, y in states)
    assert 0 < within < 5
    assert share_within(losses, states, 1.3).value == within / 5
    assert share_within(harmonic(2.0), [1.0, 0.5, 1.0, 2.0], 1.0).value == 0.25


def test_mass_is_summed_over_lines_between_centres() -> None:
    grid, p = Grid(-1.0, 2.0, 6), [0.1, 0.5, 0.6, 0.4, 0.3, 0.1]
    fine, total = 6400, 0.0
    centres = [-0.75 + 0.5 * i for i in range(6)]
    for n in range(fine):
        x = -1 + 3 * (n + 0.5) / fine
        k = min(max(int((x + 0.75) / 0.5), 0), 4)
        share = min(max((x - centres[k]) / 0.5, 0.0), 1.0)
        total += ((1 - share) * p[k] + share * p[k + 1]) * 3 / fine if x * x < 0.4 else 0.0
    assert mass_within(harmonic(2.0), p, 0.4, grid) == pytest.approx(total, rel=5e-3)


@pytest.mark.parametrize("start", [0.3, 1.4])
def test_failure_is_the_mass_left_outside_by_a_plain_walk(start: float) -> None:
    loss, schedule = double_well(1.0, 0.5), Exponential(0.9, 0.6, mobility_start=1.3, mobility_tau=0.4)
    grid = Grid.around(loss, max(start, 0.9), 24)
    heights = [float(loss.value(x)) for x in grid.centres]
    T, eta = lambda t: 0.9 * math.exp(-t / 0.6), lambda t: 1.3 * math.exp(-t / 0.4)
    first = twins.boltzmann_of(heights, grid.width, start)
    path = twins.density_path(first, heights, grid.width, T, eta, np.linspace(0, 0.5, 11).tolist(), second=True)
    outside = 1 - mass_within(loss, path[-1], 0.3, grid)
    assert failure(loss, schedule, 0.5, 0.3, start, 24, 10) == pytest.approx(outside, rel=1e-9)


@pytest.mark.parametrize("tolerance", [math.nan, -1.0, "0.3"])
def test_a_tolerance_is_a_number_from_zero_on(tolerance) -> None:
    grid = Grid(-6.0, 6.0, 100)
    still = boltzmann(harmonic(), 0.1, grid)
    for call in (
        lambda: share_within(harmonic(), [0.0, 1.0], tolerance),
        lambda: mass_within(harmonic(), still, tolerance, grid),
        lambda: failure(harmonic(), quench(0.1), 1.0, tolerance, 0.1, 100, 10),
    ):
        with pytest.raises(ValueError, match=r"expected (real numbers )?tolerance"):
            call()
    with pytest.raises(ValueError, match="expected a density on 100 cells"):
        mass_within(harmonic(), still[:50], 0.3, grid)
    with pytest.raises(ValueError, match=r"expected states of 1 coordinates, got shape \(0,\)"):
        share_within(harmonic(), [], 0.3)
