"""Choose a batch size from a measured sweep: a limit goes in, batch size, learning rate, time and energy come out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from trainphys.arrays import Array, Booleans
from trainphys.checks import one, positive
from trainphys.errors import Infeasible, NotIdentifiable
from trainphys.tools.batch_size.choice import OperatingPoint
from trainphys.tools.batch_size.costs import Costs, costs, costs_by_law, require
from trainphys.tools.batch_size.limits import FASTEST, Fastest, LeastEnergy, Limit, MaxSlowdown, PowerLimit, TimeLimit
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.new_run import updates_as_measured
from trainphys.tools.batch_size.predicted import Interval, Predicted
from trainphys.tools.batch_size.sweep_table import Table, read_sweep

WIDEST = np.log(10.0)  # half width of an interval, in the logarithm, beyond which a sweep predicts nothing


def operating_point(measured: Measured | Table, limit: Limit = FASTEST) -> OperatingPoint:
    """The batch size that a limit asks for, by the law $S=S_{\\min}[1+(B_{\\rm crit}/B)^p]^{1/p}$ fitted to a sweep.

    Only batch sizes within the sweep and its readings are considered: the law says nothing beyond its fit. The learning
    rate and the momentum are taken between those tuned at the neighbouring batch sizes. Each interval is that of one
    new run. A limit of time that no prediction keeps may still be kept at a batch size of the sweep, by the runs that
    were made there.

    Args:
        measured: the sweep, the duration of an update, the power; or their table: path of a CSV, rows, DataFrame, one
            row a run. Columns: ``batch_size``; ``steps``, with ``inf`` for a run that was cut off before the target;
            ``learning_rate`` and ``momentum`` where several were tried; as the limit needs them ``time_s`` or
            ``step_time_s``, ``power_W`` or ``energy_J``. What is left out of a table, and why, is printed with the
            choice. The whole rule: ``trainphys.tools.batch_size.sweep_table.read_sweep``.
        limit: ``Fastest()``, ``LeastEnergy()``, ``TimeLimit(seconds)``, ``PowerLimit(watts)`` or
            ``MaxSlowdown(factor)``.

    Raises:
        Infeasible: no batch size of the sweep's range keeps the limit; the error says what would.
        NotIdentifiable: a sweep that scatters so much that its predictions mean nothing.
        ValueError: a limit that is none, not positive or infinite, a slowdown below 1, or a sweep without the seconds,
            watts or joules that the limit needs.

    >>> from trainphys import Estimate, PowerLimit, PowerModel, StepTime
    >>> from trainphys.laws.batch_size import steps_to_target
    >>> sizes = (8.0, 32.0, 128.0, 512.0, 2048.0)
    >>> steps = tuple(Estimate(float(s), 0.01 * float(s), 9) for s in steps_to_target(sizes, 50, 100))
    >>> sweep = Measured(sizes, steps, (0.1,) * 5, StepTime(1e-3), PowerModel(40.0, 0.1))
    >>> abs(operating_point(sweep, LeastEnergy()).batch_size - 200) <= 2
    True
    >>> operating_point(sweep, TimeLimit(1.0)) == operating_point(sweep, LeastEnergy())  # a second is more than enough
    True
    >>> operating_point(sweep, MaxSlowdown(1.0)).batch_size == operating_point(sweep, Fastest()).batch_size
    True
    >>> operating_point(sweep, PowerLimit(60.0)).batch_size  # 40 W and 0.1 W a sample
    200
    """
    if not isinstance(limit, Limit):
        raise ValueError(
            f"expected Fastest(), LeastEnergy(), TimeLimit(seconds), PowerLimit(watts) or MaxSlowdown(factor), got "
            f"{limit!r}: say what a number limits"
        )
    bound = _bound(limit)
    measured = read_sweep(measured)
    found = costs_by_law(measured)
    require(found, limit)
    width = found.steps.half_width().min()
    if width > WIDEST:
        raise NotIdentifiable(
            f"expected updates that follow one curve over the batch size, got predictions good within a factor "
            f"{np.exp(width):.0f}: repeat the runs, tune the learning rate at each batch size, or measure more"
        )
    if isinstance(limit, TimeLimit) and found.seconds and not (found.seconds.high() <= bound).any():
        found = _with_measured_runs(measured, found)
    return _best(measured, found, limit, bound)


def _bound(limit: Limit) -> float:
    """What the limit allows, in its own unit; infinity where it limits nothing."""
    match limit:
        case MaxSlowdown(factor):
            [slowdown] = one(slowdown=factor)
            if not 1 <= slowdown < np.inf:
                raise ValueError(f"expected a slowdown >= 1, got {factor}: nothing is faster than the fastest")
            return slowdown
        case TimeLimit(value) | PowerLimit(value):
            positive(limit=value)
            return one(limit=value)[0]
    return np.inf


def _best(measured: Measured, found: Costs, limit: Limit, bound: float) -> OperatingPoint:
    """Where the aim is least among those whose cost keeps the bound."""
    known = found.known(limit.needs)
    aim, cost, name, unit = _aim_and_cost(found, limit)
    aim, cost = np.where(known, aim, np.inf), np.where(known, cost, np.inf)
    if isinstance(limit, MaxSlowdown):
        bound *= float(cost.min())
    allowed = np.flatnonzero(known & (cost <= bound * (1 + 1e-12)))
    if not allowed.size:
        closest = _point(measured, found, np.argmin(cost), known, name)
        raise Infeasible(
            f"expected a {name} limit of {cost.min():.4g} {unit} or more, got {bound:.4g} {unit}: a batch of "
            f"{closest.batch_size} keeps that",
            closest,
        )
    best = allowed[np.argmin(aim[allowed])]
    return _point(measured, found, best, known, name if best != np.argmin(aim) else "")


def _aim_and_cost(found: Costs, limit: Limit) -> tuple[Array, Array, str, str]:
    """What is to be least, what is limited, and the name and unit of the limit."""
    free = np.zeros_like(found.batch)
    seconds, watts, joules = (x.value if x else free for x in (found.seconds, found.watts, found.joules))
    match limit:
        case Fastest():
            return seconds, free, "", ""
        case LeastEnergy():
            return joules, free, "", ""
        case TimeLimit():
            return joules, found.seconds.high() if found.seconds else free, "time", "s"
        case MaxSlowdown():
            return joules, seconds, "slowdown", "s"
    return seconds, watts, "power", "W"


def _with_measured_runs(measured: Measured, found: Costs) -> Costs:
    """The costs with those of the runs that were made, at the sweep's own batch sizes."""
    at = np.searchsorted(found.batch, measured.batch_sizes)
    made, steps = updates_as_measured(measured), found.steps
    value, variance, dof = steps.value.copy(), steps.variance.copy(), steps.dof.copy()
    value[at], variance[at], dof[at] = made.value, made.variance, made.dof
    return costs(measured, found.batch, Predicted(value, variance, dof))


