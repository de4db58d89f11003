"""Updates, seconds, watts and joules that a new run takes, at every batch size of a sweep's range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array, Booleans
from trainphys.tools.batch_size.limits import COLUMNS, Limit
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.new_run import updates_by_law
from trainphys.tools.batch_size.predicted import Predicted
from trainphys.tools.batch_size.readings import Readings, between

CANDIDATES = 4000


@dataclass(frozen=True, slots=True)
class Costs:
    """What is predicted at batch sizes, as far as the sweep tells it; nan beyond its readings."""

    batch: Array
    steps: Predicted
    seconds: Predicted | None
    watts: Predicted | None
    joules: Predicted | None

    def known(self, quantities: tuple[str, ...]) -> Booleans:
        """Where all of these are known."""
        return np.asarray(np.all([np.isfinite(getattr(self, name).value) for name in quantities], axis=0))


def costs(measured: Measured, batch: Array, steps: Predicted) -> Costs:
    """What runs of these updates cost. Joules are those that were read, else watts times seconds."""

    def read(readings: Readings | None) -> Predicted | None:
        return None if readings is None else between(measured.batch_sizes, readings, batch)

    step_time, power, step_energy = map(read, (measured.step_time, measured.power, measured.step_energy))
    if step_energy is None and step_time is not None and power is not None:
        step_energy = step_time * power
    seconds = None if step_time is None else steps * step_time
    return Costs(batch, steps, seconds, power, None if step_energy is None else steps * step_energy)


def costs_by_law(measured: Measured) -> Costs:
    """What a new run takes by the fitted law, at all whole batch sizes or some thousand of them."""
    sizes = np.array(measured.batch_sizes)
    batch = np.unique(np.append(np.round(np.geomspace(sizes[0], sizes[-1], CANDIDATES)), sizes))
    batch = batch[(batch >= sizes[0]) & (batch <= sizes[-1])]
    return costs(measured, batch, updates_by_law(measured, batch))


def require(found: Costs, limit: Limit) -> None:
    """Refuse a sweep that lacks what a limit needs."""
    for name in limit.needs:
        if getattr(found, name) is None:
            ways = ", or ".join(" and ".join(columns) for columns in COLUMNS[name])
            raise ValueError(
                f"expected {name} for {type(limit).__name__}, got a sweep without: add {ways}, at three batch sizes or "
                "more"
            )
