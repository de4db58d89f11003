"""A measured sweep over batch sizes: what the choice of an operating point is made from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import numbers, positive
from trainphys.tools.batch_size.by_size import by_size, in_order, labels_of
from trainphys.tools.batch_size.readings import Readings, between, check_readings
from trainphys.tools.batch_size.scatter import Number, values

SETTINGS = "learning_rates", "momenta"  # none of them is None too
LAWS = "step_time", "power", "step_energy"  # or readings
EACH = "batch_sizes", "steps", *SETTINGS, *LAWS
FEWEST = 5  # batch sizes: the law has three parameters
# standard errors by which a slope must rise: beyond the critical batch size updates scatter about a level
RISES = 2.0
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Measured:
    """A sweep: updates to the target at five batch sizes or more, learning rate (and momentum) tuned at each.

    Args:
        batch_sizes: whole numbers, in samples, each once. All that is given for each of them is in their order, or a
            dictionary or a Series of pandas labelled by them; it is sorted by them.
        steps: updates to the target: means of several runs as ``Estimate``, or plain numbers, each of one run.
        learning_rates: the tuned ones, > 0; none when they do not matter.
        step_time: seconds of an update: a law such as ``StepTime``, or one reading for each batch size.
        power: watts: a law such as ``PowerModel``, or one reading for each batch size. Readings are taken as they
            are, and between them by straight lines in logarithms; nan is a reading that is missing.
        momenta: the tuned ones, 0 to below 1; none means plain gradient descent.
        step_energy: joules of an update, where they were read without seconds and watts.
        remarks: what a choice prints below: of a table, the runs left out, and columns that contradict each other.

    Seconds, watts and joules may be left out where no limit needs them.

    Raises:
        ValueError: fewer than five batch sizes, lengths or labels that differ, a set, which has no order, numbers out
            of range, updates that rise with the batch size over the whole sweep (their slope in logarithms is above
            zero by more than two standard errors), or fewer than three readings. A rise of a few sizes alone is a sweep
            that the law misses, which is said where it is printed.

    >>> from trainphys.estimate import Estimate
    >>> from trainphys.tools.batch_size.energy import PowerModel
    >>> from trainphys.tools.batch_size.new_run import predicted_steps
    >>> sizes = (8.0, 32.0, 128.0, 512.0, 2048.0)
    >>> steps = tuple(Estimate(50 + 5000 / b, 1.0, 9) for b in sizes)  # McCandlish's law, 100 the critical batch size
    >>> sweep = Measured(sizes, steps, (0.1,) * 5, (1.1e-3, 1.0e-3, 1.2e-3, 2e-3, 6e-3), PowerModel(40.0, 0.1))
    >>> round(predicted_steps(sweep, 100.0)[0].value, 3)
    100.0
    >>> [round(1e3 * float(s), 2) for s in sweep.seconds([8, 64, 2048])]
    [1.1, 1.1, 6.0]
    """

    batch_sizes: tuple[float, ...]
    steps: tuple[Number, ...]
    learning_rates: tuple[float, ...] = ()
    step_time: Readings | None = None
    power: Readings | None = None
    momenta: tuple[float, ...] = ()
    step_energy: Readings | None = None
    remarks: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        own = labels_of(self.batch_sizes)
        object.__setattr__(self, "batch_sizes", in_order("batch_sizes", self.batch_sizes))
        for name in EACH[1:]:
            given = getattr(self, name)
            if name in LAWS and (given is None or callable(given)):
                continue
            found = () if given is None and name in SETTINGS else by_size(name, given, self.batch_sizes, own)
            object.__setattr__(self, name, found)
        count = len(self.batch_sizes)
        if count < FEWEST:
            raise ValueError(f"expected five batch sizes or more, got {self.batch_sizes}: measure more")
        if len(set(self.batch_sizes)) < count:
            raise ValueError(
                f"expected each batch size once, got {self.batch_sizes}: give means of runs as Estimate, or a table "
                "of runs"
            )
        if {len(self.steps), len(self.learning_rates) or count, len(self.momenta) or count} != {count}:
            raise ValueError(f"expected {count} steps, learning rates and momenta: one for each batch size")
        positive(batch_sizes=self.batch_sizes, steps=self.updates(), learning_rates=self.learning_rates)
        self._sort()
        if any(size % 1 for size in self.batch_sizes):
            raise ValueError(
                f"expected whole batch sizes, got {self.batch_sizes}: count samples, not thousands of them"
            )
        [momenta] = numbers(momenta=self.momenta)
        if not ((momenta >= 0) & (momenta < 1)).all():
            raise ValueError(f"expected momenta from 0 to below 1, got {self.momenta}: what is kept of a velocity")
        (slope, _), covariance = np.polyfit(np.log(self.batch_sizes), np.log(self.updates()), 1, cov=True)
        if slope > RISES * np.sqrt(covariance[0, 0]) + ROUNDING:
            raise ValueError(
                f"expected updates that fall with the batch size, got a slope of {slope:+.2g} in logarithms: count "
                "updates, not samples or epochs, and tune the learning rate at each batch size"
            )
        for name in LAWS:
            readings = getattr(self, name)
            if readings is not None:
                check_readings(name, readings, count)

    def _sort(self) -> None:
        """Ascending batch sizes, and with each its steps, settings and readings."""
        order = np.argsort(self.batch_sizes)
        for name in EACH:
            given = getattr(self, name)
            if isinstance(given, tuple) and len(given) == len(order):
                object.__setattr__(self, name, tuple(given[i] for i in order))

    def updates(self) -> Array:
        """Updates to the target at each batch size, shape (batch sizes,)."""
        return values(self.steps)

    def seconds(self, batch_size: ArrayLike) -> Array:
        """Seconds of an update at other batch sizes; nan beyond the readings."""
        return self._read("step_time", batch_size)

    def watts(self, batch_size: ArrayLike) -> Array:
        """Watts at other batch sizes; nan beyond the readings."""
        return self._read("power", batch_size)

    def _read(self, name: str, batch_size: ArrayLike) -> Array:
        readings = getattr(self, name)
        if readings is None:
            raise ValueError(f"expected a sweep with {name}, got one without: give it a law or readings")
        return between(self.batch_sizes, readings, batch_size).value
