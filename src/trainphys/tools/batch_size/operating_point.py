"""Choose a batch size from a measured sweep: a limit goes in, batch size, learning rate, time and energy come out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from trainphys.arrays import Array
from trainphys.checks import above_zero, numbers, positive
from trainphys.errors import Infeasible, NotIdentifiable
from trainphys.tools.batch_size.fit import STEPS, fit
from trainphys.tools.batch_size.limits import FASTEST, Fastest, LeastEnergy, Limit, MaxSlowdown, PowerLimit, TimeLimit
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.sweep_table import Table, read_sweep

NORMAL = 1.96  # standard errors of 95 times in 100
WIDEST = np.log(10.0)  # half width of an interval, in the logarithm, beyond which a sweep predicts nothing


@dataclass(frozen=True, slots=True)
class Interval:
    """A predicted value and where a new measurement of it falls 95 times in 100."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The choice, what it is predicted to cost, and what stopped it from going further (``binding``)."""

    batch_size: int
    learning_rate: float
    momentum: float
    steps: Interval
    time_s: Interval
    energy_J: Interval
    power_W: float
    binding: str


@dataclass(frozen=True, slots=True)
class _Curve:
    """Predictions at candidate batch sizes, and the relative half width (logarithmic) of their intervals."""

    batch: Array
    steps: Array
    width: Array
    time: Array
    power: Array

    @property
    def energy(self) -> Array:
        return self.time * self.power

    @property
    def latest(self) -> Array:
        return np.asarray(self.time * np.exp(self.width))


def predicted_steps(measured: Measured | Table, batch_size: ArrayLike) -> list[Interval]:
    r"""Updates to the target at other batch sizes, by $S=S_{\min}[1+(B_{\rm crit}/B)^p]^{1/p}$ fitted to a sweep.

    Args:
        measured: the sweep, or its table (``read_sweep``).
        batch_size: samples per update, > 0, one or more.

    Returns:
        An interval for each batch size.

    Raises:
        ValueError: a batch size that is not positive.

    >>> from trainphys import Estimate, PowerModel, StepTime
    >>> from trainphys.laws.batch_size import steps_to_target
    >>> sizes = (8.0, 32.0, 128.0, 512.0, 2048.0)
    >>> steps = tuple(Estimate(float(s), 0.01 * float(s), 9) for s in steps_to_target(sizes, 50, 100))
    >>> sweep = Measured(sizes, steps, (0.1,) * 5, StepTime(1e-3), PowerModel(40.0, 0.1))
    >>> [interval] = predicted_steps(sweep, 100.0)
    >>> round(interval.value, 3), interval.low < 100 < interval.high
    (100.0, True)
    """
    [batch] = above_zero(batch_size=batch_size)
    steps, width = _predict(read_sweep(measured), np.atleast_1d(batch))
    return [_interval(s, w) for s, w in zip(steps, width, strict=True)]


