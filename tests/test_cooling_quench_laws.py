"""What diffusion left out costs: closed forms against quadrature, the Fokker-Planck solver, and coupled particles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from trainphys.chapters.cooling.b3_quenching_and_annealing.drift_only import drift_error, drift_flow, without_diffusion
from trainphys.chapters.cooling.b3_quenching_and_annealing.quench_runs import (
    Units,
    conditions_in_units,
    grid_of,
    number_at_end,
    shifted_well,
)
from trainphys.laws.gaussian_well import steady_lag
from trainphys.laws.quench import (
    drift_only_window,
    drift_to_noise,
    quench_number,
    transport_bound,
    variance_excess,
    variance_total_variation,
)
from trainphys.simulate.langevin import langevin
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic

QUARTIC = Quartic((0, 0, 0, 0, 1))


@pytest.mark.parametrize("excess", [0.01, 0.5, 30.0])
def test_total_variation_is_the_area_between_the_densities(excess: float) -> None:
    wide = float(np.sqrt(1 + excess))
    area = quad(lambda x: abs(norm.pdf(x) - norm.pdf(x, scale=wide)), 0, 12 * wide, limit=400)[0]
    assert float(variance_total_variation(excess)) == pytest.approx(area, rel=1e-5)


def test_window_ends_where_the_excess_is_reached() -> None:
    for y0, share in ((0.1, 0.5), (50.0, 0.2)):
        t = float(drift_only_window(y0, 0.7, 2.0, share))
        assert float(variance_excess(y0, 0.7, 2.0, t)) == pytest.approx(share)


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


def test_number_in_steady_cooling_and_at_rest() -> None:
    trailing = steady_lag(1.0, 1.0, 3.0)
    steady = number_at_end(harmonic(), Exponential(1.0, 3.0), trailing, 2.0, 600, 2000)
    assert abs(steady.value - trailing) < steady.tolerance() + 1e-4
    rest = number_at_end(double_well(1.0, 0.5), quench(0.5), 1.0, 20.0, 400, 400)
    assert abs(rest.value - 1) < 1e-3


@pytest.mark.parametrize("units", [Units(parameter=7.0), Units(loss=0.01), Units(time=50.0)])
def test_only_the_unit_of_time_changes_the_ratio(units: Units) -> None:
    ratio, number = conditions_in_units(units, 9.0, 0.1, 40_000, np.random.default_rng(0), rate=0.3)
    now = 1 + 8 * np.exp(-0.2)
    assert abs(number.value - now) < number.tolerance()
    law = float(drift_to_noise(now, 1.0, 0.3)) / units.time**0.5
    assert abs(ratio.value - law) < ratio.tolerance()
    assert ratio.tolerance() < 0.1 * law


def test_ratio_and_number_are_one_quantity_in_relaxation_times() -> None:
    g, h, T = 3.7, 1.9, 0.4
    assert 2 * float(drift_to_noise(g, T, 1 / h)) ** 2 == pytest.approx(float(quench_number(g, h, T)))


def test_grid_holds_the_start() -> None:
    grid = grid_of(shifted_well(1.0, 3.0), 0.01, 200)
    p = boltzmann(shifted_well(1.0, 3.0), 0.01, grid)
    assert p[[0, -1]].max() < 1e-10 * p.max()
    assert float((p * grid.centres).sum() * grid.width) == pytest.approx(3.0, abs=1e-3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: drift_to_noise(-1.0, 1.0, 1.0), "mean_square_slope >= 0"),
        (lambda: quench_number(1.0, 0.0, 1.0), "mean_laplacian"),
        (lambda: variance_excess(1.0, 1.0, 1.0, -1.0), "time >= 0"),
        (lambda: drift_only_window(0.0, 1.0, 1.0), "positive"),
        (lambda: variance_total_variation(0.0), "excess > 0"),
        (lambda: transport_bound(1.0, 1.0, 1.0, -1.0), "time >= 0"),
        (lambda: drift_flow(harmonic(), [0.0, 1.0], 0.0), "duration > 0"),
        (lambda: grid_of(harmonic(), 0.0, 10), "temperature"),
        (lambda: conditions_in_units(Units(time=0.0), 1.0, 1.0, 400, np.random.default_rng(0)), "positive"),
    ],
)
def test_bad_input_is_named(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        call()
