"""The race: every shape on every landscape and budget, from one basin to many."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.chapters.cooling.b5_optimal_schedule.failures import final_failure
from trainphys.chapters.cooling.b5_optimal_schedule.shaped_cooling import (
    CONTESTANTS,
    ShapedCooling,
    contestant,
)
from trainphys.chapters.cooling.b5_optimal_schedule.tuning import tuned_exponential_then_quench, tuned_failure
from trainphys.estimate import Estimate
from trainphys.systems.losses import Custom, Potential, Quartic, double_well, harmonic, wells

END = 0.05  # temperature at the end, from T = 1
SETTINGS: dict[str, tuple[float, bool]] = {  # tie of the mobility, and whether the clock is equal
    "constant mobility": (0.0, False),
    "falling mobility, equal time": (0.5, False),
    "falling mobility, equal clock": (0.5, True),
}


def corrugated(curvature: float, amplitude: float, spacing: float) -> Custom:
    r"""Many basins, the lowest in the middle: $L=\tfrac12kx^2+A(1-\cos\frac{2\pi x}{\ell})$, for densities."""

    def value(x: ArrayLike) -> Array:
        x = np.asarray(x, dtype=float)
        return np.asarray(curvature * x**2 / 2 + amplitude * (1 - np.cos(2 * np.pi * x / spacing)))

    return Custom(value, None)


def landscapes() -> dict[str, tuple[Potential, float]]:
    """Losses of the race by name, each with the tolerance that tells its lowest basin from the others."""
    found: dict[str, tuple[Potential, float]] = {"one basin": (harmonic(), 0.15)}
    for height in (0.5, 1.0, 2.0):
        loss = double_well(height, height / 2)
        found[f"two wells, barrier {wells(loss).barrier:.2g}"] = (loss, 0.3 * height)
    return {**found, "many basins": (corrugated(0.1, 0.25, 2.0), 0.15)}


def race_table(*, budgets: tuple[float, ...]) -> list[dict[str, str | float]]:
    """Failures of every contestant from T = 1 to 0.05, on every landscape, setting and budget (time or clock)."""
    rows: list[dict[str, str | float]] = []
    for (land, (loss, tolerance)), (setting, (tie, clock)), t, name in itertools.product(
        landscapes().items(), SETTINGS.items(), budgets, CONTESTANTS
    ):
        schedule = contestant(name, 1.0, END, t, tie, t if clock else None)
        found = final_failure(loss, schedule, tolerance, 1.0, 300, 400)
        where = {"landscape": land, "setting": setting, "budget": t, "shape": name}
        rows.append({**where, "failure": found.value, "error": found.tolerance()})
    return rows


def tuned_table(*, budgets: tuple[float, ...]) -> list[dict[str, str | float]]:
    """The same at constant mobility with each shape's own best end points; the one basin is left out.

    There every shape turns into the coldest quench that is allowed. In two wells the exponential also runs with a
    quench at its end.
    """
    rows: list[dict[str, str | float]] = []
    for (land, (loss, tolerance)), t, name in itertools.product(landscapes().items(), budgets, CONTESTANTS):
        if land != "one basin":
            schedule, found = tuned_failure(name, loss, t, tolerance)
            ends = {"start": schedule.start, "end": float(schedule.temperature(t))}
            where = {"landscape": land, "setting": "tuned ends", "budget": t, "shape": name}
            rows.append({**where, **ends, "failure": found.value, "error": found.tolerance()})
    for land, (loss, tolerance), t in _two_wells(budgets):
        rows.append(_ended(land, t, "exponential, quench", *tuned_exponential_then_quench(loss, t, tolerance, END)))
    return rows


def advised_rows(
    advise: Callable[[Quartic, float, float], ShapedCooling], budgets: tuple[float, ...]
) -> list[dict[str, str | float]]:
    """Rows like those of ``tuned_table`` for a schedule that somebody advises for two wells, a time and an end."""
    rows = []
    for land, (loss, tolerance), t in _two_wells(budgets):
        schedule = advise(loss, t, END)
        rows.append(_ended(land, t, "best chance", schedule, final_failure(loss, schedule, tolerance)))
    return rows


def _two_wells(budgets: tuple[float, ...]) -> Iterator[tuple[str, tuple[Quartic, float], float]]:
    for (land, (loss, tolerance)), t in itertools.product(landscapes().items(), budgets):
        if isinstance(loss, Quartic) and len(loss.stationary_points()) == 3:
            yield land, (loss, tolerance), t


def _ended(land: str, t: float, name: str, schedule: ShapedCooling, found: Estimate) -> dict[str, str | float]:
    where: dict[str, str | float] = {"landscape": land, "setting": "tuned ends", "budget": t, "shape": name}
    return {**where, "start": schedule.start, "end": END, "failure": found.value, "error": found.tolerance()}
