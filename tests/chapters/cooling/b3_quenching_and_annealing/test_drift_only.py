"""Tests of ``chapters.cooling.b3_quenching_and_annealing.drift_only``."""

import numpy as np
import pytest

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
