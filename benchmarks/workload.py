"""What a benchmark is: cases that do the same work, in turn in one process, and the ratios asked of ours."""

from __future__ import annotations

import ctypes
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
Role = Literal["naive", "peer", "ours", "limit"]


@dataclass(frozen=True, slots=True)
class Case:
    """One way to do the work.

    Attributes:
        build: imports what it needs, prepares (untimed) and returns the call that is timed. It may raise: a peer that
            is not installed, or does not run, is reported as such.
        units: units of work that one call does; a slow way may do fewer than a fast one.
        error: error of what the call returned, where ways differ in it.
    """

    name: str
    role: Role
    build: Callable[[], Callable[[], Any]]
    units: float
    error: Callable[[Any], float] | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Ours is to take at most ``1 / at_least`` of the time per unit that ``against`` takes."""

    against: str
    at_least: float
    case: str = "trainphys"


@dataclass(frozen=True, slots=True)
class Workload:
    """Cases side by side.

    ``one_core``: pinned, the clock is CPU time; otherwise wall time on all cores. ``tolerance``: a case with a larger
    error has not done the work; it is shown, and not counted as a peer.
    """

    name: str
    title: str
    unit: str
    cases: Sequence[Case]
    targets: Sequence[Target] = ()
    rounds: int = 5
    one_core: bool = True
    note: str = ""
    tolerance: float | None = None


@dataclass(slots=True)
class Timing:
    """Seconds per unit of one case, round by round, or why it did not run."""

    name: str
    role: Role
    seconds_per_unit: list[float] = field(default_factory=list)
    error: float | None = None
    failure: str = ""
    peak_MB: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.seconds_per_unit) if self.seconds_per_unit else math.nan


def run(workload: Workload) -> dict[str, Any]:
    """Time every case of a workload, in turn; the first call of each is a warm-up."""
    clock = time.process_time if workload.one_core else time.perf_counter
    timings = {case.name: Timing(case.name, case.role) for case in workload.cases}
    calls: dict[str, Callable[[], Any]] = {}
    for case in workload.cases:
        try:
            call = case.build()
            result = call()
        except Exception as error:  # whatever a peer raises: the finding is that it does not run
            timings[case.name].failure = f"{type(error).__name__}: {str(error)[:200]}"
            continue
        calls[case.name] = call
        timings[case.name].error = float(case.error(result)) if case.error else None
    for _ in range(workload.rounds):
        for case in workload.cases:
            if case.name in calls:
                start = clock()
                calls[case.name]()
                timings[case.name].seconds_per_unit.append((clock() - start) / case.units)
    for name, call in calls.items():
        timings[name].peak_MB = peak_memory(call)
    return {
        "name": workload.name,
        "title": workload.title,
        "unit": workload.unit,
        "note": workload.note,
        "tolerance": workload.tolerance,
        "clock": "CPU time, one core" if workload.one_core else "wall time, all cores",
        "cases": [{**asdict(t), "median": None if math.isnan(t.median) else t.median} for t in timings.values()],
        "targets": [_reached(target, timings) for target in workload.targets],
    }


def peak_memory(call: Callable[[], Any]) -> float | None:
    """Megabytes of memory that a call takes at its peak, above what is held before it; None where Linux does not tell.

    Meanwhile large arrays go back to the system when they are freed: what one call has left would hide the next's.
    """
    reset = Path("/proc/self/clear_refs")
    if not reset.exists():
        return None
    libc = ctypes.CDLL(None)
    libc.mallopt(M_MMAP_THRESHOLD, 1 << 16)
    libc.malloc_trim(0)
    reset.write_text("5")
    before = _resident("VmRSS")
    call()
    peak = _resident("VmHWM") - before
    libc.mallopt(M_MMAP_THRESHOLD, 1 << 25)  # where glibc arrives by itself when large arrays come and go
    libc.mallopt(M_TRIM_THRESHOLD, 1 << 26)
    return peak


def _resident(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(name))


def _reached(target: Target, timings: dict[str, Timing]) -> dict[str, Any]:
    """The median over rounds of their time over ours, taken round by round: drifts of the machine cancel."""
    ours, theirs = timings[target.case], timings[target.against]
    if ours.failure or theirs.failure:
        return {**asdict(target), "ratio": None, "reached": None}
    ratio = statistics.median(b / a for a, b in zip(ours.seconds_per_unit, theirs.seconds_per_unit, strict=True))
    return {**asdict(target), "ratio": ratio, "reached": ratio >= target.at_least}
