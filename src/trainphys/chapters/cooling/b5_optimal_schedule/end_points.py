"""The rules for the ends of a schedule, as they stand and completed by a squared length, put to the test."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from trainphys.chapters.cooling.b5_optimal_schedule.schedule_race import (
    ShapedCooling,
    contestant,
    failure_ratio,
    failure_ratio_law,
    final_failure,
)
from trainphys.chapters.cooling.shared.units import UnitChange, rescaled
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.laws.cooling_plan import freezing_temperature
from trainphys.laws.gaussian_well import variance_lag
from trainphys.simulate.cooling_runs import with_refinement_error
from trainphys.simulate.fokker_planck import evolve
from trainphys.simulate.langevin import langevin
from trainphys.systems.coolings import Exponential, Schedule, quench
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, double_well, harmonic
from trainphys.tools.schedules.shaped_lr import torch_exponential_fall
from trainphys.tools.schedules.shapes import cooling_time, exponential_decay

Rows = list[dict[str, Any]]


WRITTEN, COMPLETED = "as written", "times a squared length"


TWO_STATES = {"rtol": 0.02, "rtol_reason": "precision claimed for the two-state law in section 7"}


DT = 0.002


EULER = {"rtol": 0.01, "rtol_reason": "Euler steps: relative error of a variance below k dt / 2"}


def start_cases(cells: int = 500) -> Rows:
    """T0 far above the largest curvature: in other units of the parameter, then times a squared length.

    Args:
        cells: of the Fokker-Planck runs; the hottest start is eighty barriers.

    Returns:
        Arguments of comparisons.
    """
    rows: Rows = []
    at: dict[str, Any]
    loss = double_well(1.0, 0.5)
    hot = 10 * curvature_range(loss)[1]
    plain = contestant("exponential", hot, 0.05, 100.0)
    base = final_failure(loss, plain, 0.3, cells=cells)
    for unit in (3.0, 20.0):
        smaller = rescaled(loss, UnitChange(parameter=unit))
        for rule, start in (("T0 = 10 k_max", 10 * curvature_range(smaller)[1]), ("same T0", hot)):
            shape = partial(exponential_decay, end=0.05 / start)
            run = ShapedCooling(shape, start, 100.0, mobility_start=unit**2)
            found = final_failure(smaller, run, 0.3, cells=cells)
            spread = math.hypot(found.stderr / found.value, base.stderr / base.value)
            ratio = Estimate(found.value / base.value, found.value / base.value * spread, 1)
            law = failure_ratio_law(loss, ShapedCooling(shape, start, 100.0), plain, 0.3)
            at = {"unit": f"1/{unit:g}", "rule": rule, "ratio of": "failures to those in unit 1"}
            rows.append(
                {"at": at, "measured": ratio, "stated": 1.0, "corrected": law, "reading": WRITTEN, **TWO_STATES}
            )
    for barrier, t in ((0.5, 500.0), (1.0, 100.0), (1.0, 500.0), (2.0, 500.0)):
        wells, tolerance = double_well(barrier, barrier / 2), 0.3 * barrier
        starts = (10 * curvature_range(wells)[1], 2 * freezing_temperature(wells, t / 3))
        high, low = (contestant("exponential", start, 0.05, t) for start in starts)
        ratio, law = (
            failure_ratio(wells, high, low, tolerance, cells=cells),
            failure_ratio_law(wells, high, low, tolerance),
        )
        at = {"barrier": barrier, "budget": t, "ratio of": "failures, start at 10 k_max l^2 over 2 T*"}
        rows.append({"at": at, "measured": ratio, "stated": 1.0, "relation": "<=", "reading": COMPLETED})
        rows.append({"at": at, "measured": ratio, "corrected": law, **TWO_STATES})
    high, low = contestant("exponential", 10.0, 0.05, 20.0), contestant("quench", 1.0, 0.05, 20.0)
    ratio, law = failure_ratio(harmonic(), high, low, 0.15, cells=1600), failure_ratio_law(harmonic(), high, low, 0.15)
    at = {"basins": 1, "budget": 20.0, "ratio of": "failures, start at 10 k_max l^2 over quench"}
    rows.append({"at": at, "measured": ratio, "stated": 1.0, "relation": "<=", "reading": COMPLETED})
    rows.append({"at": at, "measured": ratio, "corrected": law})
    return rows


def end_cases(seed: int, particles: int) -> Rows:
    """T_f like the smallest curvature: Langevin particles in three directions, at rest and cooled fast.

    Args:
        seed: root seed.
        particles: number of particles.
    """
    length, curvatures, rows = 0.1, (1.0, 3.0, 9.0), []
    fast = Exponential(1.0, 0.8)
    runs: tuple[tuple[str, Schedule, float], ...] = (
        ("at rest", quench(length**2), 2.0),
        ("fast cooling", fast, fast.duration(length**2)),
    )
    for name, schedule, t in runs:
        squares, loss = measured_spreads(curvatures, schedule, t, DT, particles, stream(seed, name))
        late = [float(variance_lag(k, schedule, [0.0, t])[-1]) for k in curvatures]
        at = {"T_f": "k_min l^2", "state": name}
        softest = {"at": {**at, "ratio": "<x^2>/l^2, softest"}, "measured": _over(squares[0], length**2)}
        rows.append({**softest, "stated": 1.0, "corrected": late[0], "reading": COMPLETED, **EULER})
        whole = {"at": {**at, "ratio": "mean loss / T_f"}, "measured": _over(loss, length**2)}
        rows.append({**whole, "corrected": sum(late) / 2, **EULER})
    rest = []
    for unit in (2.0, 1.0):  # at rest at T_f = k_min, the parameters counted in units 1/unit as large
        k = tuple(c / unit**2 for c in curvatures)
        held = Exponential(min(k), mobility_start=unit**2)
        rest.append(measured_spreads(k, held, 1.0, DT, particles, stream(seed, "units"))[1])
    spread = 0.25 * math.hypot(*(e.stderr / e.value for e in rest))
    ratio = Estimate(rest[0].value / rest[1].value, spread, particles)
    at = {"unit": "1/2", "rule": "T_f = k_min", "ratio of": "mean losses to those in unit 1"}
    rows.append({"at": at, "measured": ratio, "stated": 1.0, "corrected": 0.25, "reading": WRITTEN, **EULER})
    return rows


def time_constant_cases() -> Rows:
    """Does the time constant meet the final temperature? By PyTorch's stepping, and by the spread in a stiff well."""
    rows: Rows = []
    for n, fall in ((100, 10.0), (1000, 100.0), (5000, 1e4)):
        end = torch_exponential_fall(float(cooling_time(n, 1.0, 1 / fall)), n)
        measured = Estimate.from_solver(end * fall, 1e-9)  # rounding of n products
        at = {"updates": n, "T0/T_f": fall, "by": "PyTorch"}
        rows.append({"at": at, "measured": measured, "stated": 1.0, "corrected": 1.0})
    for start, end, t in ((1.0, 0.1, 20.0), (2.0, 0.02, 50.0)):
        tau = float(cooling_time(t, start, end))
        measured = _over(measured_end_temperature(50.0, Exponential(start, tau), t), end)
        at = {"T0/T_f": start / end, "t_f": t, "by": "spread in a stiff well"}
        trails = {"rtol": 1.1 / (100 * tau), "rtol_reason": "the spread trails the temperature by 1 / (2 eta k tau)"}
        rows.append({"at": at, "measured": measured, "stated": 1.0, "corrected": 1.0, **trails})
    return rows


