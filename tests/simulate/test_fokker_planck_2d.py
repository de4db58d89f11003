"""Tests of ``simulate.fokker_planck_2d``."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.linalg import expm, null_space, solve_continuous_lyapunov

from tests.simulate import twins
from trainphys.laws.heavy_tails import tail_share
from trainphys.simulate.fokker_planck_2d import Box, FokkerPlanck2D

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


@settings(max_examples=20)
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


def plain_generator(box, drift, diffusion):
    """Generator of the walk on a rectangle, from a loop over faces: rates of Scharfetter and Gummel for q = D p."""
    (nx, ny), (hx, hy) = box.cells, box.widths
    g = np.zeros((nx * ny, nx * ny))
    for i in range(nx):
        for j in range(ny):
            x, y = box.x[0] + hx * (i + 0.5), box.y[0] + hy * (j + 0.5)
            for axis, (k, m, h) in enumerate(((i + 1, j, hx), (i, j + 1, hy))):
                if k == nx or m == ny:
                    continue
                face = (x + hx / 2, y) if axis == 0 else (x, y + hy / 2)
                beyond = (x + hx, y) if axis == 0 else (x, y + hy)
                w = drift(*face)[axis] * h / diffusion(*face)[axis]
                here, there = i * ny + j, k * ny + m
                onward = diffusion(x, y)[axis] / h**2 * (-w / math.expm1(-w))
                back = diffusion(*beyond)[axis] / h**2 * (w / math.expm1(w))
                g[there, here] += onward
                g[here, here] -= onward
                g[here, there] += back
                g[there, there] -= back
    return g


def test_plane_is_that_of_a_loop_over_faces():
    drift = lambda x, y: (0.3 - x + 0.4 * y, -0.7 * x * y - y)  # noqa: E731
    diffusion = lambda x, y: (0.4 + x * x, 0.5 + 0.2 * x + y * y)  # noqa: E731
    box = Box((-1.0, 1.5), (-2.0, 1.0), (4, 5))
    model = FokkerPlanck2D(box, drift, diffusion)
    g = plain_generator(box, drift, diffusion)
    np.testing.assert_allclose(model.generator().toarray(), g, rtol=1e-12, atol=1e-12)
    p = np.random.default_rng(0).uniform(0.5, 2, 20)
    p /= p.sum() * box.area
    slow = p.tolist()
    for _ in range(3):
        slow = twins.implicit(g.tolist(), 0.2, slow)
    np.testing.assert_allclose(model.evolve(p.reshape(4, 5), 0.6, 3).ravel(), slow, rtol=1e-11)
    still = twins.solved([*g.tolist()[:-1], [box.area] * 20], [0.0] * 19 + [1.0])
    np.testing.assert_allclose(model.stationary().ravel(), still, rtol=1e-10)
    jx, jy, turning = np.zeros((4, 5)), np.zeros((4, 5)), 0.0
    for a in range(20):
        for b in range(a):  # the flux from b to a, half of it counted at each side
            flux = (g[a, b] * p[b] - g[b, a] * p[a]) / 2
            for cell in (a, b):
                along, width = (jx, box.widths[0]) if a - b == 5 else (jy, box.widths[1])
                along[cell // 5, cell % 5] += flux * width
    for i in range(4):
        for j in range(5):
            x, y = -1 + 0.625 * (i + 0.5), -2 + 0.6 * (j + 0.5)
            turning += (x * jy[i, j] - y * jx[i, j]) * 0.625 * 0.6
    np.testing.assert_allclose(model.current(p.reshape(4, 5)), (jx, jy), rtol=1e-12, atol=1e-12)
    assert model.turning(p.reshape(4, 5)) == pytest.approx(turning, rel=1e-11)


def test_moments_follow_itos_equations_where_diffusion_depends_on_the_place():
    """Squares have closed equations in Ito's form; Fick's would add four times c to a rate of about one."""
    a, c, e = 0.3, 0.1, 0.2  # D_x = a + c x^2, D_y = a + e x^2
    box = Box((-9.0, 9.0), (-5.0, 5.0), (240, 80))
    model = FokkerPlanck2D(box, lambda x, y: (-x, 0.2 * x - y), lambda x, y: (a + c * x * x, a + e * x * x))
    p = gaussian(box, np.diag([0.5, 0.3]))
    x, y = box.mesh()
    xx, xy, yy = ((p * v).sum() * box.area for v in (x * x, x * y, y * y))
    p = model.evolve(p, 0.5, 20)
    for _ in range(20):  # implicit Euler, as there: each moment from its own linear equation
        h = 0.025
        xx = (xx + 2 * a * h) / (1 + (2 - 2 * c) * h)
        xy = (xy + 0.2 * xx * h) / (1 + 2 * h)
        yy = (yy + 2 * h * (a + e * xx + 0.2 * xy)) / (1 + 2 * h)
    found = [(p * v).sum() * box.area for v in (x * x, x * y, y * y)]
    assert found == pytest.approx([xx, xy, yy], rel=5e-3)