def operating_point(measured: Measured | Table, limit: Limit = FASTEST) -> OperatingPoint:
    """The batch size that a limit asks for, by the law $S=S_{\\min}[1+(B_{\\rm crit}/B)^p]^{1/p}$ fitted to a sweep.

    Only batch sizes within the sweep are considered: the law says nothing beyond its fit. The learning rate and the
    momentum are taken between those tuned at the neighbouring batch sizes. A limit of time that no prediction keeps may
    still be kept at a batch size of the sweep, by what was measured there.

    Args:
        measured: the sweep, the duration of an update, the power; or their table: path of a CSV, rows, DataFrame
            (columns in ``read_sweep``).
        limit: ``Fastest()``, ``LeastEnergy()``, ``TimeLimit(seconds)``, ``PowerLimit(watts)`` or
            ``MaxSlowdown(factor)``.

    Raises:
        Infeasible: no batch size of the sweep's range keeps the limit; the error says what would.
        NotIdentifiable: a sweep that scatters so much that its predictions mean nothing.
        ValueError: a limit that is none, not positive or infinite, or a slowdown below 1.

    >>> from trainphys import Estimate, PowerModel, StepTime
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
    measured = read_sweep(measured)
    curve = _curve(measured)
    if isinstance(limit, Fastest):
        return _point(measured, curve, np.argmin(curve.time), "")
    if isinstance(limit, LeastEnergy):
        return _point(measured, curve, np.argmin(curve.energy), "")
    if isinstance(limit, TimeLimit):
        positive(limit=limit.seconds)
        if (curve.latest > limit.seconds).all():
            curve = _as_measured(measured, curve)
        return _best_within(measured, curve, curve.energy, curve.latest, limit.seconds, "time", "s")
    if isinstance(limit, MaxSlowdown):
        if not 1 <= numbers(slowdown=limit.factor)[0] < np.inf:
            raise ValueError(f"expected a slowdown >= 1, got {limit.factor}: nothing is faster than the fastest")
        bound = limit.factor * float(curve.time.min())
        return _best_within(measured, curve, curve.energy, curve.time, bound, "slowdown", "s")
    if not isinstance(limit, PowerLimit):
        raise ValueError(f"expected a limit such as Fastest() or TimeLimit(60.0), got {limit!r}")
    positive(limit=limit.watts)
    return _best_within(measured, curve, curve.time, curve.power, limit.watts, "power", "W")


def _best_within(
    measured: Measured, curve: _Curve, aim: Array, cost: Array, bound: float, name: str, unit: str
) -> OperatingPoint:
    """Where the aim is least among those whose cost keeps the bound."""
    allowed = np.flatnonzero(cost <= bound * (1 + 1e-12))
    if not allowed.size:
        closest = _point(measured, curve, np.argmin(cost), name)
        raise Infeasible(
            f"expected a {name} limit of {cost.min():.4g} {unit} or more, got {bound:.4g} {unit}: a batch of "
            f"{closest.batch_size} keeps that",
            closest,
        )
    best = allowed[np.argmin(aim[allowed])]
    return _point(measured, curve, best, name if best != np.argmin(aim) else "")


def _curve(measured: Measured) -> _Curve:
    sizes = np.array(measured.batch_sizes)
    batch = np.unique(np.append(np.round(np.geomspace(sizes[0], sizes[-1], 4000)), sizes))
    batch = batch[(batch >= sizes[0]) & (batch <= sizes[-1])]
    steps, width = _predict(measured, batch)
    if width.min() > WIDEST:
        raise NotIdentifiable(
            f"expected updates that follow one curve over the batch size, got predictions good within a factor "
            f"{np.exp(width.min()):.0f}: repeat the runs, tune the learning rate at each batch size, or measure more"
        )
    return _Curve(batch, steps, width, steps * measured.seconds(batch), measured.watts(batch))


def _as_measured(measured: Measured, curve: _Curve) -> _Curve:
    """The curve with what was measured at the sweep's own batch sizes: two runs differ by sqrt(2) of one's error."""
    at = np.searchsorted(curve.batch, measured.batch_sizes)
    steps, width = curve.steps.copy(), curve.width.copy()
    steps[at] = measured.updates()
    width[at] = NORMAL * np.sqrt(2) * measured.relative_errors()
    return _Curve(curve.batch, steps, width, steps * measured.seconds(curve.batch), curve.power)


def _predict(measured: Measured, batch: Array) -> tuple[Array, Array]:
    """The fitted law, and the half width of its prediction interval in the logarithm: t s sqrt(1 + leverage)."""
    at = np.array(measured.batch_sizes)
    law = fit(STEPS, at, measured.updates())
    slopes, new = _slopes(law.values, at), _slopes(law.values, batch)
    spare = len(at) - len(law.values)
    # lack of fit is in the residuals; they may be small by chance, but not below the errors of the measurements
    variance = max(law.rms**2 * len(at) / spare, float(np.mean(measured.relative_errors() ** 2)))
    leverage = np.einsum("ij,jk,ik->i", new, np.linalg.pinv(slopes.T @ slopes), new)
    width = float(stdtrit(spare, 0.975)) * np.sqrt(variance * (1 + leverage))
    return law(batch), width


def _slopes(values: tuple[float, ...], batch: Array) -> Array:
    """Derivatives of the logarithm of the law by the logarithms of its parameters, shape (batch sizes, parameters)."""
    x, step = np.array(values), 1e-5
    moved = np.exp(step * np.eye(x.size))  # each parameter in its turn
    return np.array([np.log(STEPS.curve(batch, x * m) / STEPS.curve(batch, x / m)) / (2 * step) for m in moved]).T


def _point(measured: Measured, curve: _Curve, index: np.intp, binding: str) -> OperatingPoint:
    batch, width = float(curve.batch[index]), float(curve.width[index])
    if not binding and batch == curve.batch[0]:
        binding = "smallest batch measured"
    elif not binding and batch == curve.batch[-1]:
        binding = "largest batch measured"
    x = np.log(measured.batch_sizes)
    rate = float(np.exp(np.interp(np.log(batch), x, np.log(measured.learning_rates))))
    momentum = float(np.interp(np.log(batch), x, measured.momenta)) if measured.momenta else 0.0
    return OperatingPoint(
        batch_size=round(batch),
        learning_rate=rate,
        momentum=momentum,
        steps=_interval(curve.steps[index], width),
        time_s=_interval(curve.time[index], width),
        energy_J=_interval(curve.energy[index], width),
        power_W=float(curve.power[index]),
        binding=binding or "none",
    )


def _interval(value: float, width: float) -> Interval:
    return Interval(float(value), float(value * np.exp(-width)), float(value * np.exp(width)))
