"""The two-dimensional Fokker-Planck solver, and stochastic gradient descent where one temperature is not enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.linalg import expm, null_space, solve_continuous_lyapunov

from trainphys.chapters.cooling.b2_dynamic_equations.scalar_sgd import (
    einstein_samples,
    reshuffled_noise,
    scalar_updates,
    spread_curvature_noise,
    stable_noise,
    two_point_noise,
    updates_density,
    width,
)
from trainphys.chapters.cooling.b2_dynamic_equations.tilted_noise import NoiseAxes, resting_density, tilted_updates
from trainphys.estimate import Estimate
from trainphys.laws.heavy_tails import einstein_ratio, multiplicative_variance, stable_width, tail_index, tail_share
from trainphys.simulate.fokker_planck_2d import Box, FokkerPlanck2D
from trainphys.simulate.minibatch_sgd import mean_ratio
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import harmonic

A = np.array([[1.0, -1.2], [0.8, 1.5]])  # drift with rotation
D = np.diag([0.6, 0.2])
SPREAD = solve_continuous_lyapunov(A, 2 * D)


def rotating(cells):
    side = 6 * np.sqrt(np.diag(SPREAD))
    box = Box((-side[0], side[0]), (-side[1], side[1]), (cells, cells))
    return box, FokkerPlanck2D(
        box,
        lambda x, y: (-A[0, 0] * x - A[0, 1] * y, -A[1, 0] * x - A[1, 1] * y),
        lambda x, y: (D[0, 0], D[1, 1]),
    )


def gaussian(box, spread):
    points = np.stack(box.mesh(), axis=-1)
    p = stats.multivariate_normal(cov=spread).pdf(points)
    return p / (p.sum() * box.area)


def test_rotating_gaussian_at_rest_is_met_at_second_order():
    cells = np.array([40, 80, 160])
    errors, turns = [], []
    inward = -(A @ SPREAD - D)  # j = -(A - D SPREAD^-1) x p
    turning = inward[1, 0] - inward[0, 1]
    for n in cells:
        box, model = rotating(n)
        p = model.stationary()
        errors.append(np.abs(p - gaussian(box, SPREAD)).sum() * box.area)
        turns.append(abs(model.turning(p) / turning - 1))
    for found, constant in ((errors, 5.72), (turns, 16.8)):
        slope = np.diff(np.log(found)) / np.diff(np.log(cells))
        np.testing.assert_allclose(slope, -2, atol=0.03)
        assert found[-1] * cells[-1] ** 2 == pytest.approx(constant, rel=0.02)


def test_time_steps_are_of_first_order_and_keep_mass_and_sign():
    box, model = rotating(160)
    begin = gaussian(box, 0.3 * SPREAD)
    turn = expm(-A)
    exact = SPREAD + turn @ (0.3 * SPREAD - SPREAD) @ turn.T
    x, _ = box.mesh()
    found = {}
    for steps in (10, 20, 40):
        p = model.evolve(begin, 1.0, steps)
        assert abs(p.sum() * box.area - 1) < 1e-12
        assert p.min() >= 0
        found[steps] = (p * x * x).sum() * box.area
    first, second = found[10] - found[20], found[20] - found[40]
    assert np.log2(first / second) == pytest.approx(1, abs=0.05)
    assert 2 * found[40] - found[20] == pytest.approx(exact[0, 0], rel=2e-3)  # without the first-order term


def test_a_spike_never_turns_negative():
    box, model = rotating(60)
    p = np.zeros(box.cells)
    p[7, 50] = 1 / box.area
    for duration, steps in ((1e-4, 1), (1.0, 3), (100.0, 2)):
        q = model.evolve(p, duration, steps)
        assert q.min() >= 0
        assert abs(q.sum() * box.area - 1) < 1e-12


def test_boltzmann_carries_no_current():
    box = Box((-3.0, 3.0), (-3.0, 3.0), (80, 80))
    model = FokkerPlanck2D(box, lambda x, y: (-4 * x * (x * x - 1), -2 * y), lambda x, y: (0.5, 0.5))
    p = model.stationary()
    assert max(np.abs(j).max() for j in model.current(p)) < 0.02  # a drift, not its potential: second order
    fine = FokkerPlanck2D(Box((-3.0, 3.0), (-3.0, 3.0), (160, 160)), model.drift, model.diffusion)
    assert abs(fine.turning(fine.stationary())) < 1e-10


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_generator_conserves_for_any_drift_and_diffusion(seed):
    a, b, c, d = np.random.default_rng(seed).uniform(-2, 2, 4)
    model = FokkerPlanck2D(
        Box((-1.0, 1.0), (-2.0, 1.0), (7, 9)),
        lambda x, y: (a * np.sin(3 * y) - x, b * x * y - y),
        lambda x, y: (0.1 + (c * x) ** 2, 0.2 + (d * y) ** 2),
    )
    g = model.generator().toarray()
    np.testing.assert_allclose(g.sum(axis=0), 0, atol=1e-9)
    assert (g - np.diag(np.diag(g))).min() >= 0
    at_rest = null_space(g, rcond=1e-10)[:, 0]
    expected = (at_rest / at_rest.sum() / model.box.area).reshape(7, 9)
    np.testing.assert_allclose(model.stationary(), expected, rtol=1e-6)


def test_diffusion_that_depends_on_the_place_is_read_as_ito():
    box = Box((-25.0, 25.0), (-4.0, 4.0), (1000, 4))
    model = FokkerPlanck2D(box, lambda x, y: (-x, -y), lambda x, y: (0.25 * (1 + x * x), 0.3))
    p = model.stationary().sum(axis=1) * box.widths[1]
    beyond = p[np.abs(box.centres[0]) > 2.0].sum() * box.widths[0]
    assert beyond == pytest.approx(float(tail_share(2.0, 5.0, 1.0, 1.0)), rel=0.01)  # 2 h / k c_1 + 1 = 5


def test_particles_and_density_agree_in_two_wells():
    pull, axes = lambda a, b: (2 * a * (a * a - 1), 1.5 * b), NoiseAxes(0.5, 0.05, np.pi / 4)
    still = resting_density(pull, axes, 4.5, 160)
    found = tilted_updates(pull, axes, 0.01, 3000, 500, np.random.default_rng(0), burn_in=1500)
    for name, (i, j) in {"11": (0, 0), "12": (0, 1), "22": (1, 1)}.items():
        assert abs(found[name].value - still.moments[i, j]) < found[name].tolerance() + 0.01 * still.moments[i, j]
    assert abs(found["turning"].value - still.turning) < found["turning"].tolerance()


def test_noise_axes_turn():
    axes = NoiseAxes(0.5, 0.05, np.pi / 4)
    np.testing.assert_allclose(axes.matrix, [[0.275, 0.225], [0.225, 0.275]])
    coarse, fine = (resting_density(lambda a, b: (0.5 * a, 2 * b), axes, 6.5, n) for n in (100, 200))
    np.testing.assert_allclose(fine.moments, [[0.55, 0.18], [0.18, 0.1375]], rtol=0.01)
    exact = (0.5 - 2) * 0.18
    assert (coarse.turning - exact) / (fine.turning - exact) == pytest.approx(4, rel=0.1)
    assert fine.turning == pytest.approx(exact, rel=0.02)


def test_tail_indices_solve_their_equations():
    k, c0, c1 = 0.1, 2.0, 3.0  # eta / 2B = k
    for rule, shift in (("ito", 1.0), ("stratonovich", 0.5), ("anti-ito", 0.0)):
        power = -1 / (2 * k * c1) - shift
        beyond, all_of_it = (quad(lambda x, a=power: (c0 + c1 * x * x) ** a, low, np.inf)[0] for low in (1.5, 0))
        share = beyond / all_of_it
        index = tail_index(2 * k, 1, 1.0, c1, rule)
        assert float(tail_share(1.5, index, c0, c1)) == pytest.approx(share, rel=1e-6)


def test_multiplicative_descent_has_the_laws_variance():
    rng = np.random.default_rng(0)
    states = scalar_updates(lambda x: x, spread_curvature_noise(1.0, 0.5), np.zeros(100_000), np.full(40, 0.3), rng)
    found = Estimate.from_samples(states**2)
    assert abs(found.value - multiplicative_variance(0.3, 1, 1.0, 1.0, 0.5)) < found.tolerance()


@pytest.mark.parametrize("index", [0.7, 1.0, 1.5, 2.0])
def test_stable_descent_has_the_laws_width(index):
    rng = np.random.default_rng(1)
    states = scalar_updates(lambda x: x, stable_noise(index, 1.0), np.zeros(40_000), np.full(60, 0.2), rng)
    quartile = {0.7: stats.levy_stable.ppf(0.75, 0.7, 0), 1.0: 1.0, 1.5: stats.levy_stable.ppf(0.75, 1.5, 0)}
    expected = stable_width(0.2, 1.0, index) * quartile.get(index, np.sqrt(2) * stats.norm.ppf(0.75))
    found = width(states)
    assert abs(found.value - expected) < found.tolerance()


@pytest.mark.parametrize(("rate", "momentum"), [(0.02, 0.0), (0.8, 0.0), (0.05, 0.6)])
def test_einstein_ratio_of_descent(rate, momentum):
    rng, noise = np.random.default_rng(2), two_point_noise(1.0)
    states = scalar_updates(lambda x: x, noise, np.zeros(30_000), np.full(round(10 / rate), rate), rng, momentum)
    found = mean_ratio(*einstein_samples(lambda x: x, noise, states, rate, rng))
    assert abs(found.value - einstein_ratio(rate, 1.0, momentum, "update")) < found.tolerance()


def test_density_of_updates_follows_the_recursion_of_the_variance():
    grid = Grid(-8.0, 8.0, 300)
    p = updates_density(harmonic(), boltzmann(harmonic(), 0.5, grid), 0.4, 0.8, 3, grid)
    variance = 0.5
    for _ in range(3):
        variance = 0.36 * variance + 2 * 0.4 * 0.8
    assert (p * grid.centres**2).sum() * grid.width == pytest.approx(variance, rel=1e-9)


def test_reshuffled_noise_sums_to_zero_over_an_epoch():
    noise, rng = reshuffled_noise([3.0, 1.0, 8.0]), np.random.default_rng(0)
    assert np.abs(sum(noise(rng, np.zeros(5)) for _ in range(3))).max() < 1e-12


def test_wrong_input_is_refused():
    box, model = rotating(10)
    with pytest.raises(ValueError, match="mass one"):
        model.evolve(np.ones(box.cells), 1.0, 1)
    with pytest.raises(ValueError, match="duration"):
        model.evolve(gaussian(box, SPREAD), 0.0, 1)
    with pytest.raises(ValueError, match="cells"):
        Box((1.0, -1.0), (0.0, 1.0), (4, 4))
    with pytest.raises(ValueError, match="diffusion > 0"):
        FokkerPlanck2D(box, lambda x, y: (x, y), lambda x, y: (0.0, 1.0)).generator()
    with pytest.raises(ValueError, match="walls"):
        resting_density(lambda a, b: (a, b), NoiseAxes(1.0, 1.0, 0.0), 1.0, 20)
    with pytest.raises(ValueError, match="temperatures"):
        NoiseAxes(0.0, 1.0, 0.0)
    with pytest.raises(ValueError, match="rule"):
        tail_index(0.1, 1, 1.0, 1.0, "klimontovich")
    with pytest.raises(ValueError, match="finite variance"):
        multiplicative_variance(1.0, 1, 1.0, 1.0, 2.0)
    with pytest.raises(ValueError, match="index"):
        stable_width(0.1, 1.0, 3.0)
    with pytest.raises(ValueError, match="diverges"):
        einstein_ratio(2.5, 1.0)
    with pytest.raises(ValueError, match="momentum"):
        scalar_updates(lambda x: x, two_point_noise(1.0), [0.0], [0.1], np.random.default_rng(0), momentum=1.0)
    with pytest.raises(ValueError, match="narrower"):
        updates_density(harmonic(), np.ones(10) / 10, 1e-4, 0.1, 1, Grid(-5.0, 5.0, 10))
    with pytest.raises(ValueError, match="replicas"):
        width([1.0, 2.0])
