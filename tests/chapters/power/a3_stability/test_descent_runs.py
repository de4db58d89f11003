"""Tests of ``chapters.power.a3_stability.descent_runs``."""

import math

import numpy as np
import pytest

from trainphys.chapters.power.a3_stability.claimed import flow_rate
from trainphys.chapters.power.a3_stability.descent_runs import (
    damping_found,
    descents_that_shrink,
    flows_that_shrink,
    growth_rate,
    largest_momentum_found,
    largest_step_found,
    random_hessian,
)
from trainphys.ensemble import stream
from trainphys.laws.stability import growth_factor


@pytest.mark.parametrize(("a", "b"), [(0.3, 0.0), (1.0, 0.5), (2.7, 0.5), (3.4, 0.5)])
def test_measured_growth_is_the_eigenvalue(a, b):
    curvatures = (0.3, 1.0)
    found = growth_rate(random_hessian(curvatures, 1), a, b, seed=2, updates=8000)
    expected = math.log(growth_factor(a * np.array(curvatures), b).max())
    assert abs(found.value - expected) <= found.tolerance()


def test_largest_step_and_momentum_by_running():
    step = largest_step_found(random_hessian((0.4, 2.0), 3), 0.5, seed=1)
    assert abs(step.value - 1.5) <= step.tolerance()
    assert step.stderr < 0.01
    momentum = largest_momentum_found(1.0, seed=1)
    assert abs(momentum.value - 1.0) <= momentum.tolerance()


def test_shares_of_random_systems_against_eigenvalues():
    matrices = np.random.default_rng(0).standard_normal((500, 3, 3))
    found = flows_that_shrink(matrices, seed=0)
    exact = np.array([flow_rate(m) < 0 for m in matrices])
    assert np.mean(found == exact) > 0.99
    steps = np.linspace(0.01, 5.99, 400)
    assert np.mean(descents_that_shrink(steps, 0.5, seed=0) == (steps < 3)) > 0.98


def test_damping_is_one_minus_momentum():
    found = damping_found(0.7, 4, replicas=200, updates=2000, seed=0)
    assert abs(found.value - 0.3) < 6 * found.stderr + 4 / 2000


def test_damping_is_that_of_single_velocities():
    rng, slopes = stream(2, "damping", 4), []
    start = (rng.standard_normal(3) / math.sqrt(4 * (1 - 0.7**2))).tolist()
    kicks = [rng.standard_normal(3).tolist() for _ in range(8)]
    for r in range(3):
        v, above, below = start[r], 0.0, 0.0
        for n in range(8):
            new = 0.7 * v + kicks[n][r] / 2
            above, below, v = above + new * v, below + v * v, new
        slopes.append(1 - above / below)
    assert damping_found(0.7, 4, replicas=3, updates=8, seed=2).value == pytest.approx(sum(slopes) / 3)


def test_growth_is_that_of_a_run_of_floats():
    """From the place and the speed drawn, without rescaling: the length at the end over that at half time."""
    h, (theta, v), lengths = [[1.2, 0.3], [0.3, 0.5]], stream(4, "growth rate").standard_normal((2, 2)).tolist(), []
    for _ in range(60):
        push = [1.1 * sum(h[i][k] * theta[k] for k in (0, 1)) for i in (0, 1)]
        v = [0.5 * a - p for a, p in zip(v, push, strict=True)]
        theta = [a + b for a, b in zip(theta, v, strict=True)]
        lengths.append(math.sqrt(sum(z * z for z in (*theta, *v))))
    found = growth_rate(np.array(h), 1.1, 0.5, seed=4, updates=60)
    assert found.value == pytest.approx(math.log(lengths[59] / lengths[29]) / 30)


