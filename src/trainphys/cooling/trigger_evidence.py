"""Measurements that settle the adaptation trigger: its sign in one well, and what it says of trapped runs in two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from trainphys.cooling.cooling_trigger import (
    TriggerHistory,
    annealing_formula_ratio,
    entropy_ratio,
    follow_trigger,
    frozen_fluctuation_ratio,
    over,
    quench_formula_ratio,
    refined_trigger,
    trigger_ratio,
)
from trainphys.cooling.fokker_planck import Grid
from trainphys.cooling.gaussian import lag
from trainphys.cooling.potentials import Quartic, double_well, harmonic
from trainphys.cooling.quasistatic import slow_cooling
from trainphys.cooling.schedules import Exponential, quench
from trainphys.estimate import Estimate

Row = dict[str, Any]
LOCAL, SYSTEM = "local entropy, root mean square", "entropy of all runs"
ANNEALING, QUENCH = "the annealing formula", "the quench formula, in quenches"
NO_LESS = {"stated": 1.0, "relation": ">="}
TAUS = (1.0, 3.0, 10.0, 30.0)
UNEVEN, LEVEL = double_well(1.0, 0.5), double_well(1.0)


def _last(run: TriggerHistory, change: str, made: str) -> float:
    return float(run.ratio(change, made)[-1])


def _median(run: TriggerHistory, change: str) -> float:
    return float(np.median(run.ratio(change)))


def speed_rows() -> Iterator[Row]:
    """Comparisons in one quadratic well: the ratio of the trigger, and whether faster cooling raises it."""
    well = harmonic(1.0)
    laws: dict[str, tuple[str, str, Callable[[float], Any], tuple[float, ...]]] = {
        LOCAL: ("local", "total", trigger_ratio, TAUS),
        SYSTEM: ("system", "total", entropy_ratio, TAUS),
        ANNEALING: ("local", "annealing", annealing_formula_ratio, TAUS[:3]),
    }
    for reading, (change, made, law, taus) in laws.items():
        found: dict[float, Estimate] = {}
        for tau in taus:
            schedule = Exponential(1.0, tau)
            duration = schedule.duration(0.1)
            found[tau] = refined_trigger(partial(_last, change=change, made=made), well, schedule, duration)
            behind = float(lag(1.0, schedule, [0, duration])[-1])
            yield {"at": {"tau": tau, "trigger": reading}, "measured": found[tau], "corrected": float(law(behind))}
        for fast, slow in pairwise(taus):
            ratio = over(found[fast], found[slow])
            yield {"at": {"fast tau": fast, "slow tau": slow}, "measured": ratio, "reading": reading, **NO_LESS}
    for reading, made, law in ((LOCAL, "total", trigger_ratio), (QUENCH, "quench", quench_formula_ratio)):
        after: dict[float, Estimate] = {}
        for drop in (4.0, 16.0):
            take = partial(_last, change="local", made=made)
            after[drop] = refined_trigger(take, well, quench(1.0), 0.01, start=drop, records=1)
            behind = float(lag(1.0, quench(1.0), [0, 0.01], start=drop)[-1])
            at = {"quench by": drop, "trigger": reading}
            yield {"at": at, "measured": after[drop], "corrected": float(law(behind))}
        at = {"fast": "quench by 16", "slow": "quench by 4"}
        yield {"at": at, "measured": over(after[16.0], after[4.0]), "reading": reading, **NO_LESS}


def _cooled(loss: Quartic, tau: float, quantity: Callable[[TriggerHistory], float], end: float = 0.05) -> Estimate:
    schedule = Exponential(1.0, tau)
    return refined_trigger(quantity, loss, schedule, schedule.duration(end))


def trapping_rows() -> Iterator[Row]:
    """Comparisons in two wells: whether runs that trap more raise the trigger, and what trapping does raise."""
    taus = (3.0, 30.0, 300.0, 3000.0)
    for change, reading in (("local", LOCAL), ("system", SYSTEM)):
        typical = {tau: _cooled(UNEVEN, tau, partial(_median, change=change)) for tau in taus}
        for more, less in pairwise(taus):
            at: dict[str, Any] = {"traps more: tau": more, "traps fewer: tau": less, "ratio": "median of the run"}
            yield {"at": at, "measured": over(typical[more], typical[less]), "reading": reading, **NO_LESS}
    take = partial(_last, change="local", made="quench")
    at = {"traps more": "uneven, tau 30", "traps none": "level, tau 10"}
    ratio = over(_cooled(UNEVEN, 30.0, take), _cooled(LEVEL, 10.0, take))
    yield {"at": at, "measured": ratio, "reading": "the quench formula", **NO_LESS}
    upper = UNEVEN.stationary_points()[0]
    softest = 12 * upper**2 - 4  # curvature of the upper well
    for tau in (100.0, 300.0):
        run = follow_trigger(UNEVEN, Exponential(1.0, tau), Exponential(1.0, tau).duration(0.05), records=40)
        yield {
            "at": {"tau": tau, "quantity": "fluctuations over response, jumps frozen"},
            "measured": _cooled(UNEVEN, tau, lambda run: float(run.fluctuations()[-2])),
            "corrected": frozen_fluctuation_ratio(UNEVEN, float(run.trapped[-2]), float(run.temperature[-2])),
            "rtol": 1 / (2 * softest * tau),
            "rtol_reason": "inside the wells the spread itself trails, by 1/(2 k tau) with k the smaller curvature",
        }
    take = partial(_last, change="system", made="total")
    for temperature in (0.7, 0.5):
        one, two = (_cooled(UNEVEN, tau, take, temperature) for tau in (1000.0, 2000.0))
        slope = Estimate((two.value - one.value) / 1000, float(np.hypot(one.stderr, two.stderr)) / 1000, 1)
        friction = slow_cooling(UNEVEN, temperature, 1.0, Grid.around(UNEVEN, temperature, 4000)).friction_time
        yield {
            "at": {"T": temperature, "quantity": "entropy change over production, per cooling time"},
            "measured": slope,
            "corrected": 1 / friction,
        }
