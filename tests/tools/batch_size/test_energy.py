"""Tests of ``tools.batch_size.energy``."""

from types import SimpleNamespace

import pytest

from trainphys.tools.batch_size import energy
from trainphys.tools.batch_size.energy import PowerModel, read_energy
from trainphys.tools.batch_size.measured import Measured


@pytest.mark.parametrize("watts", [(0.0, 0.0), (-1.0, 2.0), (2.0, -1.0), (float("nan"), 1.0)])
def test_a_power_is_no_less_than_nothing(watts):
    with pytest.raises(ValueError, match=r"powers, not both 0, got|_W >= 0 and finite, got"):
        PowerModel(*watts)
    assert (PowerModel(0.0, 0.5)(4), PowerModel(5.0, 0.0)(4)) == (2.0, 5.0)


def test_energy_without_counters_needs_a_stated_power(monkeypatch):
    monkeypatch.setattr(energy, "_monitor", lambda: None)
    reading = read_energy(lambda: None, power_W=50.0)
    assert (reading.source, reading.measured) == (energy.STATED, False)
    assert reading.energy_J == pytest.approx(50 * reading.time_s)
    for none in (None, 0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"got neither \(.*\): state the power"):
            read_energy(lambda: None, power_W=none)


def test_a_stated_power_is_taken_for_as_long_as_the_run_lasts(monkeypatch):
    clock = iter([10.0, 12.5])
    monkeypatch.setattr(energy, "_monitor", lambda: None)
    monkeypatch.setattr(energy.time, "perf_counter", lambda: next(clock))
    done = []
    assert read_energy(lambda: done.append(1), power_W=4.0) == energy.EnergyReading(10.0, 2.5, energy.STATED)
    assert done == [1]


@pytest.mark.parametrize("counters", [None, SimpleNamespace()])
def test_what_was_already_run_is_refused(counters, monkeypatch):
    monkeypatch.setattr(energy, "_monitor", lambda: counters)
    with pytest.raises(ValueError, match="expected a function to run, got None: give it uncalled"):
        read_energy(None, power_W=40.0)


def test_energy_from_counters(monkeypatch):
    window = SimpleNamespace(time=2.0, gpu_energy={0: 5.0}, cpu_energy={0: 1.0, 1: 2.0}, dram_energy=None)
    calls = []
    monitor = SimpleNamespace(
        begin_window=lambda name: calls.append(("begin", name)),
        end_window=lambda name: calls.append(("end", name)) or window,
    )
    monkeypatch.setattr(energy, "_monitor", lambda: monitor)
    reading = read_energy(lambda: calls.append("run"))
    assert reading == energy.EnergyReading(8.0, 2.0, energy.COUNTERS)
    assert reading.measured
    (_, begun), run, (_, ended) = calls
    assert (run, begun) == ("run", ended)


def test_only_a_machine_with_zeus_and_a_device_has_counters(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(energy.importlib, "import_module", absent)
    assert energy._monitor() is None
    for gpus, cpus in (([0], []), ([], [0])):
        found = SimpleNamespace(gpu_indices=gpus, cpu_indices=cpus)
        modules = {"zeus.monitor": SimpleNamespace(ZeusMonitor=lambda found=found: found)}
        monkeypatch.setattr(energy.importlib, "import_module", modules.__getitem__)
        assert energy._monitor() is found
    idle = SimpleNamespace(ZeusMonitor=lambda: SimpleNamespace(gpu_indices=[], cpu_indices=[]))
    monkeypatch.setattr(energy.importlib, "import_module", lambda name: idle)
    assert energy._monitor() is None


def test_watts_that_fall_with_the_batch_are_given_as_readings():
    """The cure that the error names: readings need not lie on a rising line."""
    watts, sizes = (196.0, 188.0, 179.0, 171.0, 169.0), (512, 1024, 2048, 4096, 8192)
    with pytest.raises(ValueError, match=r"per_sample_W >= 0 .* give Measured the watts as they were read"):
        PowerModel(200.0, -0.01)
    with pytest.raises(ValueError, match="real numbers per_sample_W"):
        PowerModel(200.0, "0.01")
    sweep = Measured(sizes, tuple(50 + 5000 / b for b in sizes), step_time=(0.1,) * 5, power=watts)
    assert sweep.watts(sizes).tolist() == pytest.approx(watts)
    assert str(energy.EnergyReading(12345.678, 3.14159, energy.STATED)) == "1.235e+04 J in 3.142 s (stated power model)"
