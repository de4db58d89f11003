"""Tests of ``chapters.cooling.b7_guarantees.heat``."""

import numpy as np
import pytest

from trainphys.chapters.cooling.b7_guarantees.heat import entropy_produced
from trainphys.ensemble import stream
from trainphys.laws.gaussian_well import (
    divergence_from_boltzmann,
    entropy_production,
    euler_temperature,
    steady_lag,
    stopping_temperature,
    variance_lag,
)
from trainphys.laws.slow_cooling import slow_cooling, slowness
from trainphys.simulate.cooling_runs import CoolingRun
from trainphys.simulate.entropy import divergence, largest_rise, production
from trainphys.simulate.langevin import Ensemble, langevin
from trainphys.systems.coolings import Exponential, cooling, quench
from trainphys.systems.grid import Grid
from trainphys.systems.losses import harmonic


def test_heat_of_particles_agrees_with_the_gaussian_law() -> None:
    schedule, times = Exponential(1.0, 1.0), np.linspace(0, 2, 1001)
    start = stream(0, "heat test").standard_normal(100_000)
    ensemble = langevin(harmonic(), start, schedule, times, stream(1, "heat test"), record=np.arange(0, 1001, 20))
    found = entropy_produced(ensemble, harmonic(), schedule, windows=2, groups=50)
    law = entropy_production(variance_lag(1.0, schedule, times), 1.0, 1.0)[0]
    for window, part in zip(found, (law[:501], law[500:]), strict=True):
        assert abs(window.value - np.trapezoid(part, dx=0.002)) < window.tolerance()


def test_bad_input() -> None:
    grid, flat = Grid(-1, 1, 10), np.full(10, 0.5)
    with pytest.raises(ValueError, match="density >= 0"):
        production(harmonic(), flat - 1, 1.0, 1.0, grid)
    with pytest.raises(ValueError, match="mobility > 0"):
        production(harmonic(), flat, 1.0, 0.0, grid)
    with pytest.raises(ValueError, match="two densities"):
        divergence(flat, flat[:5], grid)
    with pytest.raises(ValueError, match="two rates"):
        largest_rise([0.0, 0.0])
    with pytest.raises(ValueError, match="multiple of records"):
        CoolingRun(harmonic(), quench(1.0), 1.0, steps=10, records=3).history()
    with pytest.raises(ValueError, match="more particles"):
        entropy_produced(Ensemble(np.arange(2.0), np.zeros((2, 50))), harmonic(), quench(1.0))
    with pytest.raises(ValueError, match="windows that divide"):
        entropy_produced(Ensemble(np.arange(3.0), np.zeros((3, 5000))), harmonic(), quench(1.0), windows=3)
    with pytest.raises(ValueError, match="mobility_tau"):
        stopping_temperature(1.0, Exponential(1.0, 1.0))
    with pytest.raises(ValueError, match="lag > 0"):
        divergence_from_boltzmann(0.0)
    with pytest.raises(ValueError, match="increasing times"):
        variance_lag(1.0, quench(1.0), [0.0])
    with pytest.raises(ValueError, match="shorter steps"):
        euler_temperature(1.0, 1.0, 1.0, 2.0)
    with pytest.raises(ValueError, match="mobility > 0"):
        steady_lag(0.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="temperature > 0"):
        slow_cooling(harmonic(), 0.0, 1.0, grid)
    with pytest.raises(ValueError, match="duration > 0"):
        slowness(harmonic(), Exponential(1.0, 1.0), 0.0)
    with pytest.raises(ValueError, match="tau > 0"):
        Exponential(1.0, 0.0)
    with pytest.raises(ValueError, match=r"end in \(0, 1\)"):
        cooling(1.0, 2.0, 1.0)
    with pytest.raises(ValueError, match="expected 0 < end"):
        Exponential(1.0, 1.0).duration(2.0)
