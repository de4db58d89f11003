"""Coolings of any shape, between the same temperatures, on equal time or on an equal clock."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import positive
from trainphys.tools.schedules.shapes import (
    constant_shape,
    cosine_decay,
    exponential_decay,
    inverse_time_decay,
    linear_decay,
    logarithmic_decay,
    quench_shape,
    step_decay,
)

CONTESTANTS: dict[str, Callable[..., Array]] = {
    "exponential": exponential_decay,
    "constant": constant_shape,
    "linear": linear_decay,
    "cosine": cosine_decay,
    "step": step_decay,
    "inverse time": inverse_time_decay,
    "slow logarithm": logarithmic_decay,  # from the common start; the one that is advised is best_chance_cooling
    "quench": quench_shape,
}


@dataclass(frozen=True, slots=True)
class ShapedCooling:
    r"""Temperature of any shape, with a mobility tied to it: $T=T_0f(t/t_f)$, $\eta=\eta_0(T/T_0)^a$.

    A tie a of 0 holds the mobility, 1/2 is the document's $\eta\propto e^{-t/2\tau}$, 1 is SGD at a fixed batch size.

    >>> half = ShapedCooling(partial(exponential_decay, end=0.01), 2.0, 10.0, tie=0.5)
    >>> round(float(half.temperature(10.0)), 9), round(float(half.mobility(10.0)), 9)
    (0.02, 0.1)
    """

    shape: Callable[[ArrayLike], Array]  # f, from progress 0..1 to a positive factor
    start: float  # T_0
    duration: float  # t_f
    tie: float = 0.0  # a
    mobility_start: float = 1.0  # eta_0

    def __post_init__(self) -> None:
        positive(start=self.start, duration=self.duration, mobility_start=self.mobility_start)

    def temperature(self, t: ArrayLike) -> Array:
        return np.asarray(self.start * self._factor(t))

    def mobility(self, t: ArrayLike) -> Array:
        return np.asarray(self.mobility_start * self._factor(t) ** self.tie)

    def clock(self) -> float:
        r"""$\int_0^{t_f}\eta\,dt$ of the whole run."""
        t = np.linspace(0, self.duration, 4001)
        return float(np.trapezoid(self.mobility(t), t))

    def _factor(self, t: ArrayLike) -> Array:
        return np.asarray(self.shape(np.clip(np.asarray(t, dtype=float) / self.duration, 0, 1)))


def contestant(
    name: str, start: float, end: float, duration: float, tie: float = 0.0, clock: float | None = None
) -> ShapedCooling:
    r"""A shape of ``CONTESTANTS`` between two temperatures; with a clock, as long as $\int\eta\,dt$ takes to it.

    >>> round(contestant("linear", 1.0, 0.1, 5.0, tie=1.0, clock=5.0).clock(), 6)
    5.0
    """
    schedule = ShapedCooling(partial(CONTESTANTS[name], end=end / start), start, duration, tie)
    if clock is None:
        return schedule
    return ShapedCooling(schedule.shape, start, duration * clock / schedule.clock(), tie)


LAST = 0.03  # share of the time in which the density settles within its well, at the end temperature


def exponential_then_quench(start: float, last: float, end: float, duration: float) -> ShapedCooling:
    """Exponential cooling from ``start`` to ``last``, then a quench for the last ``LAST`` of the time.

    >>> run = exponential_then_quench(1.0, 0.25, 0.1, 100.0)
    >>> run.temperature([0.0, 48.5, 97.0, 98.0]).round(9).tolist()
    [1.0, 0.5, 0.25, 0.1]
    """
    progress = np.linspace(0.0, 1 - LAST, 2)
    return then_quenched(progress, np.array([start, last]), end, duration)


def then_quenched(progress: Array, temperatures: Array, end: float, duration: float) -> ShapedCooling:
    """Straight lines of ln T between points, and the end temperature after the last of them."""
    points = np.append(progress, [progress[-1] + 1e-6, 1.0])
    values = np.log(np.append(temperatures, [end, end]) / temperatures[0])

    def shape(p: ArrayLike) -> Array:
        return np.asarray(np.exp(np.interp(np.asarray(p, dtype=float), points, values)))

    return ShapedCooling(shape, float(temperatures[0]), duration)
