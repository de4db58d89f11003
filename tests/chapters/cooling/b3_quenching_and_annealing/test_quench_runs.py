"""Tests of ``chapters.cooling.b3_quenching_and_annealing.quench_runs``."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.simulate.test_entropy import losses, temperatures
from trainphys.chapters.cooling.b3_quenching_and_annealing.drift_only import drift_flow
from trainphys.chapters.cooling.b3_quenching_and_annealing.quench_runs import (
    Units,
    conditions_in_units,
    grid_of,
    moment_rates,
    number_at_end,
    paired_run,
    shifted_well,
)
from trainphys.laws.entropy_rate import entropy_rates_after_jump
from trainphys.laws.gaussian_well import steady_lag
from trainphys.laws.quench import (
    drift_only_window,
    drift_to_noise,
    quench_number,
    transport_bound,
    variance_excess,
    variance_total_variation,
)
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic


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
        (lambda: drift_only_window(0.0, 1.0, 1.0), "lag > 0"),
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


@settings(max_examples=40, deadline=None)
@given(losses, losses, temperatures, temperatures)
def test_three_averages_make_the_net_flows(loss: Quartic, start: Quartic, first: float, bath: float) -> None:
    """Quadrature against net flows between cells; they share nothing but the density."""
    found = moment_rates(loss, start, first, bath, 2000, mobility=0.6)
    slack = 2e-3 * (found.terms.drift + found.terms.spread + abs(found.terms.curvature))
    for name in ("total", "medium", "system"):
        assert abs(getattr(found.terms, name) - getattr(found, name).value) < slack + getattr(found, name).tolerance()
    if found.terms.curvature > 0:  # Cauchy-Schwarz
        Q = found.terms.quench_number
        assert found.terms.total >= found.terms.curvature * (Q - 1) ** 2 / Q - slack


@pytest.mark.parametrize("loss", [Quartic((0, 0, 0, 0, 1)), double_well(1.0, 0.5)])
@pytest.mark.parametrize("ratio", [0.4, 3.0])
def test_a_jump_of_the_bath_is_the_least_production_at_its_quench_number(loss: Quartic, ratio: float) -> None:
    found = moment_rates(loss, loss, 0.6 * ratio, 0.6, 1600)
    law = entropy_rates_after_jump(ratio, found.terms.curvature, 1.0)
    assert abs(found.total.value - float(law.total)) < found.total.tolerance()
    assert float(found.terms.quench_number) == pytest.approx(ratio, rel=1e-4)


def test_particles_and_density_produce_the_same() -> None:
    run = paired_run(harmonic(), quench(0.25), 2.0, 0.2, 60_000, np.random.default_rng(11), steps=200, cells=800)
    y = 1 + 7 * np.exp(-0.4)
    exact = (7 - np.log(8.0)) / 2 - (y - 1 - np.log(y)) / 2  # fall of the divergence
    assert abs(run.total.value - exact) < run.total.tolerance() + 0.004 * exact
    assert run.terms.total == pytest.approx(exact, rel=0.01)


def test_trajectories_obey_the_integral_relation_while_cooling() -> None:
    rng = np.random.default_rng(2)
    loss, schedule = double_well(1.0, 0.5), Exponential(1.0, 0.5)
    run = paired_run(loss, schedule, 1.0, 0.3, 40_000, rng, steps=300, cells=600)
    assert abs(run.fluctuation.value - 1) < run.fluctuation.tolerance() + 0.01
    assert run.total.value > run.total.tolerance()  # it was not at rest
