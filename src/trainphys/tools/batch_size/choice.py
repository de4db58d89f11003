"""The operating point that was chosen: printed, drawn, and with what it is predicted to cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from trainphys.tools.axes import given_or_new
from trainphys.tools.batch_size.fitted_law import FittedLaw, fitted_law
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.misfit import misfit
from trainphys.tools.batch_size.new_run import updates_by_law
from trainphys.tools.batch_size.predicted import COVERAGE, Interval, short
from trainphys.tools.batch_size.scatter import scatter

if TYPE_CHECKING:
    from trainphys.tools.axes import Axes

WIDTH = 100  # of printed lines
NORMAL = 1.96  # standard errors of 95 times in 100
SETTLED = 10.0  # factor to the end of an interval, beyond which a number is not known


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The choice, what a new run there is predicted to cost, and what stopped it from going further (``binding``).

    What the sweep does not tell is None.
    """

    batch_size: int
    learning_rate: float | None
    momentum: float
    steps: Interval
    time_s: Interval | None
    energy_J: Interval | None
    power_W: float | None
    binding: str
    measured: Measured = field(repr=False, compare=False)  # the sweep that it was chosen from

    @property
    def law(self) -> FittedLaw:
        """Minimum updates, critical batch size and sharpness of the law that was fitted."""
        return fitted_law(self.measured)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw updates against batch size: the sweep, the law with where new runs fall, the choice."""
        ax = given_or_new(ax)
        at, known = self.measured.batch_sizes, self.measured.updates()
        batch = np.geomspace(at[0], at[-1], 200)
        found, single = updates_by_law(self.measured, batch), scatter(self.measured.steps)
        factor = np.exp(found.half_width())
        ax.fill_between(batch, found.value / factor, found.value * factor, alpha=0.2, label="19 new runs of 20")
        ax.plot(batch, found.value, label="law, fitted")
        errors = NORMAL * np.sqrt(single.variance / single.runs) * known
        ax.errorbar(at, known, errors, fmt="o", color="#222222", label="measured")
        ax.plot(self.batch_size, self.steps.value, "*", markersize=14, label=f"chosen: {self.batch_size}")
        ax.set(xscale="log", yscale="log", xlabel="batch size (samples)", ylabel="updates to the target")
        ax.legend()
        return ax

    def _rows(self) -> dict[str, str]:
        momentum = self.momentum if self.measured.momenta else None
        lines = {
            "batch size": f"{self.batch_size:,}",
            "learning rate": "" if self.learning_rate is None else f"{self.learning_rate:.3g}",
            "momentum": "" if momentum is None else f"{momentum:.3g}",
            "updates": str(self.steps),
            "seconds": "" if self.time_s is None else str(self.time_s),
            "joules": "" if self.energy_J is None else str(self.energy_J),
            "watts": "" if self.power_W is None else f"{self.power_W:.3g}",
            "critical batch": _sure(self.law.critical_batch_size),
            "stopped by": "" if self.binding == "none" else self.binding,
        }
        return {name: text for name, text in lines.items() if text}

    def _foot(self) -> list[str]:
        sizes = self.measured.batch_sizes
        fitted = f"Law fitted to {len(sizes)} batch sizes from {sizes[0]:g} to {sizes[-1]:g}."
        brackets = f"In brackets: where {COVERAGE:.0%} of new runs fall."
        return [f"{fitted} {brackets}", *filter(None, (misfit(self.measured), *self.measured.remarks))]

    def __str__(self) -> str:
        foot = [fill(line, WIDTH) for line in self._foot()]
        return "\n".join([*(f"{name:<15}{text}" for name, text in self._rows().items()), *foot])

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{name}</th><td>{escape(text)}</td></tr>" for name, text in self._rows().items())
        return f"<table>{rows}</table>" + "".join(f"<p>{escape(line)}</p>" for line in self._foot())


def _sure(critical: Interval) -> str:
    """A number of the law is no new run: its interval is written out."""
    if critical.high > SETTLED * critical.value:
        return "not settled by this sweep"
    value, low, high = map(short, (critical.value, critical.low, critical.high))
    return f"{value} by the law, {COVERAGE:.0%} sure of {low} to {high}"