def _point(measured: Measured, found: Costs, index: np.intp, known: Booleans, binding: str) -> OperatingPoint:
    batch = float(found.batch[index])
    first, last = found.batch[known][[0, -1]]
    ends = {float(first): "smallest batch measured", float(last): "largest batch measured"}
    rates, momenta = measured.learning_rates, measured.momenta

    def interval(cost: Predicted | None) -> Interval | None:
        return cost.interval(index) if cost and np.isfinite(cost.value[index]) else None

    return OperatingPoint(
        batch_size=round(batch),
        learning_rate=_between_neighbours(measured, batch, rates, lambda a, b, u: a * (b / a) ** u) if rates else None,
        momentum=_between_neighbours(measured, batch, momenta, lambda a, b, u: a + (b - a) * u) if momenta else 0.0,
        steps=found.steps.interval(index),
        time_s=interval(found.seconds),
        energy_J=interval(found.joules),
        power_W=float(found.watts.value[index]) if found.watts and np.isfinite(found.watts.value[index]) else None,
        binding=binding or ends.get(batch, "none"),
        measured=measured,
    )


def _between_neighbours(
    measured: Measured, batch: float, tuned: Sequence[float], mean: Callable[[float, float, float], float]
) -> float:
    """What is tuned, between the two batch sizes beside, by how far the batch lies between their logarithms.

    At a measured batch size, and between two of one setting, it is that setting to the last digit.
    """
    sizes = measured.batch_sizes
    right = max(1, int(np.searchsorted(sizes, batch)))
    low, high = sizes[right - 1], sizes[right]
    if batch == high:
        return float(tuned[right])
    return float(mean(tuned[right - 1], tuned[right], math.log(batch / low) / math.log(high / low)))
