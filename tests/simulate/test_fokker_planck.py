"""Tests of ``simulate.fokker_planck``."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.special import ndtr

from tests.simulate import twins
from trainphys.laws.two_wells import hopping_rate
from trainphys.simulate import fokker_planck
from trainphys.simulate.fokker_planck import evolve, jump_rates
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic

SCHEMES = ["tr-bdf2", "implicit-euler"]


def gaussian_cells(grid: Grid, mean: float, sd: float) -> np.ndarray:
    edges = np.linspace(grid.left, grid.right, grid.cells + 1)
    share = np.diff(ndtr((edges - mean) / sd))
    return share / share.sum() / grid.width


@pytest.mark.parametrize("scheme", SCHEMES)
def test_mass_is_kept_over_thousands_of_steps(scheme: str) -> None:
    grid = Grid(-3, 3, 600)
    run = evolve(
        double_well(1.0, 0.5),
        gaussian_cells(grid, 1.0, 0.3),
        Exponential(1.0, 3.0),
        np.linspace(0, 12, 5001),
        grid,
        scheme=scheme,
    )
    assert abs(run.density[0].sum() * grid.width - 1) < 1e-12


@settings(max_examples=60)
@given(
    cells=st.integers(2, 60),
    temperature=st.floats(1e-3, 10),
    step=st.floats(1e-6, 1e4),
    barrier=st.floats(0.1, 20),
    where=st.floats(0, 1),
    tau=st.floats(0.1, 100),
)
def test_implicit_euler_is_never_negative_and_keeps_mass(
    cells: int, temperature: float, step: float, barrier: float, where: float, tau: float
) -> None:
    grid = Grid(-3, 3, cells)
    spike = np.zeros(cells)
    spike[int(where * (cells - 1))] = 1 / grid.width
    times = step * np.arange(4) / max(1.0, 3 * step / (50 * tau))  # the temperature stays a positive double
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fokker_planck, "FEW", 0)  # the scheme itself, with steps of any length
        run = evolve(
            double_well(barrier),
            spike,
            Exponential(temperature, tau),
            times,
            grid,
            scheme="implicit-euler",
            record=[1, 2, 3],
        )
    assert run.density.min() >= 0
    np.testing.assert_allclose(run.density.sum(axis=1) * grid.width, 1, atol=1e-12)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_boltzmann_density_is_stationary(scheme: str) -> None:
    grid, loss = Grid(-2.5, 2.5, 300), double_well(2.0, 0.7)
    still = boltzmann(loss, 0.1, grid)
    moved = evolve(loss, still, quench(0.1), np.linspace(0, 50, 201), grid, scheme=scheme).density[0]
    np.testing.assert_allclose(moved, still, rtol=1e-9, atol=1e-13)


def test_agrees_with_the_exponential_of_its_generator() -> None:
    grid, loss = Grid(-2, 2, 40), double_well(1.0, 0.5)
    up, down = jump_rates(loss, 0.5, 1.0, grid)
    generator = np.diag(up, -1) + np.diag(down, 1)
    generator -= np.diag(generator.sum(axis=0))
    start = gaussian_cells(grid, -0.8, 0.3)
    found = evolve(loss, start, quench(0.5), np.linspace(0, 0.7, 2001), grid).density[0]
    np.testing.assert_allclose(found, expm(0.7 * generator) @ start, atol=1e-6)


def test_jump_rates_obey_detailed_balance_with_boltzmann() -> None:
    grid, loss = Grid(-2, 2, 50), double_well(3.0, 1.0)
    up, down = jump_rates(loss, 0.2, 0.7, grid)
    still = boltzmann(loss, 0.2, grid)
    np.testing.assert_allclose(up * still[:-1], down * still[1:], rtol=1e-10)


def order(errors: list[float]) -> float:
    return math.log2(errors[-2] / errors[-1])


def ornstein_uhlenbeck_error(cells: int, steps: int, scheme: str) -> float:
    grid = Grid(-6, 6, cells)
    start = gaussian_cells(grid, 1.0, 0.4)
    found = evolve(harmonic(), start, quench(0.5), np.linspace(0, 1, steps + 1), grid, scheme=scheme).density[0]
    decay = math.exp(-1)
    exact = gaussian_cells(grid, decay, math.sqrt(0.5 + (0.16 - 0.5) * decay**2))
    return float(np.abs(found - exact).sum() * grid.width)


def test_second_order_in_space() -> None:
    errors = [ornstein_uhlenbeck_error(cells, 2000, "tr-bdf2") for cells in (50, 100, 200)]
    assert abs(order(errors) - 2) < 0.1
    assert errors[-1] < 2e-3


@pytest.mark.parametrize(("scheme", "expected"), [("tr-bdf2", 2), ("implicit-euler", 1)])
def test_order_in_time_with_temperature_and_mobility_changing(scheme: str, expected: int) -> None:
    grid, loss = Grid(-2.5, 2.5, 200), double_well(1.0, 0.5)
    schedule = Exponential(1.0, 0.8, mobility_tau=1.6)

    def end(steps: int, scheme: str = scheme) -> np.ndarray:
        return evolve(
            loss, boltzmann(loss, 1.0, grid), schedule, np.linspace(0, 2, steps + 1), grid, scheme=scheme
        ).density[0]

    exact = end(6400, "tr-bdf2")
    errors = [float(np.abs(end(steps) - exact).sum() * grid.width) for steps in (50, 100, 200)]
    assert abs(order(errors) - expected) < 0.15


def test_reference_problem_of_the_field_in_accuracy() -> None:
    """Cooling double well of a published comparison: error below 3e-3 with 200 cells and 100 steps."""

    class Cooling:
        def temperature(self, t):  # type: ignore[no-untyped-def]
            return 0.05 + 0.95 * np.exp(-np.asarray(t))

        def mobility(self, t):  # type: ignore[no-untyped-def]
            return np.ones_like(np.asarray(t, dtype=float))

    loss = Quartic((0.0, 0.0, -0.5, 0.0, 0.25))

    def run(cells: int, steps: int) -> np.ndarray:
        grid = Grid(-4, 4, cells)
        return evolve(loss, gaussian_cells(grid, 1.0, 0.3), Cooling(), np.linspace(0, 10, steps + 1), grid).density[0]

    fine = run(3200, 3200).reshape(200, -1).mean(axis=1)
    assert np.abs(run(200, 100) - fine).sum() * 8 / 200 < 3e-3


def test_bad_input() -> None:
    grid = Grid(-3, 3, 20)
    flat = np.full(20, 1 / 6)
    with pytest.raises(ValueError, match="scheme"):
        evolve(harmonic(), flat, quench(1.0), [0, 1], grid, scheme="explicit")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="mass one"):
        evolve(harmonic(), 2 * flat, quench(1.0), [0, 1], grid)
    with pytest.raises(ValueError, match="increasing times"):
        evolve(harmonic(), flat, quench(1.0), [1, 1], grid)
    with pytest.raises(ValueError, match="increasing indices"):
        evolve(harmonic(), flat, quench(1.0), [0, 1], grid, record=[1, 1])
    with pytest.raises(ValueError, match="temperatures > 0"):
        evolve(harmonic(), flat, Exponential(1.0, 1e-3), [0, 1], grid)
    with pytest.raises(ValueError, match="temperature > 0"):
        boltzmann(harmonic(), 0.0, grid)
    with pytest.raises(ValueError, match="left < right"):
        Grid(1, 0, 10)
    with pytest.raises(ValueError, match="temperature > 0"):
        Grid.around(harmonic(), -1.0, 10)
    with pytest.raises(ValueError, match="choose the walls yourself"):
        Grid.around(double_well(1.0), 1e-8, 10)


@pytest.mark.parametrize(("temperature", "mobility"), [(0.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (math.nan, 1.0)])
def test_rates_want_a_temperature_and_a_mobility(temperature: float, mobility: float) -> None:
    with pytest.raises(ValueError, match=r"(temperature|mobility) > 0"):
        jump_rates(harmonic(), temperature, mobility, Grid(-1, 1, 4))


def test_a_density_of_no_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="density >= 0"):
        evolve(harmonic(), np.full(4, math.nan), quench(1.0), [0.0, 1.0], Grid(-1, 1, 4))


@pytest.mark.parametrize(("gap", "temperature"), [(0.0, 0.15), (0.5, 0.15), (0.5, 0.1)])
def test_hopping_rate_is_the_slowest_rate_of_the_generator(gap: float, temperature: float) -> None:
    loss, grid = double_well(1.0, gap), Grid(-1.9, 1.9, 500)
    up, down = jump_rates(loss, temperature, 1.0, grid)
    # the generator in symmetric form has the same eigenvalues
    diagonal = np.r_[up, 0] + np.r_[0, down]
    symmetric = np.diag(-diagonal) + np.diag(np.sqrt(up * down), 1) + np.diag(np.sqrt(up * down), -1)
    slowest = -np.sort(np.linalg.eigvalsh(symmetric))[-2]
    assert hopping_rate(loss, temperature).rate == pytest.approx(slowest, rel=0.02)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_moments_to_look_at_are_not_taken_for_steps(scheme: str) -> None:
    """``[0, 3]`` as in scipy's ``solve_ivp``: the one long step would put a tenth of the mass elsewhere."""
    loss, grid, cold = double_well(1.0, 0.3), Grid(-2.2, 2.2, 220), Exponential(1.0, 2.0)
    start = gaussian_cells(grid, -1.0, 0.14)
    with pytest.raises(ValueError, match=r"got 1 that put .*%.* give np.linspace\(0, 3, 1001\), say, and as record"):
        evolve(loss, start, cold, [0.0, 3.0], grid, scheme=scheme)
    with pytest.raises(ValueError, match=r"got 2 that put .*%"):
        evolve(loss, start, cold, [0.0, 1.5, 3.0], grid, scheme=scheme, record=[0, 1, 2])
    short = evolve(loss, start, cold, [0.0, 1e-3, 2e-3], grid, scheme=scheme).density[0]
    ten = evolve(loss, start, cold, np.linspace(0, 2e-3, 11), grid, scheme=scheme).density[0]
    assert 0 < np.abs(short - ten).max() < 0.05
    rest = boltzmann(loss, 0.5, grid)
    assert evolve(loss, rest, quench(0.5), [0.0, 1e3], grid, scheme=scheme).density[0] == pytest.approx(rest)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_density_is_that_of_a_plain_walk_solved_by_gauss(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temperature and mobility change much within a step, steps are uneven and begin late, and each is recorded."""
    monkeypatch.setattr(fokker_planck, "FEW", 0)
    grid, loss = Grid(-1.6, 1.9, 9), double_well(1.0, 0.5)
    schedule, times = Exponential(0.8, 0.5, mobility_start=1.4, mobility_tau=0.7), [0.2, 0.25, 0.45, 0.8]
    heights = [float(loss.value(x)) for x in grid.centres]
    start = [(i % 4 + 1) / (21 * grid.width) for i in range(9)]
    T, eta = lambda t: 0.8 * math.exp(-t / 0.5), lambda t: 1.4 * math.exp(-t / 0.7)
    path = twins.density_path(start, heights, grid.width, T, eta, times, scheme == "tr-bdf2")
    run = evolve(loss, start, schedule, times, grid, scheme=scheme, record=[0, 1, 3])
    np.testing.assert_allclose(run.density, [path[k] for k in (0, 1, 3)], rtol=1e-12)
    assert run.times.tolist() == [0.2, 0.25, 0.8]
    np.testing.assert_allclose(jump_rates(loss, 0.3, 1.7, grid), twins.rates(heights, grid.width, 0.3, 1.7), rtol=1e-13)


def test_the_equation_is_itos_with_mobility_at_every_time() -> None:
    """The variance in a quadratic well has an equation of its own; it would notice a rate that is off by 0.5 %."""
    grid, k = Grid(-7, 7, 700), 1.3
    schedule, times = Exponential(0.8, 0.9, mobility_start=1.4, mobility_tau=0.6), np.linspace(0.3, 1.5, 401)
    p = evolve(harmonic(k), gaussian_cells(grid, 0.0, 0.9), schedule, times, grid).density[0]
    mean_square, h = 0.81, 1.2 / 40_000
    for n in range(40_000):
        t = 0.3 + h * (n + 0.5)
        eta, T = 1.4 * math.exp(-t / 0.6), 0.8 * math.exp(-t / 0.9)
        mean_square += h * 2 * eta * (T - k * mean_square)
    assert float((p * grid.centres**2).sum() * grid.width) == pytest.approx(mean_square, rel=5e-4)
