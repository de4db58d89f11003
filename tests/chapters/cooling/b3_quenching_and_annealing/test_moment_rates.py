"""Tests of ``chapters.cooling.b3_quenching_and_annealing.moment_rates``."""

import pytest
from hypothesis import given, settings

from tests.simulate.test_entropy import losses, temperatures
from trainphys.chapters.cooling.b3_quenching_and_annealing.moment_rates import grid_of, moment_rates, shifted_well
from trainphys.laws.entropy_rate import EntropyTerms, entropy_rates_after_jump
from trainphys.systems.grid import boltzmann
from trainphys.systems.losses import Quartic, double_well


def test_grid_holds_the_start() -> None:
    grid = grid_of(shifted_well(1.0, 3.0), 0.01, 200)
    p = boltzmann(shifted_well(1.0, 3.0), 0.01, grid)
    assert p[[0, -1]].max() < 1e-10 * p.max()
    assert float((p * grid.centres).sum() * grid.width) == pytest.approx(3.0, abs=1e-3)


@settings(max_examples=40)
@given(losses, losses, temperatures, temperatures)
def test_three_averages_make_the_net_flows(loss: Quartic, start: Quartic, first: float, bath: float) -> None:
    """Quadrature against net flows between cells; they share nothing but the density."""
    found = moment_rates(loss, start, first, bath, 2000, mobility=0.6)
    law = EntropyTerms(*found.terms)
    slack = 2e-3 * (law.drift + law.spread + abs(law.curvature))
    for name in ("total", "medium", "system"):
        assert abs(getattr(law, name) - getattr(found, name).value) < slack + getattr(found, name).tolerance()
    if law.curvature > 0:  # Cauchy-Schwarz
        Q = law.quench_number
        assert law.total >= law.curvature * (Q - 1) ** 2 / Q - slack


@pytest.mark.parametrize("loss", [Quartic((0, 0, 0, 0, 1)), double_well(1.0, 0.5)])
@pytest.mark.parametrize("ratio", [0.4, 3.0])
def test_a_jump_of_the_bath_is_the_least_production_at_its_quench_number(loss: Quartic, ratio: float) -> None:
    found = moment_rates(loss, loss, 0.6 * ratio, 0.6, 1600)
    law = entropy_rates_after_jump(ratio, found.terms.curvature, 1.0)
    assert abs(found.total.value - float(law.total)) < found.total.tolerance()
    assert float(EntropyTerms(*found.terms).quench_number) == pytest.approx(ratio, rel=1e-4)