def _over(found: Estimate, unit: float) -> Estimate:
    return Estimate(found.value / unit, found.stderr / unit, found.n, found.dof)


def curvature_range(potential: Quartic) -> tuple[float, float]:
    r"""Smallest and largest $|L''|$ at the stationary points (minima and barrier tops).

    Taken over all parameters the largest would be infinite for a quartic, and the smallest zero.

    >>> from trainphys.systems.losses import double_well
    >>> tuple(round(c, 9) for c in curvature_range(double_well(1.0)))
    (4.0, 8.0)
    """
    _, _, c2, c3, c4 = potential.coefficients
    x = np.array(potential.stationary_points())
    found = np.abs(2 * c2 + 6 * c3 * x + 12 * c4 * x**2)
    return float(found.min()), float(found.max())


def measured_spreads(
    curvatures: tuple[float, ...],
    schedule: Schedule,
    duration: float,
    dt: float,
    particles: int,
    rng: np.random.Generator,
) -> tuple[list[Estimate], Estimate]:
    """Mean square displacement in each direction of a quadratic loss, and its mean loss, at the end of a schedule.

    Langevin particles start from equilibrium at the schedule's first temperature.

    Args:
        curvatures: one for each direction, > 0.
        schedule: temperature and mobility.
        duration: length of the run.
        dt: time step.
        particles: number of particles.
        rng: generator of this task.
    """
    k = np.array(curvatures)
    first = np.sqrt(float(schedule.temperature(0.0)) / k) * rng.standard_normal((particles, k.size))
    times = np.linspace(0, duration, max(2, round(duration / dt)) + 1)
    x = langevin([harmonic(c) for c in curvatures], first, schedule, times, rng).states[0]
    return [Estimate.from_samples(column**2) for column in x.T], Estimate.from_samples((k * x**2 / 2).sum(axis=1))


def measured_end_temperature(curvature: float, schedule: Schedule, duration: float) -> Estimate:
    r"""$k\sigma^2$ at the end of a schedule in a quadratic well, from the density (Fokker-Planck), started at rest.

    It is the temperature itself where the well follows at once, $2\eta k\tau\gg1$.

    Args:
        curvature: k > 0.
        schedule: temperature and mobility.
        duration: length of the run.
    """
    loss = harmonic(curvature)

    def spread(cells: int, steps: int) -> float:
        grid = Grid.around(loss, float(schedule.temperature(0.0)), cells)
        start = boltzmann(loss, float(schedule.temperature(0.0)), grid)
        p = evolve(loss, start, schedule, np.linspace(0, duration, steps + 1), grid).density[0]
        return float(curvature * (p * grid.centres**2).sum() * grid.width)

    return with_refinement_error(spread, 1600, 2000)
