"""Tests of ``chapters.cooling.b7_guarantees.heat``."""

import math

import numpy as np
import pytest
from scipy.stats import differential_entropy

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


def test_windows_are_those_of_a_loop_over_groups() -> None:
    """Heat of each group's particles with the mean of 1/T at the ends of a record, and the change of its entropy."""
    times, schedule = np.array([0.1, 0.2, 0.5, 0.6, 0.9]), Exponential(0.9, 0.6)
    x = np.random.default_rng(2).normal(size=(5, 200)) * [[1.0], [0.8], [0.5], [0.5], [0.4]]
    found = entropy_produced(Ensemble(times, x), harmonic(3.0), schedule, windows=2, groups=2)
    beta = [math.exp(t / 0.6) / 0.9 for t in times.tolist()]
    for window, (first, last) in enumerate(((0, 2), (2, 4))):
        total = 0.0
        for group in (0, 1):
            part = [row[group::2].tolist() for row in x]
            entropy = [float(differential_entropy(row)) for row in part]
            heat = 0.0
            for n in range(first, last):
                lost = sum(3 * (a * a - b * b) / 2 for a, b in zip(part[n], part[n + 1], strict=True)) / 100
                heat += (beta[n] + beta[n + 1]) / 2 * lost
            total += (entropy[last] - entropy[first] + heat) / 2
        assert found[window].value == pytest.approx(total)
