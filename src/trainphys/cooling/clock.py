"""The clock of training: time measured by the mobility, in which only the temperature is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainphys.cooling.schedules import Exponential

Array = NDArray[np.float64]


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
        """Time at which the clock shows this.

        Raises:
            ValueError: a clock that a falling mobility never reaches.
        """
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


def updates_clock(learning_rates: ArrayLike) -> Array:
    r"""Clock of stochastic gradient descent, $u_k=\sum_{j<k}\eta_j$: parameter squared over loss.

    >>> updates_clock([0.5, 0.25])
    array([0.  , 0.5 , 0.75])
    """
    return np.concatenate([[0.0], np.cumsum(np.asarray(learning_rates, dtype=float))])
