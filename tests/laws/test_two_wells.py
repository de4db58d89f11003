"""Tests of ``laws.two_wells``."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from trainphys.laws.two_wells import (
    _lowest,
    annealing_advantage,
    best_share,
    crossed_share,
    hopping_rate,
    race_law,
    upper_share,
)
from trainphys.simulate.fokker_planck import jump_rates
from trainphys.systems.coolings import Budget, PiecewiseLog, cooling, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, wells


def test_no_tried_schedule_beats_the_best_share():
    loss, t = double_well(1.0, 0.5), np.linspace(0, 60, 7)
    first = hopping_rate(loss, 1.0).upper_share
    best = best_share(loss, t, first, 0.05, 1.0)[0][-1]
    rng = np.random.default_rng(0)
    for _ in range(6):
        T = np.exp(np.sort(rng.uniform(np.log(0.08), np.log(0.7), 7))[::-1])
        tried = PiecewiseLog(tuple(t), tuple(T), (1.0,) * 7)
        assert upper_share(loss, tried, t, first)[-1] >= best * (1 - 1e-4)


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


def test_equal_clock() -> None:
    budget = Budget(1.0, 0.01, 10.0, slows=True)
    assert budget.quench_duration == pytest.approx(2 * budget.annealing.tau * (1 - 0.1))
    assert Budget(1.0, 0.01, 10.0).quench_duration == 10.0


def test_a_race_is_lost_in_the_upper_well_or_beyond_the_tolerance() -> None:
    loss, end, tolerance = double_well(1.0, 0.5), 0.1, 0.2
    grid = Grid.around(loss, end, 40_000)
    p, height = boltzmann(loss, end, grid), loss.value(grid.centres) - loss.minimum()
    right = grid.centres > wells(loss).top
    beyond = p[right & (height > tolerance)].sum() / p[right].sum()
    started, done = hopping_rate(loss, 1.0).upper_share, hopping_rate(loss, end)
    for duration in (1e-6, 10.0, 1e6):
        budget = Budget(1.0, end, duration)
        annealed, quenched = race_law(loss, budget, tolerance)
        gone = 1 - np.exp(-done.rate * duration)
        assert crossed_share(loss, end, 1.0, duration) == pytest.approx(gone)
        upper = started + (done.upper_share - started) * gone
        assert quenched == pytest.approx(upper + (1 - upper) * beyond, abs=2e-4)
        slow = upper_share(loss, budget.annealing, [0.0, duration])[-1]
        assert annealed == pytest.approx(slow + (1 - slow) * beyond, abs=2e-4)
        assert annealing_advantage(loss, budget, tolerance) == quenched / annealed


def test_lowest_of_a_table_lies_between_its_entries() -> None:
    x = np.linspace(0.0, 2.0, 21)
    assert _lowest(3 * (x - 0.537) ** 2 - 1, x) == pytest.approx((-1.0, 0.537))
    assert _lowest(x, x) == (0.0, 0.0)
    assert _lowest(-x, x) == (-2.0, 2.0)


def test_mobility_is_a_unit_of_time() -> None:
    loss = double_well(1.0, 0.5)
    slow, fast = hopping_rate(loss, 0.2, 0.5), hopping_rate(loss, 0.2, 2.0)
    assert (fast.rate, fast.upper_share) == pytest.approx((4 * slow.rate, slow.upper_share))
    one, other = (best_share(loss, [0.0, 8.0 / eta], 0.4, 0.05, 1.0, eta) for eta in (0.5, 2.0))
    np.testing.assert_allclose(one, other, rtol=1e-6)
    held = upper_share(loss, quench(0.2, mobility=2.0), [0.0, 1.0], start=0.9)[-1]
    assert held == pytest.approx(fast.upper_share + (0.9 - fast.upper_share) * np.exp(-fast.rate), rel=1e-6)


def test_what_is_too_rare_for_a_number_is_none_and_spoils_nothing() -> None:
    """At a ten-thousandth of the gap the upper well's share is below the smallest number, and so are the jumps."""
    cold = hopping_rate(double_well(1.0, 0.5), 1e-4)
    assert (cold.rate, cold.upper_share) == (0.0, 0.0)
    deep = cooling(1.0, 1e-4, 1e4)
    shares = upper_share(double_well(1.0, 0.5), deep, [0.0, 9e3, 1e4])
    assert 0 < shares[2] == pytest.approx(shares[1], rel=1e-4)


def test_the_rate_is_the_slowest_of_the_equation_between_walls() -> None:
    """By another route: the second eigenvalue of the jump process on a fine grid, at temperatures where wells mix."""
    well, grid = double_well(1.0, 0.5), Grid(-2.5, 2.5, 1200)
    for temperature in (0.12, 0.2):
        up, down = jump_rates(well, temperature, 1.0, grid)
        rates = np.diag(up, -1) + np.diag(down, 1)
        found = np.sort(-np.linalg.eigvals(rates - np.diag(rates.sum(axis=0))).real)[1]
        assert hopping_rate(well, temperature).rate == pytest.approx(found, rel=0.03)


@pytest.mark.parametrize("scale", [1e-4, 1e-2, 1e2, 1e4])
def test_wells_are_found_wherever_they_lie(scale) -> None:
    """A loss stretched by a factor hops slower by its square, and one that is shifted hops as before."""
    here = hopping_rate(double_well(1.0, 0.5), 0.05)
    c = double_well(1.0, 0.5).coefficients
    stretched = hopping_rate(Quartic(tuple(x / scale**n for n, x in enumerate(c))), 0.05)
    assert stretched.rate * scale**2 == pytest.approx(here.rate, rel=1e-6)
    assert stretched.upper_share == pytest.approx(here.upper_share, rel=1e-6)
    shifted = hopping_rate(
        Quartic(tuple(np.polynomial.Polynomial(c)(np.polynomial.Polynomial((-3.0, 1.0))).coef)), 0.05
    )
    assert [shifted.rate, shifted.upper_share] == pytest.approx([here.rate, here.upper_share], rel=1e-6)


def test_a_well_far_above_the_other_still_empties() -> None:
    """Kramers' rate out of the upper well alone, where its share at rest is no double any more."""
    loss, T = double_well(1.0, 2.9), 2e-3
    shape = wells(loss)
    bend = [12 * x**2 - 4 for x in (shape.upper, shape.top)]
    kramers = np.sqrt(-bend[0] * bend[1]) / (2 * np.pi) * np.exp(-shape.barrier / T)
    assert hopping_rate(loss, T).rate == pytest.approx(kramers, rel=0.05)
    assert hopping_rate(loss, T).upper_share == 0.0
    with pytest.raises(ValueError, match="expected a temperature that the loss resolves, got 1e-30"):
        hopping_rate(loss, 1e-30)


def test_upper_share_down_to_the_coldest_end() -> None:
    loss, schedule = double_well(1.0, 0.5), cooling(1.0, 1e-3, 100.0)

    def change(t, u):  # type: ignore[no-untyped-def]
        found = hopping_rate(loss, float(schedule.temperature(t)))
        return -found.rate * (u - found.upper_share)

    first = hopping_rate(loss, 1.0).upper_share
    direct = solve_ivp(change, (0.0, 100.0), [first], "Radau", rtol=1e-8, atol=1e-12).y[0, -1]
    assert float(upper_share(loss, schedule, [0.0, 100.0])[-1]) == pytest.approx(direct, rel=1e-3)
