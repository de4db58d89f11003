"""Optimal schedules: closed forms against general optimisers and against the Fokker-Planck equation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp
from scipy.optimize import minimize, minimize_scalar

from trainphys.chapters.cooling.b4_optimal_cooling.aims import searched_schedule
from trainphys.chapters.cooling.b4_optimal_cooling.condition import condition_of, met_share, snapshot
from trainphys.chapters.cooling.b4_optimal_cooling.floor import explored_share, floor_diffusion, measured_crossing
from trainphys.chapters.cooling.b4_optimal_cooling.gradient_work import floor_schedule, particle_heat, particle_work
from trainphys.laws.least_dissipation import (
    best_coupled_rate,
    least_energy_dissipated,
    least_energy_temperature,
    least_entropy_produced,
    least_entropy_schedule,
    least_entropy_to_rest,
    least_final_loss,
    least_gradient_work,
)
from trainphys.laws.slow_cooling import pointwise_share, quasistatic_ratio
from trainphys.laws.two_wells import (
    best_hopping_share,
    best_hopping_temperature,
    best_share,
    crossed_share,
    hopping_rate,
    upper_share,
)
from trainphys.simulate.langevin import Ensemble
from trainphys.simulate.schedule_search import follow, optimal_schedule, refined_outcome
from trainphys.systems.coolings import Exponential, PiecewiseLog, cooling, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic, level_wells

paths = st.tuples(st.floats(0.2, 5.0), st.floats(0.2, 5.0), st.floats(0.5, 20.0), st.floats(0.2, 5.0))


def production(spread, clock, k):
    """Entropy and energy dissipated along a path of the spread, straight from T = u + u'/2k."""
    u, slope = spread, np.gradient(spread, clock, edge_order=2)
    T = u + slope / (2 * k)
    rate = k * (u - T) ** 2 / (u * T)
    return np.trapezoid(rate, clock), np.trapezoid(T * rate, clock), T


@settings(max_examples=40, deadline=None)
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


def test_letting_go_is_at_the_best_spread():
    def total(spread):
        y = spread / 0.1
        return float(least_entropy_produced(1.0, spread, 3.0, 2.0)) + (y - 1 - np.log(y)) / 2

    by_search = minimize_scalar(total, bounds=(0.1, 0.9), method="bounded", options={"xatol": 1e-10})
    assert least_entropy_to_rest(1.0, 0.1, 3.0, 2.0) == pytest.approx((by_search.fun, by_search.x), rel=1e-5)
    nats, _ = least_entropy_to_rest(1.0, 1e-3, 0.5, 1.0)  # a clock too short to arrive
    assert np.isfinite(nats)


def test_quench_is_best_for_the_final_loss():
    def final(log_T):
        u = 1.0
        for T in np.exp(log_T):
            u = T + (u - T) * np.exp(-2 * 1.5 * 0.1)
        return u / 2

    found = minimize(final, np.zeros(10), bounds=[(np.log(0.2), 0.0)] * 10)
    assert found.fun == pytest.approx(float(least_final_loss(1.0, 0.2, 1.0, 1.5)), rel=1e-8)


def test_rate_that_brings_its_own_temperature():
    a, k, u0 = 0.3, 2.0, 1.5

    def final(log_eta):
        u = u0
        for eta in np.exp(log_eta):  # piecewise constant, each piece exact
            u = a * eta + (u - a * eta) * np.exp(-2 * k * eta * 0.1)
        return u

    found = minimize(final, np.zeros(40), options={"gtol": 1e-9})
    t = 0.1 * (np.arange(40) + 0.5)
    assert np.exp(found.x)[5:-5] == pytest.approx(best_coupled_rate(t, u0, a, k)[5:-5], rel=0.02)
    end = 2 * a * float(best_coupled_rate(4.0, u0, a, k))
    assert found.fun == pytest.approx(end, rel=0.01)
    assert found.fun >= end  # pieces cannot beat the smooth optimum


def test_hopping_optimum_by_another_optimiser():
    B, gap, rate, u0 = 1.0, 0.4, 3.0, 0.4

    def fall(T, u):
        return -rate * np.exp(-B / T) * (u - np.exp(-gap / T))

    for u in (0.3, 0.05):
        best = minimize_scalar(lambda T, u=u: fall(T, u), bounds=(0.02, 3.0), method="bounded", options={"xatol": 1e-9})
        assert float(best_hopping_temperature(u, B, gap)) == pytest.approx(best.x, rel=1e-5)
    run = solve_ivp(
        lambda t, u: [fall(float(best_hopping_temperature(u[0], B, gap)), u[0])], (0, 500), [u0], rtol=1e-9, atol=1e-12
    )
    assert float(best_hopping_share(500.0, u0, rate, B, gap)) == pytest.approx(run.y[0, -1], rel=1e-6)
    early, late = best_hopping_share([1e8, 1e10], u0, rate, B, gap)
    assert np.log(early / late) / np.log(100) == pytest.approx(gap / B, rel=1e-3)


