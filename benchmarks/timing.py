"""Side-by-side timing: run in turn, CPU time of this process, ratios round by round."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Median seconds of one case, and the median over rounds of baseline time over its own."""

    name: str
    seconds: float
    speedup: float
    rate: float  # units of work per second


def compare(cases: dict[str, tuple[Callable[[], object], float]], rounds: int = 5) -> list[Timing]:
    """Time ``{name: (call, units of work)}``; the first case is the baseline. Each is called once to warm up."""
    for call, _ in cases.values():
        call()
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, (call, units) in cases.items():
            start = time.process_time()
            call()
            seconds[name].append((time.process_time() - start) / units)
    baseline = next(iter(seconds.values()))
    return [
        Timing(
            name,
            statistics.median(own) * cases[name][1],
            statistics.median(b / a for a, b in zip(own, baseline, strict=True)),
            1 / statistics.median(own),
        )
        for name, own in seconds.items()
    ]
