"""Joules: read from the machine's counters where that is possible, otherwise from a power model that is stated."""

from __future__ import annotations

import importlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import not_below, one

COUNTERS = "counters, read through zeus"
STATED = "stated power model"


@dataclass(frozen=True, slots=True)
class PowerModel:
    """Power drawn while training: ``static_W + per_sample_W * batch_size``, in watts, stated by whoever makes it.

    Raises:
        ValueError: a negative power, or none at all.

    >>> float(PowerModel(static_W=60.0, per_sample_W=0.5)(100))
    110.0
    """

    static_W: float
    per_sample_W: float

    def __post_init__(self) -> None:
        one(static_W=self.static_W, per_sample_W=self.per_sample_W)
        if self.per_sample_W < 0:
            raise ValueError(
                f"expected per_sample_W >= 0 and finite, got {self.per_sample_W:.3g}: give Measured the watts as "
                "they were read, one for each batch size, which need not rise"
            )
        not_below(0, static_W=self.static_W, per_sample_W=self.per_sample_W)
        if not self.static_W + self.per_sample_W > 0:
            raise ValueError(f"expected powers, not both 0, got {self.static_W} W and {self.per_sample_W} W")

    def __call__(self, batch_size: ArrayLike) -> Array:
        return np.asarray(self.static_W + self.per_sample_W * np.asarray(batch_size, dtype=float))


@dataclass(frozen=True, slots=True)
class EnergyReading:
    """Energy and duration of a run; ``source`` says whether it was read from counters or follows from a model."""

    energy_J: float
    time_s: float
    source: str

    @property
    def measured(self) -> bool:
        return self.source == COUNTERS

    def __str__(self) -> str:
        return f"{self.energy_J:.4g} J in {self.time_s:.4g} s ({self.source})"


def read_energy(run: Callable[[], Any], *, power_W: float | None = None) -> EnergyReading:
    """Run something and say what energy it took.

    Counters are used when the optional package ``zeus`` (``pip install trainphys[energy]``) is installed and finds at
    least one device that it may read (RAPL, NVML). Otherwise the energy is ``power_W`` times the duration.

    Args:
        run: what to measure.
        power_W: power to assume where no counter can be read, > 0.

    Raises:
        ValueError: no function to run, or no counter can be read and no power is stated: no watts are made up.

    >>> found = read_energy(lambda: None, power_W=40.0)
    >>> found.measured or found.energy_J == 40.0 * found.time_s
    True
    """
    if not callable(run):
        raise ValueError(f"expected a function to run, got {run!r:.99}: give it uncalled, as lambda: train(model)")
    monitor = _monitor()
    if monitor is None:
        power = 0.0 if power_W is None else one(power_W=power_W)[0]
        if not 0 < power < math.inf:
            raise ValueError(f"expected counters or a stated power_W > 0, got neither ({power_W}): state the power")
        start = time.perf_counter()
        run()
        seconds = time.perf_counter() - start
        return EnergyReading(power * seconds, seconds, STATED)
    monitor.begin_window("run")
    run()
    window = monitor.end_window("run")
    parts = [window.gpu_energy, window.cpu_energy, window.dram_energy]
    return EnergyReading(float(sum(sum((p or {}).values()) for p in parts)), float(window.time), COUNTERS)


def _monitor() -> Any:
    """A zeus monitor with at least one device, or None."""
    try:
        monitor = importlib.import_module("zeus.monitor").ZeusMonitor()
    except Exception:  # not installed, or installed and without a device or the right to read it
        return None
    return monitor if monitor.gpu_indices or monitor.cpu_indices else None