def test_no_tried_schedule_beats_the_best_share():
    loss, t = double_well(1.0, 0.5), np.linspace(0, 60, 7)
    first = hopping_rate(loss, 1.0).upper_share
    best = best_share(loss, t, first, 0.05, 1.0)[0][-1]
    rng = np.random.default_rng(0)
    for _ in range(6):
        T = np.exp(np.sort(rng.uniform(np.log(0.08), np.log(0.7), 7))[::-1])
        tried = PiecewiseLog(tuple(t), tuple(T), (1.0,) * 7)
        assert upper_share(loss, tried, t, first)[-1] >= best * (1 - 1e-4)


def test_search_finds_the_known_optima():
    well = harmonic(2.0)
    quenched = searched_schedule("loss", well, 1.0, 0.1)
    assert max(quenched.temperatures) == pytest.approx(0.1, rel=1e-3)
    thrifty = optimal_schedule(lambda o: o.entropy_to_rest, well, 1.5, 0.1, 1.0, rest=0.1)
    assert thrifty.converged
    law, spread = least_entropy_to_rest(1.0, 0.1, 1.5, 2.0)
    found = refined_outcome(lambda o: o.entropy_to_rest, well, thrifty.schedule, 1.5, 1.0, rest=0.1)
    assert found.value == pytest.approx(law, rel=3e-3)
    t = np.linspace(0, 1.5, 20)
    assert thrifty.schedule.temperature(t) == pytest.approx(
        least_entropy_schedule(1.0, spread, 1.5, 2.0).temperature(t), rel=0.03
    )
    idle = searched_schedule("work", well, 1.0, 0.1, floor=0.2)
    assert idle.temperatures == pytest.approx((1.0,) * 8, rel=1e-3)
    assert idle.mobilities == pytest.approx((0.2,) * 8, rel=1e-3)


def test_stock_taking_of_a_run_converges_at_second_order():
    exact = (0.2 + 0.8 * np.exp(-2.0)) / 2
    errors = [abs(follow(harmonic(), quench(0.2), 1.0, 1.0, n, n).excess_loss - exact) for n in (80, 160, 320)]
    assert 1.7 < np.log2(errors[0] / errors[2]) / 2 < 2.4
    run = follow(double_well(1.0, 0.5), cooling(1.0, 0.2, 5.0), 5.0, 1.0, 600, 1200)
    grid = Grid.around(double_well(1.0, 0.5), 1.0, 4000)
    start = (boltzmann(double_well(1.0, 0.5), 1.0, grid) * double_well(1.0, 0.5).value(grid.centres)).sum() * grid.width
    lost = start - double_well(1.0, 0.5).minimum() - run.excess_loss
    assert run.gradient_work - run.diffusion_work == pytest.approx(lost, rel=5e-3)
    assert run.energy > 0
    assert 0 < run.entropy < run.entropy_to_rest


def test_every_path_along_the_floor_costs_the_same():
    t = np.linspace(0, 4, 400)
    for path in (1 - 0.1 * t, np.exp(-0.2 * t)):
        schedule = floor_schedule(t, path, 0.15, 1.3)
        assert schedule.temperature(t) * schedule.mobility(t) == pytest.approx(np.full(400, 0.15))
        run = follow(harmonic(1.3), schedule, 4.0, 1.0, 400, 800)
        law = float(least_gradient_work(1.0, path[-1], 0.15, 1.3, 4.0))
        assert run.gradient_work == pytest.approx(law, rel=3e-3)


def test_work_and_heat_of_particles():
    x = np.array([[2.0, -2.0, 1.0], [1.0, -1.0, 0.5], [0.0, 0.0, 0.0]])
    ensemble = Ensemble(np.array([0.0, 1.0, 2.0]), x)
    loss = Quartic((0.0, 0.5, 1.0, -0.1, 0.2))
    slope = np.polynomial.Polynomial((0.5, 2.0, -0.3, 0.8))(x)
    assert particle_work(ensemble, loss, quench(1.0, 3.0)).value == pytest.approx(
        3 * np.mean((slope[0] ** 2 + slope[1] ** 2) / 2 + (slope[1] ** 2 + slope[2] ** 2) / 2)
    )
    assert particle_heat(ensemble, loss).value == pytest.approx(np.mean(loss.value(x[0]) - loss.value(x[2])))


@pytest.mark.parametrize("dimension", [1, 2, 7, 100])
def test_ratio_by_sampling(dimension):
    z2 = np.random.default_rng(dimension).chisquare(dimension, 200_000)
    deviation = np.abs(z2 - dimension)
    error = deviation.std() / dimension / np.sqrt(z2.size)
    assert abs(float(quasistatic_ratio(2.0, dimension)) - deviation.mean() / dimension / 2) < 2.5 * error


