"""Cooling schedules: temperature and mobility (learning rate) as pure functions of time."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import above_zero, inside, positive


@dataclass(frozen=True, slots=True)
class PiecewiseLog:
    """Schedule whose ln T and ln eta are straight lines between knots.

    Args:
        times: increasing times of the knots.
        temperatures: T > 0 at the knots, loss units.
        mobilities: eta > 0 at the knots, parameter squared per loss and time.

    Raises:
        ValueError: knots that do not increase in time, or values that are not positive.

    >>> float(PiecewiseLog((0.0, 2.0), (4.0, 1.0), (1.0, 1.0)).temperature(1.0))
    2.0
    """

    times: tuple[float, ...]
    temperatures: tuple[float, ...]
    mobilities: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.times) < 2 or not (np.diff(self.times) > 0).all():
            raise ValueError(f"expected at least two increasing times, got {self.times}: sort the knots")
        for name in ("temperatures", "mobilities"):
            [values] = positive(**{name: getattr(self, name)})
            if values.shape != (len(self.times),):
                raise ValueError(f"expected {len(self.times)} {name}, got {len(values)}: give one a knot")

    def temperature(self, t: ArrayLike) -> Array:
        return np.asarray(np.exp(np.interp(np.asarray(t, dtype=float), self.times, np.log(self.temperatures))))

    def mobility(self, t: ArrayLike) -> Array:
        return np.asarray(np.exp(np.interp(np.asarray(t, dtype=float), self.times, np.log(self.mobilities))))


class Schedule(Protocol):
    """Temperature T(t) and mobility eta(t)."""

    def temperature(self, t: ArrayLike) -> Array: ...
    def mobility(self, t: ArrayLike) -> Array: ...


@dataclass(frozen=True, slots=True)
class Exponential:
    r"""Exponential cooling, $T=T_0e^{-t/\tau}$, $\eta=\eta_0e^{-t/\tau_\eta}$.

    Args:
        start: $T_0>0$, loss units.
        tau: cooling time $\tau>0$; infinity holds the temperature.
        mobility_start: $\eta_0>0$, parameter squared per loss and time.
        mobility_tau: $\tau_\eta>0$; infinity (the default) holds the mobility, $2\tau$ is the document's choice.

    Raises:
        ValueError: an argument that is not positive.

    >>> float(Exponential(2.0, tau=1.0).temperature(math.log(2)))
    1.0
    """

    start: float
    tau: float = math.inf
    mobility_start: float = 1.0
    mobility_tau: float = math.inf

    def __post_init__(self) -> None:
        positive(start=self.start, mobility_start=self.mobility_start)
        above_zero(tau=self.tau, mobility_tau=self.mobility_tau)

    def temperature(self, t: ArrayLike) -> Array:
        return np.asarray(self.start * np.exp(-np.asarray(t, dtype=float) / self.tau))

    def mobility(self, t: ArrayLike) -> Array:
        return np.asarray(self.mobility_start * np.exp(-np.asarray(t, dtype=float) / self.mobility_tau))

    def clock(self, t: ArrayLike) -> Array:
        r"""Distance that the dynamics has been allowed to go, $\int_0^t\eta\,dt'$.

        >>> float(Exponential(1.0, mobility_tau=3.0).clock(math.inf))
        3.0
        """
        t = np.asarray(t, dtype=float)
        if math.isinf(self.mobility_tau):
            return np.asarray(self.mobility_start * t)
        return np.asarray(-self.mobility_start * self.mobility_tau * np.expm1(-t / self.mobility_tau))

    def duration(self, end: float) -> float:
        r"""Time to cool to the temperature ``end``: $\tau\ln(T_0/T_f)$, the document's rule for $\tau$ turned round."""
        if not 0 < end <= self.start:
            raise ValueError(f"expected 0 < end <= {self.start}, got {end}")
        return self.tau * math.log(self.start / end)


def cooling(start: float, end: float, duration: float, mobility: float = 1.0, slows: bool = False) -> Exponential:
    r"""The document's schedule between two temperatures: $\tau=t_f/\ln(T_0/T_f)$, and $\tau_\eta=2\tau$ when it
    ``slows``.

    Args:
        start: $T_0$, loss units.
        end: $T_f<T_0$.
        duration: $t_f>0$.
        mobility: $\eta_0>0$.
        slows: let the mobility fall as $e^{-t/2\tau}$; otherwise it is constant.

    Raises:
        ValueError: temperatures that do not fall, or a duration that is not positive.

    >>> schedule = cooling(1.0, 0.01, duration=10.0)
    >>> round(float(schedule.temperature(10.0)), 12)
    0.01
    """
    positive(start=start, duration=duration)
    inside(0, start, end=end)
    tau = duration / math.log(start / end)
    return Exponential(start, tau, mobility, 2 * tau if slows else math.inf)


def quench(end: float, mobility: float = 1.0) -> Exponential:
    r"""A sudden drop: the final temperature $T>0$ (loss units) from the first moment on, at a mobility $\eta>0$.

    Raises:
        ValueError: an argument that is not positive.

    >>> float(quench(0.1).temperature(5.0))
    0.1
    """
    return Exponential(end, mobility_start=mobility)


@dataclass(frozen=True, slots=True)
class OnClock:
    r"""A schedule told in its own clock $u=\int_0^t\eta\,dt'$: mobility one, temperature $T(t(u))$.

    The densities of both schedules agree at equal clock, because
    $\partial_up=\nabla\cdot(p\nabla L)+T\nabla^2p$ contains the mobility no more.

    Args:
        schedule: temperature and mobility in time.

    >>> half = OnClock(Exponential(1.0, tau=1.0, mobility_start=0.5))
    >>> float(half.temperature(0.5)) == float(np.exp(-1.0)), float(half.mobility(0.3))
    (True, 1.0)
    """

    schedule: Exponential

    def time(self, clock: ArrayLike) -> Array:
        """Time at which the clock shows this; a clock that a falling mobility never reaches is refused."""
        u = np.asarray(clock, dtype=float) / self.schedule.mobility_start
        if np.isinf(self.schedule.mobility_tau):
            return np.asarray(u)
        if (u >= self.schedule.mobility_tau).any():
            raise ValueError(
                f"expected a clock below {self.schedule.mobility_start * self.schedule.mobility_tau}, got {clock!r}: "
                "the mobility falls too fast to go further"
            )
        return np.asarray(-self.schedule.mobility_tau * np.log1p(-u / self.schedule.mobility_tau))

    def temperature(self, clock: ArrayLike) -> Array:
        return np.asarray(self.schedule.temperature(self.time(clock)))

    def mobility(self, clock: ArrayLike) -> Array:
        return np.ones_like(np.asarray(clock, dtype=float))


@dataclass(frozen=True, slots=True)
class Budget:
    r"""What both contestants get: the same start, final temperature, and distance $\int\eta\,dt$ to go.

    Both start at equilibrium at ``start``. The quench holds the temperature ``end`` at mobility one; the annealing
    follows the document's schedule for the time ``duration``. With ``slows`` its mobility falls as $e^{-t/2\tau}$,
    and the quench is given the same $\int\eta\,dt$, which is then less time.
    """

    start: float
    end: float
    duration: float
    slows: bool = False

    @property
    def annealing(self) -> Exponential:
        return cooling(self.start, self.end, self.duration, slows=self.slows)

    @property
    def quench_duration(self) -> float:
        return float(self.annealing.clock(self.duration))
