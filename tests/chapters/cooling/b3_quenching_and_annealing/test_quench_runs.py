"""Tests of ``chapters.cooling.b3_quenching_and_annealing.quench_runs``."""

import math

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.chapters.cooling.b3_quenching_and_annealing.entropy_terms import density_terms
from trainphys.chapters.cooling.b3_quenching_and_annealing.quench_runs import (
    conditions_in_units,
    number_at_end,
    paired_run,
    terms_over,
)
from trainphys.chapters.cooling.shared.units import UnitChange
from trainphys.laws.entropy_rate import EntropyTerms
from trainphys.laws.gaussian_well import steady_lag
from trainphys.laws.quench import (
    drift_only_window,
    quench_number,
    transport_bound,
    variance_excess,
    variance_total_variation,
)
from trainphys.systems.coolings import Exponential, quench
from trainphys.systems.grid import Densities, Grid
from trainphys.systems.losses import double_well, harmonic


def test_number_in_steady_cooling_and_at_rest() -> None:
    trailing = steady_lag(1.0, 1.0, 3.0)
    steady = number_at_end(harmonic(), Exponential(1.0, 3.0), trailing, 2.0, 600, 2000)
    assert abs(steady.value - trailing) < steady.tolerance() + 1e-4
    rest = number_at_end(double_well(1.0, 0.5), quench(0.5), 1.0, 20.0, 400, 400)
    assert abs(rest.value - 1) < 1e-3


@pytest.mark.parametrize("units", [UnitChange(parameter=7.0), UnitChange(loss=0.01), UnitChange(time=50.0)])
def test_only_the_unit_of_time_changes_the_ratio(units: UnitChange) -> None:
    ratio, number = conditions_in_units(units, 9.0, 0.1, 40_000, np.random.default_rng(0), rate=0.3)
    now = 1 + 8 * np.exp(-0.2)
    assert abs(number.value - now) < number.tolerance()
    law = (0.3 * now / 2 / units.time) ** 0.5
    assert abs(ratio.value - law) < ratio.tolerance()
    assert ratio.tolerance() < 0.1 * law


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: quench_number(-1.0, 1.0, 1.0), "mean_square_slope >= 0"),
        (lambda: quench_number(1.0, 0.0, 1.0), "mean_laplacian"),
        (lambda: variance_excess(1.0, 1.0, 1.0, -1.0), "time >= 0"),
        (lambda: drift_only_window(0.0, 1.0, 1.0), "lag > 0"),
        (lambda: variance_total_variation(0.0), "excess > 0"),
        (lambda: transport_bound(1.0, 1.0, 1.0, -1.0), "time >= 0"),
    ],
)
def test_bad_input_is_named(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        call()


def test_particles_and_density_produce_the_same() -> None:
    run = paired_run(harmonic(), quench(0.25), 2.0, 0.2, 60_000, np.random.default_rng(11), steps=200, cells=800)
    y = 1 + 7 * np.exp(-0.4)
    exact = (7 - np.log(8.0)) / 2 - (y - 1 - np.log(y)) / 2  # fall of the divergence
    assert abs(run.total.value - exact) < run.total.tolerance() + 0.004 * exact
    assert EntropyTerms(*run.terms).total == pytest.approx(exact, rel=0.01)


def test_trajectories_obey_the_integral_relation_while_cooling() -> None:
    rng = np.random.default_rng(2)
    loss, schedule = double_well(1.0, 0.5), Exponential(1.0, 0.5)
    run = paired_run(loss, schedule, 1.0, 0.3, 40_000, rng, steps=300, cells=600)
    assert abs(run.fluctuation.value - 1) < run.fluctuation.tolerance() + 0.01
    assert run.total.value > run.total.tolerance()  # it was not at rest


def test_conditions_are_those_of_a_loop_over_groups() -> None:
    """Exact steps of a quadratic well in other units; slopes squared, averaged in groups that take every second one."""
    units, rng = UnitChange(parameter=2.0, loss=3.0, time=5.0), np.random.default_rng(4)
    ratio, number = conditions_in_units(units, 9.0, 0.3, 6, np.random.default_rng(4), rate=0.7, groups=2)
    k, T, eta = 3.0 / 4.0, 3.0, 0.7 * 4.0 / (3.0 * 5.0)
    start, t = [3.0 * 2.0 * z for z in rng.standard_normal((6, 1))[:, 0].tolist()], 0.3 / 0.7 * 5.0
    kicks, keep = rng.standard_normal((6, 1))[:, 0].tolist(), math.exp(-eta * k * t)
    x = [a * keep + math.sqrt(T / k * (1 - keep**2)) * z for a, z in zip(start, kicks, strict=True)]
    squares = [sum((k * v) ** 2 for v in x[g::2]) / 3 for g in (0, 1)]
    assert ratio.value == pytest.approx(sum(math.sqrt(eta * s / (2 * T)) for s in squares) / 2)
    assert number.value == pytest.approx(sum(s / (k * T) for s in squares) / 2)


def test_terms_over_a_run_are_trapezoids_of_each_moment() -> None:
    loss, schedule, grid = (
        double_well(1.0, 0.5),
        Exponential(0.9, 0.6, mobility_start=1.3, mobility_tau=0.4),
        Grid(-1.6, 1.7, 11),
    )
    times, p = [0.1, 0.3, 0.9], [[(i * (n + 2) % 5 + 1) / 10 for i in range(11)] for n in range(3)]
    parts = [
        density_terms(loss, p[n], 0.9 * math.exp(-t / 0.6), 1.3 * math.exp(-t / 0.4), grid) for n, t in enumerate(times)
    ]
    found = terms_over(loss, Densities(np.array(times), np.array(p)), schedule, grid)
    for name in ("drift", "spread", "curvature"):
        values = [getattr(part, name) for part in parts]
        assert getattr(found, name) == pytest.approx(twins.trapezoid(values, times))
