"""Pictures of a probe and of a run. They draw on axes that they are given, or on new ones, and change no settings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from trainphys.estimate import Estimate
from trainphys.tools.axes import new
from trainphys.tools.probe.values import Value, interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainphys.tools.axes import Axes
    from trainphys.tools.probe.result import Probe


def draw_probe(probe: Probe, ax: Axes | None) -> Axes:
    """Learning rate over its limit and batch size over the noise scale, on a logarithmic axis with a line at one."""
    ax = new(figsize=(6, 2.2), layout="constrained")[0] if ax is None else ax
    ratios: dict[str, Value] = {"learning rate / limit": probe.margin, "batch size / noise scale": probe.noise_scale}
    for row, (value, of) in enumerate(zip(ratios.values(), (1.0, probe.batch_size), strict=True)):
        if not isinstance(value, Estimate) or of is None:
            ax.text(0.5, row, "refused", transform=ax.get_yaxis_transform(), ha="center", va="center")
            continue
        low, high = interval(value)
        ends = [[of / value.value - of / high], [of / low - of / value.value if low > 0 else 0.0]]
        ax.errorbar(of / value.value, row, xerr=ends, fmt="o", capsize=4)
        ax.annotate(
            f"{of / value.value:.2g}", (of / value.value, row), xytext=(0, 7), textcoords="offset points", ha="center"
        )
    ax.axvline(1.0, color="0.5", lw=1)
    ax.margins(x=0.2)
    ax.set(xscale="log", yticks=range(len(ratios)), yticklabels=list(ratios), ylim=(-0.6, len(ratios) - 0.4))
    return ax


def draw_run(records: Sequence[tuple[int, Probe]], axes: Sequence[Axes] | None) -> Sequence[Axes]:
    """Learning rate and its limit, batch size and noise scale, and the temperature, against the update."""
    axes = new(3, figsize=(10, 3), layout="constrained") if axes is None else axes
    three = list(np.ravel(np.asarray(axes, dtype=object)))
    if len(three) != 3:
        raise ValueError(f"expected three axes, got {len(three)}: give those of pyplot.subplots(1, 3)[1]")
    learning, batch, heat = three
    _band(learning, records, "margin", "limit over learning rate")
    _line(learning, 1.0, "unstable below")
    _band(batch, records, "noise_scale", "noise scale (samples)")
    for size in {probe.batch_size for _, probe in records if probe.batch_size}:
        _line(batch, size, "batch size")
    _band(heat, records, "temperature", "temperature (loss)")
    return axes


def _band(ax: Axes, records: Sequence[tuple[int, Probe]], name: str, label: str) -> None:
    """A value with its intervals; where it was refused there is a gap."""
    values = [getattr(probe, name) for _, probe in records]
    known = [isinstance(value, Estimate) for value in values]
    middle = [value.value if isinstance(value, Estimate) else math.nan for value in values]
    ends = [interval(value) if isinstance(value, Estimate) else (math.nan, math.nan) for value in values]
    errors = [[abs(m - end[k]) for m, end in zip(middle, ends, strict=True)] for k in (0, 1)]
    steps = [step for step, _ in records]
    ax.errorbar(steps, middle, yerr=errors, fmt="o-", ms=4, capsize=3)
    ax.set(xlabel="update", ylabel=label, xlim=(min(steps) - 0.5, max(steps) + 0.5))
    if any(known):
        ax.set_yscale("log")
    else:
        ax.text(0.5, 0.8, "refused", transform=ax.transAxes, ha="center", va="center")


def _line(ax: Axes, level: float, words: str) -> None:
    ax.axhline(level, color="0.5", lw=1)
    ax.annotate(
        words, (1, level), xycoords=("axes fraction", "data"), xytext=(-4, 3), textcoords="offset points", ha="right"
    )
