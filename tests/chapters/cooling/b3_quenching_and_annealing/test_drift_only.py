"""Tests of ``chapters.cooling.b3_quenching_and_annealing.drift_only``."""

import math
from itertools import pairwise

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.chapters.cooling.b3_quenching_and_annealing.drift_only import drift_error, drift_flow, without_diffusion
from trainphys.laws.quench import transport_bound, variance_excess, variance_total_variation
from trainphys.simulate.langevin import langevin
from trainphys.systems.coolings import quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic

QUARTIC = Quartic((0, 0, 0, 0, 1))


@pytest.mark.parametrize(("y0", "t"), [(10.0, 0.5), (100.0, 2.0)])
def test_drift_error_of_a_quadratic_well(y0: float, t: float) -> None:
    found = drift_error(harmonic(), harmonic(), 1.0, 1 / y0, t, Grid(-7.8, 7.8, 2000))
    variation = float(variance_total_variation(variance_excess(y0, 1.0, 1.0, t)))
    gap = np.exp(-t) * (np.sqrt(1 + float(variance_excess(y0, 1.0, 1.0, t))) - 1)
    assert abs(found.total_variation.value - variation) < found.total_variation.tolerance()
    assert abs(found.transport.value - gap) < found.transport.tolerance()
    assert found.total_variation.tolerance() < 0.05 * variation


def test_errors_of_the_measurement_shrink_with_the_cells() -> None:
    gaps = []
    for cells in (200, 400):
        grid = Grid(-7.8, 7.8, cells)
        found = without_diffusion(harmonic(), boltzmann(harmonic(), 1.0, grid), 0.05, 1.0, grid, 40 * cells)
        gaps.append(abs(found[0] - float(variance_total_variation(variance_excess(20.0, 1.0, 1.0, 1.0)))))
    assert np.log2(gaps[0] / gaps[1]) > 0.9


def test_bare_drift_down_a_quartic() -> None:
    x = np.array([0.1, 0.5, 2.0])
    np.testing.assert_allclose(drift_flow(QUARTIC, x, 0.7), x / np.sqrt(1 + 8 * x**2 * 0.7), rtol=1e-7)


@pytest.mark.parametrize(("loss", "least"), [(harmonic(1.5), 1.5), (QUARTIC, 0.0), (double_well(1.0), -4.0)])
def test_twins_stay_within_the_transport_bound(loss: Quartic, least: float) -> None:
    """The coupling itself: each particle with its noiseless twin."""
    rng = np.random.default_rng(1)
    start, times, T = rng.normal(0, 1, 20_000), np.linspace(0, 0.6, 1201), 0.1
    noisy = langevin(loss, start, quench(T), times, rng).states[0]
    bare = drift_flow(loss, start, 0.6)
    gap = float(np.sqrt(((noisy - bare) ** 2).mean()))
    bound = float(transport_bound(T, least, 1.0, 0.6))
    assert gap < 1.02 * bound
    if least > 0:  # linear drift: an equality
        assert gap == pytest.approx(bound, rel=0.03)


def test_bare_drift_is_that_of_a_loop_over_cells() -> None:
    """Faces carried by Runge and Kutta's rule, the walk by Gauss; excess summed cell by cell, quantiles by a search."""
    loss, T, n, steps, duration = Quartic((0.0, 0.1, 0.3, -0.1, 0.2)), 0.15, 40, 8, 0.6
    grid = Grid(-3.0, 3.2, n)
    w, x = grid.width, [-3.0 + 6.2 / n * (i + 0.5) for i in range(n)]
    height = lambda v: 0.1 * v + 0.3 * v**2 - 0.1 * v**3 + 0.2 * v**4  # noqa: E731
    slope = lambda v: 0.1 + 0.6 * v - 0.3 * v**2 + 0.8 * v**3  # noqa: E731
    p0 = twins.boltzmann_of([(v - 0.4) ** 2 for v in x], w, 0.5)
    times = [duration * k / steps for k in range(steps + 1)]
    p = twins.density_path(p0, [height(v) for v in x], w, lambda t: T, lambda t: 1.0, times, second=False)[-1]
    carried = []
    for i in range(n + 1):
        at, h = -3.0 + w * i, duration / 400
        for _ in range(400):
            k1 = -slope(at)
            k2 = -slope(at + h / 2 * k1)
            k3 = -slope(at + h / 2 * k2)
            at += h / 6 * (k1 + 2 * k2 + 2 * k3 - slope(at + h * k3))
        carried.append(at)
    moved = [(a + b) / 2 for a, b in pairwise(carried)]
    excess = cost = before = 0.0
    for i in range(n):
        k = min(max(math.floor((moved[i] - x[0]) / w), 0), n - 2)
        there = p[k] + (moved[i] - x[k]) / w * (p[k + 1] - p[k])
        excess += max(p0[i] - there * (carried[i + 1] - carried[i]) / w, 0.0) * w
        level, mass, j = (before + p0[i] * w / 2) * sum(p) * w, 0.0, 0
        while mass + p[j] * w < level:
            mass, j = mass + p[j] * w, j + 1
        cost += p0[i] * w * (-3.0 + w * j + (level - mass) / p[j] - moved[i]) ** 2
        before += p0[i] * w
    found = without_diffusion(loss, p0, T, duration, grid, steps)
    assert found == pytest.approx((excess, math.sqrt(cost)), rel=1e-6)


def test_both_distances_err_by_their_change_on_halving() -> None:
    well, start, sizes = harmonic(1.3), double_well(0.5, 0.2), {}
    for k in (1, 2):
        cells = Grid(-5.0, 5.0, 200 // k)
        w, x = 10.0 / (200 // k), [-5.0 + 10.0 / (200 // k) * (i + 0.5) for i in range(200 // k)]
        p0 = twins.boltzmann_of([0.5 * (v * v - 1) ** 2 - 0.1 * v for v in x], w, 0.8)
        mean = sum(a * v for a, v in zip(p0, x, strict=True)) * w
        size = math.sqrt(sum(a * (v - mean) ** 2 for a, v in zip(p0, x, strict=True)) * w)
        variation, transport = without_diffusion(well, p0, 0.2, 0.7, cells, 1200 // k)
        sizes[k] = variation, transport / size
    found = drift_error(well, start, 0.8, 0.2, 0.7, Grid(-5.0, 5.0, 200))
    assert (found.total_variation.value, found.transport.value) == pytest.approx(sizes[1])
    for one, fine, coarse in zip((found.total_variation, found.transport), sizes[1], sizes[2], strict=True):
        assert one.tolerance() == pytest.approx(abs(fine - coarse))
