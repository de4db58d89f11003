"""How the cost of the compiled kernels grows with their size, and what a million runs take of memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

from benchmarks import fokker_planck, langevin
from benchmarks.trajectories import EPOCHS, RATE, TOLERANCE, starts
from trainphys.xor.trajectories import train_pieces


def seconds(call: Callable[[], Any], rounds: int = 3) -> float:
    """Median CPU time of a call, after one that is not counted."""
    call()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return sorted(times)[rounds // 2]


def measure() -> dict[str, Any]:
    """Rows of kernel, size and seconds, and the resident memory at its peak."""
    rows = [{"kernel": "trajectories", "size_name": "runs", "size": n, "seconds": s} for n, s in _trajectories()]
    peak_MB = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # before anything else can raise it
    rows += [{"kernel": "Langevin", "size_name": "particles", "size": n, "seconds": s} for n, s in _particles()]
    rows += [{"kernel": "Fokker-Planck", "size_name": "cells", "size": n, "seconds": s} for n, s in _cells()]
    return {"rows": rows, "million_trajectories_peak_MB": peak_MB}


def _trajectories() -> list[tuple[int, float]]:
    def call(runs: int) -> float:
        pieces = train_pieces(starts(runs), rate=RATE, tolerance=TOLERANCE, max_epochs=EPOCHS)
        return sum(float(piece.states[:, :, 0].sum()) for piece in pieces)

    return [(n, seconds(lambda n=n: call(n))) for n in (1_000, 10_000, 100_000, 1_000_000)]  # type: ignore[misc]


def _particles() -> list[tuple[int, float]]:
    return [(n, seconds(langevin.ours(n))) for n in (1_000, 10_000, 100_000, 1_000_000)]


def _cells() -> list[tuple[int, float]]:
    sizes = (100, 1_000, 10_000, 100_000)
    return [(n, seconds(lambda n=n: fokker_planck.ours(n, 100, "tr-bdf2"))) for n in sizes]  # type: ignore[misc]