@pytest.mark.parametrize("lag", [0.5, 0.95, 1.05, 1.8])
def test_pointwise_share_by_quadrature(lag):
    e = abs(1 - 1 / lag)

    def density(z):
        met = e * abs(z * z - 1) <= 0.1 * z * z
        return met * np.exp(-z * z / 2) * 2 / np.sqrt(2 * np.pi)

    edges = [np.sqrt(e / (e + 0.1))] + ([np.sqrt(e / (e - 0.1))] if e > 0.1 else [])
    share = quad(density, 0, 10, points=edges, limit=400)[0]
    assert float(pointwise_share(lag, 0.1)) == pytest.approx(share, abs=1e-6)


def test_snapshot_of_a_trailing_well():
    one = snapshot(harmonic(2.0), Exponential(1.0, 2.0), 4.0, 1.0)
    y = 1 / (1 - 1 / 8)
    assert one.ratio.value == pytest.approx(float(quasistatic_ratio(y)), rel=2e-3)
    assert one.apart.value == pytest.approx((y - 1 - np.log(y)) / 2, rel=1e-2)
    assert one.rate == pytest.approx(2.0, rel=1e-3)
    assert met_share(one, 0.1).value == pytest.approx(float(pointwise_share(y, 0.1)), abs=0.02)
    many = condition_of([one], 20, np.random.default_rng(0), 20_000)
    assert abs(many.ratio.value - float(quasistatic_ratio(y, 20))) < 5 * many.ratio.stderr
    assert many.apart.value == pytest.approx(20 * one.apart.value)


def test_wells_apart_are_settled_within():
    loss = double_well(1.0, 0.5)
    one = snapshot(loss, quench(0.1), 5.0, 1.0, top=loss.stationary_points()[1])
    assert one.apart_within.value < 1e-3 < 1 < one.apart.value
    assert one.rate < 1e-3 < one.rate_within
    assert one.rate == pytest.approx(hopping_rate(loss, 0.1).rate, rel=0.02)


def test_floor_laws():
    wells = level_wells(3.0, 4.0)
    x = wells.stationary_points()
    assert wells.value(x) == pytest.approx([0.0, 3.0, 0.0])
    step = 1e-4
    bend = (wells.value(x[0] + step) - 2 * wells.value(x[0]) + wells.value(x[0] - step)) / step**2
    assert float(bend) == pytest.approx(4.0, rel=1e-4)
    mobility = float(floor_diffusion(400.0, 0.5, 4.0, 10.0)) / 0.5
    assert mobility * 4.0 * 10.0 == pytest.approx(400.0)
    assert measured_crossing(wells, 0.5, mobility, 10.0).value == pytest.approx(
        crossed_share(wells, 0.5, mobility, 10.0), rel=0.02
    )
    assert explored_share([0.0, 0.5]) == pytest.approx([0.0, 1 - np.exp(-1.0)])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: least_entropy_produced(1.0, 0.01, 1.0, 1.0),
        lambda: least_entropy_produced(-1.0, 0.5, 1.0, 1.0),
        lambda: least_entropy_schedule(0.5, 1.0, 10.0, 1.0),
        lambda: least_entropy_to_rest(0.5, 1.0, 10.0, 1.0),
        lambda: least_energy_dissipated(1.0, 0.01, 1.0, 1.0),
        lambda: least_energy_temperature(3.0, 1.0, 0.5, 2.0, 1.0),
        lambda: best_coupled_rate(-1.0, 1.0, 1.0, 1.0),
        lambda: best_hopping_temperature(1.5, 1.0, 1.0),
        lambda: best_hopping_share(-1.0, 0.5, 1.0, 1.0, 1.0),
        lambda: best_share(double_well(1.0, 0.5), [0.0, 1.0], 0.5, 1.0, 0.1),
        lambda: best_share(double_well(1.0, 0.5), [1.0, 0.0], 0.5, 0.1, 1.0),
        lambda: PiecewiseLog((0.0, 1.0), (1.0,), (1.0, 1.0)),
        lambda: PiecewiseLog((1.0, 0.0), (1.0, 1.0), (1.0, 1.0)),
        lambda: optimal_schedule(lambda o: o.entropy, harmonic(), 1.0, 1.0, 0.1),
        lambda: searched_schedule("speed", harmonic(), 1.0, 0.1),
        lambda: floor_schedule([0.0, 1.0, 2.0], [1.0, 5.0, 9.0], 0.1, 1.0),
        lambda: floor_schedule([0.0, 1.0], [1.0, -1.0], 0.1, 1.0),
        lambda: particle_work(Ensemble(np.zeros(1), np.zeros((1, 3))), harmonic(), quench(1.0)),
        lambda: particle_heat(Ensemble(np.zeros(1), np.zeros((1, 3))), harmonic()),
        lambda: quasistatic_ratio(0.0),
        lambda: pointwise_share(1.0, 0.0),
        lambda: condition_of([], 1, np.random.default_rng(0)),
        lambda: floor_diffusion(0.0, 1.0, 1.0, 1.0),
        lambda: explored_share(-1.0),
        lambda: level_wells(0.0, 1.0),
        lambda: crossed_share(double_well(1.0), 0.5, 1.0, 0.0),
    ],
)
def test_bad_input_is_refused(wrong):
    with pytest.raises(ValueError, match=r"expected .*, got .*: "):
        wrong()
