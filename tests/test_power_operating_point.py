"""The choice of an operating point against brute force and closed forms; energy; the explorer's formulas."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from trainphys.chapters.power.a8_operating_point.operating_rules import (
    claimed_operating_alpha,
    simulated_linear_rule_edge,
)
from trainphys.chapters.power.shared.claimed import claimed_fastest_alpha, claimed_time
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import (
    alpha_for_stability,
    batch_fraction_for_least_energy,
    batch_fraction_for_power,
    batch_fraction_for_time,
    cheapest_batch_size,
    steps_to_target,
)
from trainphys.tools.batch_size import energy
from trainphys.tools.batch_size.energy import PowerModel, counters_readable, read_energy
from trainphys.tools.batch_size.operating_point import (
    Fastest,
    Infeasible,
    LeastEnergy,
    MaxSlowdown,
    Measured,
    PowerLimit,
    TimeLimit,
    operating_point,
    predicted_steps,
)
from trainphys.tools.batch_size.step_time import StepTime

SIZES = tuple(float(2**k) for k in range(2, 12))
LAW = {"minimum_steps": 40.0, "critical_batch_size": 120.0, "sharpness": 1.4}


def made(error=1e-3, **changes):
    steps = steps_to_target(SIZES, **LAW)
    estimates = tuple(Estimate(float(s), error * float(s), 50) for s in steps)
    rates = tuple(float(0.5 / (1 + 60 / b)) for b in SIZES)
    base = Measured(SIZES, estimates, rates, StepTime(2e-3, 1e-5), PowerModel(30.0, 0.2))
    return replace(base, **changes)


def truth(batch):
    time = steps_to_target(batch, **LAW) * (2e-3 + 1e-5 * np.asarray(batch))
    return time, time * (30.0 + 0.2 * np.asarray(batch))


ALL = np.arange(4, 2049)


def test_fastest_and_cheapest_are_those_of_brute_force():
    time, joules = truth(ALL)
    fast, cheap = operating_point(made(), Fastest()), operating_point(made(), LeastEnergy())
    assert fast.batch_size == pytest.approx(ALL[time.argmin()], rel=0.01)
    assert cheap.batch_size == pytest.approx(ALL[joules.argmin()], rel=0.01)
    assert fast.time_s.value == pytest.approx(time.min(), rel=1e-3)
    assert cheap.energy_J.value == pytest.approx(joules.min(), rel=1e-3)
    assert cheap.power_W == pytest.approx(30 + 0.2 * cheap.batch_size)
    assert (fast.binding, cheap.binding) == ("none", "none")
    flat = made(step_time=StepTime(1e-3), power=PowerModel(30.0, 0.2))
    assert operating_point(flat, LeastEnergy()).batch_size == pytest.approx(
        cheapest_batch_size(120, 30, 0.2, 1.4), rel=0.01
    )
    assert operating_point(flat, Fastest()).binding == "largest batch measured"


def test_limits_bind_and_are_kept():
    cheap, fast = operating_point(made(), LeastEnergy()), operating_point(made(), Fastest())
    tight = operating_point(made(), TimeLimit(0.5 * (cheap.time_s.value + fast.time_s.value)))
    assert tight.time_s.high <= 0.5 * (cheap.time_s.value + fast.time_s.value)
    assert (tight.binding, operating_point(made(), TimeLimit(1e3)).binding) == ("time", "none")
    low = operating_point(made(), PowerLimit(50.0))
    assert (low.batch_size, low.binding) == (100, "power")
    assert operating_point(made(), PowerLimit(1e4)) == replace(fast, binding="none")
    slow = operating_point(made(), MaxSlowdown(1.1))
    assert slow.time_s.value <= 1.1 * fast.time_s.value * (1 + 1e-9)
    assert fast.energy_J.value > slow.energy_J.value >= cheap.energy_J.value
    assert operating_point(made(), MaxSlowdown(1e3)).batch_size == cheap.batch_size


def test_learning_rate_and_momentum_lie_between_their_neighbours():
    point = operating_point(made(momenta=tuple(np.linspace(0, 0.9, 10))), PowerLimit(50.0))
    assert 0.5 / (1 + 60 / 64) < point.learning_rate < 0.5 / (1 + 60 / 128)
    assert 0.4 < point.momentum < 0.5
    assert operating_point(made()).momentum == 0


def test_impossible_limits_say_what_is_possible():
    with pytest.raises(Infeasible, match="smallest measured") as refused:
        operating_point(made(), PowerLimit(20.0))
    assert refused.value.closest.batch_size == 4
    assert operating_point(made(), PowerLimit(refused.value.closest.power_W)).batch_size == 4
    with pytest.raises(Infeasible, match="time limit") as refused:
        operating_point(made(), TimeLimit(1e-3))
    assert operating_point(made(), TimeLimit(refused.value.closest.time_s.high)).batch_size > 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: operating_point(made(), TimeLimit(0.0)), "limit > 0"),
        (lambda: operating_point(made(), MaxSlowdown(0.9)), "slowdown >= 1"),
        (lambda: made(batch_sizes=SIZES[:4]), "five batch sizes"),
        (lambda: made(learning_rates=(0.1,)), "one for each"),
        (lambda: StepTime(-1.0), "seconds >= 0"),
        (lambda: PowerModel(0.0, 0.0), "powers >= 0"),
        (lambda: batch_fraction_for_time(0.4), "no batch size"),
        (lambda: batch_fraction_for_power(0.2, 0.3), "idle machine"),
        (lambda: batch_fraction_for_power(2.0, 1.0), "static_share < 1"),
        (lambda: batch_fraction_for_least_energy(-0.1), "static_share < 1"),
        (lambda: claimed_operating_alpha(0.0), "limit > 0"),
    ],
)
def test_wrong_input_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        change()


def test_intervals_cover_new_measurements():
    rng, hits, count, error = np.random.default_rng(0), 0, 0, 0.04
    for _ in range(60):
        noisy = steps_to_target(SIZES, **LAW) * rng.lognormal(0, error, len(SIZES))
        sweep = made(steps=tuple(Estimate(float(s), error * float(s), 50) for s in noisy))
        for b, interval in zip((6.0, 90.0, 1500.0), predicted_steps(sweep, [6.0, 90.0, 1500.0]), strict=True):
            new = float(steps_to_target(b, **LAW)) * rng.lognormal(0, error)
            hits += interval.low <= new <= interval.high
            count += 1
    share = hits / count
    assert 0.95 - 4 * np.sqrt(0.05 * 0.95 / count) < share


def test_rules_invert_the_laws():
    for p in (0.8, 1.0, 1.7):
        for limit in (0.8, 1.0, 2.5):
            if 2 * limit**p > 1:
                alpha = batch_fraction_for_time(limit, p)
                assert float(steps_to_target(alpha, 1, 1, p) / steps_to_target(1.0, 1, 1, p)) == pytest.approx(limit)
    assert 0.3 + 0.7 * batch_fraction_for_power(2.2, 0.3) == pytest.approx(2.2)
    grid = np.geomspace(0.01, 100, 100_001)
    joules = (0.6 + 0.4 * grid) * steps_to_target(grid, 1, 1, 1.5)
    assert batch_fraction_for_least_energy(0.6, 1.5) == pytest.approx(grid[joules.argmin()], rel=1e-3)
    edge = simulated_linear_rule_edge(0.1, 2.0)
    assert abs(edge.value - alpha_for_stability(2.0, 0.2)) < edge.tolerance()


def test_energy_without_counters_needs_a_stated_power(monkeypatch):
    monkeypatch.setattr(energy, "_monitor", lambda: None)
    reading = read_energy(lambda: None, power_W=50.0)
    assert (reading.source, reading.measured) == (energy.STATED, False)
    assert reading.energy_J == pytest.approx(50 * reading.time_s)
    with pytest.raises(ValueError, match="state the power"):
        read_energy(lambda: None)


def test_energy_from_counters(monkeypatch):
    window = SimpleNamespace(time=2.0, gpu_energy={0: 5.0}, cpu_energy={0: 1.0, 1: 2.0}, dram_energy=None)
    monitor = SimpleNamespace(begin_window=lambda name: None, end_window=lambda name: window)
    monkeypatch.setattr(energy, "_monitor", lambda: monitor)
    assert read_energy(lambda: None) == energy.EnergyReading(8.0, 2.0, energy.COUNTERS)


def test_a_machine_without_zeus_or_devices_has_no_counters(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(energy.importlib, "import_module", absent)
    assert not counters_readable()
    idle = SimpleNamespace(ZeusMonitor=lambda: SimpleNamespace(gpu_indices=[], cpu_indices=[]))
    monkeypatch.setattr(energy.importlib, "import_module", lambda name: idle)
    assert not counters_readable()


@pytest.mark.skipif(shutil.which("node") is None, reason="expected node, found none")
def test_the_explorer_has_the_laws_of_the_package():
    script = Path(__file__).resolve().parents[1] / "book/static/explorer.js"
    cases = [(a, c, s) for a in (0.1, 0.7, 1.0, 3.0, 40.0) for c in (1.0, 8.0, 200.0) for s in (0.0, 0.5, 0.9)]
    program = f"""const laws = require({json.dumps(str(script))});
console.log(JSON.stringify({json.dumps(cases)}.map(([a, c, s]) => [laws.claimedTime(a, c), laws.correctedTime(a),
laws.power(a, s), laws.fastestClaimed(c), laws.cheapest(s)])));"""
    answer = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)
    for (a, c, s), found in zip(cases, json.loads(answer.stdout), strict=True):
        time = float(steps_to_target(a, 1, 1) / steps_to_target(1.0, 1, 1))
        expected = [
            float(claimed_time(a, c)),
            time,
            s + (1 - s) * a,
            claimed_fastest_alpha(c),
            batch_fraction_for_least_energy(s),
        ]
        assert found == pytest.approx(expected, rel=1e-9)