def test_which_runs_shrink_is_that_of_runs_of_floats():
    steps = np.array([0.5, 2.9, 3.02, 4.0])
    theta, v = stream(3, "descents").standard_normal((2, 4)).tolist()
    slow = []
    for i, a in enumerate(steps.tolist()):
        x, w, start = theta[i], v[i], math.hypot(theta[i], v[i])
        for _ in range(200):
            w = 0.5 * w - a * x
            x += w
        slow.append(math.hypot(x, w) < start)
    assert descents_that_shrink(steps, 0.5, seed=3, updates=200).tolist() == slow == [True, True, False, False]


def test_flows_shrink_as_those_of_floats_do():
    """Runge and Kutta's rule for one system at a time, with entries of at most one, and its length at the end."""
    turning = [[[rate, -1.0], [1.0, rate]] for rate in (-0.02, 0.02)]  # two per cent of growth are told apart
    turning.append([[-2.0, -40.0], [40.0, -2.0]])  # too fast for the step unless its entries are scaled
    matrices = np.concatenate([np.random.default_rng(6).normal(size=(6, 2, 2)), turning])
    starts, slow = stream(2, "flows").standard_normal((9, 2, 1))[:, :, 0].tolist(), []
    for m, start in zip(matrices.tolist(), starts, strict=True):
        top = max(abs(v) for row in m for v in row)
        flow = lambda x, m=m, top=top: [sum(a / top * b for a, b in zip(row, x, strict=True)) for row in m]  # noqa: E731
        x = start
        for _ in range(200):
            k1 = flow(x)
            k2 = flow([a + 0.05 * b for a, b in zip(x, k1, strict=True)])
            k3 = flow([a + 0.05 * b for a, b in zip(x, k2, strict=True)])
            k4 = flow([a + 0.1 * b for a, b in zip(x, k3, strict=True)])
            x = [a + 0.1 / 6 * (p + 2 * q + 2 * r + s) for a, p, q, r, s in zip(x, k1, k2, k3, k4, strict=True)]
        slow.append(math.hypot(*x) < math.hypot(*start))
    assert slow[6:] == [True, False, True]
    assert flows_that_shrink(matrices, seed=2, duration=20.0).tolist() == slow


def shrank(hessian, step, momentum, start, updates):
    """Whether one run of floats ends closer to rest, place and speed together, than it started."""
    theta, v = (list(part) for part in start)
    for _ in range(updates):
        push = [step * sum(h * x for h, x in zip(row, theta, strict=True)) for row in hessian]
        v = [momentum * a - p for a, p in zip(v, push, strict=True)]
        theta = [a + b for a, b in zip(theta, v, strict=True)]
    return sum(z * z for z in (*theta, *v)) < sum(z * z for part in start for z in part)


@pytest.mark.parametrize(("momentum", "updates", "seed"), [(0.0, 40, 2), (0.7, 60, 5), (0.9, 120, 3)])
def test_the_largest_step_is_that_of_single_runs(momentum, updates, seed):
    """Steps are tried one by one, 0.2 % apart, from far below; the runs are short, so that the end of each counts."""
    h, start = [[1.2, 0.3], [0.3, 0.5]], stream(seed, "largest step").standard_normal((2, 2)).tolist()
    step = 0.3
    while shrank(h, step, momentum, start, updates):
        step *= 1.002
    found = largest_step_found(np.array(h), momentum, seed=seed, updates=updates)
    assert step / 1.002 <= found.value <= step
    assert found.tolerance() == pytest.approx((1e-4 + 10 / updates) * found.value, rel=1e-3)


@pytest.mark.parametrize(("curvature", "updates", "seed"), [(1.0, 60, 1), (0.3, 100, 4), (2.2, 200, 6)])
def test_the_largest_momentum_is_that_of_single_runs(curvature, updates, seed):
    start, momentum = stream(seed, "largest momentum").standard_normal((2, 1)).tolist(), 0.5
    while shrank([[curvature]], 1.0, momentum, start, updates):
        momentum += 5e-4
    found = largest_momentum_found(curvature, seed=seed, updates=updates)
    assert momentum - 6e-4 <= found.value <= momentum + 1e-4
    assert found.tolerance() == pytest.approx(1e-4 + 10 / updates, abs=1e-4)
