"""The learning rate at half the pace of the temperature: does it follow, and does it keep the balance?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from trainphys.cooling.drift_balance import (
    drift_ratio,
    drift_ratio_exponent,
    measured_drift_change,
    measured_drift_ratio,
    sgd_cooling,
)
from trainphys.cooling.gaussian import lag
from trainphys.cooling.potentials import harmonic
from trainphys.cooling.schedules import Exponential
from trainphys.ensemble import stream
from trainphys.estimate import Estimate

Rows = list[dict[str, Any]]
Traces = dict[str, tuple[Exponential, float, list[Estimate]]]
TAU, FALL, DT = 4.0, 1e4, 0.01  # of the particle runs; curvature and first mobility are one
SLOW = {"rtol": 0.015, "rtol_reason": "the law is that of slow cooling: at tau = 1000 the lag is below one per cent"}


def rate_cases(seed: int, replicas: int) -> Rows:
    """Fall of the temperature of SGD when its rate falls at half or full pace, with fixed and growing batches.

    Args:
        seed: root seed.
        replicas: independent runs of each.

    Returns:
        Arguments of comparisons.
    """
    rows: Rows = []
    tau = 1000.0
    for task, (a, b, fall) in enumerate(((0.5, 0.0, 4.0), (0.5, 0.0, 9.0), (1.0, 0.0, 4.0), (0.5, 0.5, 4.0))):
        ratio, late = sgd_cooling(
            rate_exponent=a,
            batch_exponent=b,
            tau=tau,
            duration=tau * math.log(fall),
            rate=0.1,
            replicas=replicas,
            rng=stream(seed, "sgd cooling", task),
        )
        at = {
            "rate": "exp(-t/2tau)" if a == 0.5 else "exp(-t/tau)",
            "batch": "grows as exp(t/2tau)" if b else "fixed",
            "T0/T wanted": fall,
        }
        trails = {"rtol": 1.2 * late, "rtol_reason": "lag of the spread behind the temperature, to first order"}
        stated = None if a == 1 else 1 / fall
        rows.append({"at": at, "measured": ratio, "stated": stated, "corrected": fall ** -(a + b), **trails})
    return rows


def drift_traces(seed: int, particles: int) -> Traces:
    """Drift over diffusion of Langevin particles in a quadratic well, for three rates, at five times.

    Args:
        seed: root seed.
        particles: of each run.

    Returns:
        By name of the rate: schedule, duration, and R at the start and after each quarter.
    """
    found: Traces = {}
    for task, (name, pace) in enumerate((("constant rate", 0.0), ("half pace", 0.5), ("full pace", 1.0))):
        schedule = Exponential(1.0, TAU, mobility_tau=TAU / pace if pace else np.inf)
        duration = schedule.duration(1 / FALL)
        rng = stream(seed, "drift traces", task)
        found[name] = schedule, duration, measured_drift_ratio(harmonic(), schedule, duration, DT, particles, rng)
    return found


def balance_cases(traces: Traces) -> Rows:
    """R after some cooling over R before: densities in wells of several powers, and the particles of ``drift_traces``.

    Args:
        traces: as ``drift_traces`` returns them.

    Returns:
        Arguments of comparisons.
    """
    rows: Rows = []
    for n, a in ((2.0, 0.5), (4.0, 0.5), (4 / 3, 0.5), (2.0, 0.0), (1.5, 1 / 3)):
        at = {"loss": f"abs(x)^{n:.3g}", "rate": f"T^{a:.3g}", "ratio of": "R, after and before T fell 63 times"}
        law = 100 ** (-0.9 * float(drift_ratio_exponent(n, a)))
        stated = 1.0 if a == 0.5 else None
        rows.append(
            {"at": at, "measured": measured_drift_change(n, a, 1000.0), "stated": stated, "corrected": law, **SLOW}
        )
    first = float(drift_ratio(1.0, 1.0))
    steps = {"rtol": DT / 2, "rtol_reason": "Euler steps: eta k dt / 2"}
    for name, (schedule, duration, found) in traces.items():
        late = lag(1.0, schedule, np.linspace(0, duration, 5))
        for quarter in (2, 4):
            law = float(drift_ratio(schedule.mobility(quarter * duration / 4), 1.0, late[quarter])) / first
            one = found[quarter]
            measured = Estimate(one.value / first, one.stderr / first, one.n, one.dof)
            at = {"loss": "quadratic", "by": "particles", "rate": name, "T0/T": round(FALL ** (quarter / 4), 1)}
            stated = 1.0 if name == "half pace" else None
            rows.append({"at": at, "measured": measured, "stated": stated, "corrected": law, **steps})
    return rows
