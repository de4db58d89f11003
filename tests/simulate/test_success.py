"""Tests of ``simulate.success``."""

import numpy as np
import pytest

from trainphys.ensemble import stream
from trainphys.laws.success import boltzmann_success, harmonic_success
from trainphys.simulate.success import failure, mass_within, share_within
from trainphys.systems.coolings import quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import double_well, harmonic


def test_success_does_not_depend_on_the_curvatures() -> None:
    k = np.array([0.1, 1.0, 30.0])
    x = stream(0, "curvatures").standard_normal((200_000, 3)) * np.sqrt(0.5 / k)
    found = share_within([harmonic(c) for c in k], x, 1.5)
    assert abs(found.value - float(harmonic_success(3.0, 3))) < found.tolerance()


def test_mass_within_agrees_with_the_quadrature() -> None:
    loss = double_well(1.0, 0.5)
    grid = Grid.around(loss, 0.5, 500)
    assert mass_within(loss, boltzmann(loss, 0.5, grid), 0.3, grid) == pytest.approx(
        boltzmann_success(loss, 0.5, 0.3), abs=2e-3
    )


def test_failure_holds_the_hotter_of_start_and_schedule() -> None:
    late = [failure(harmonic(), quench(end), 20.0, 0.3, start, 2000, 400) for start, end in ((1.0, 0.1), (0.1, 1.0))]
    exact = [1 - float(harmonic_success(0.3 / end, 1)) for end in (0.1, 1.0)]
    assert late == pytest.approx(exact, rel=2e-3)
