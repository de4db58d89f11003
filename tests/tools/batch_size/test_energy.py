"""Tests of ``tools.batch_size.energy``."""

from types import SimpleNamespace

import pytest

from trainphys.tools.batch_size import energy
from trainphys.tools.batch_size.energy import read_energy


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
    assert energy._monitor() is None
    idle = SimpleNamespace(ZeusMonitor=lambda: SimpleNamespace(gpu_indices=[], cpu_indices=[]))
    monkeypatch.setattr(energy.importlib, "import_module", lambda name: idle)
    assert energy._monitor() is None
