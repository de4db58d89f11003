"""The clock of a learning-rate schedule: the loss goes by the sum of the rates, not by the number of steps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import not_below
from trainphys.tools.time_to_target.history import plain


@dataclass(frozen=True, slots=True)
class RateClock:
    r"""Sum of the rates at each look, past and planned; one look later at a constant rate is one tick of it.

    Attributes:
        looks: looks of the history.
        rates: $\eta$ at every look of the run, past and planned.
        times: $\tau_k=\eta_1+\sum_{j<k}\eta_j$ at every look of the run, shape (looks of the whole run,).
    """

    looks: int
    rates: Array
    times: Array

    @property
    def seen(self) -> Array:
        """Times of the looks of the history."""
        return self.times[: self.looks]

    def looks_left(self, ticks: float) -> float:
        """Looks until the clock has gone on by so many mean looks of the history; infinite beyond the plan.

        >>> clock = rate_clock([2.0, 2.0, 1.0, 1.0, 1.0], 2)
        >>> clock.looks_left(1.0), clock.looks_left(2.5)
        (1.0, inf)
        """
        due = self.times[self.looks - 1] * (1.0 + ticks / self.looks)
        if due > self.times[-1]:
            return float("inf")
        later = int(np.searchsorted(self.times, due))  # the first look that is not before it
        short = (self.times[later] - due) / (self.times[later] - self.times[later - 1])
        return float(later - short) - (self.looks - 1)

    def in_means(self, each: int) -> "RateClock":
        """The same of means of neighbours; the last ones of the plan may be fewer."""
        starts = np.arange(self.looks % each, len(self.rates), each)
        sizes = np.diff(starts, append=len(self.rates))
        rates, times = (np.add.reduceat(of, starts) / sizes for of in (self.rates, self.times))
        return RateClock(self.looks // each, rates, times)


def rate_clock(rates: ArrayLike, looks: int) -> RateClock:
    """The clock of a run from its rates at every look, past and planned.

    Raises:
        ValueError: what is no list of rates; rates that are negative or not finite, that are zero in all of the
            history, or that do not go beyond it.
    """
    if callable(rates) or hasattr(rates, "get_last_lr"):
        raise ValueError(
            f"expected the learning rates themselves, got {type(rates).__name__}: give the rate at each look of the "
            "whole run, such as [rate(k) for k in range(looks)]"
        )
    [eta] = not_below(0, rates=plain(rates))
    if eta.ndim == 1 and len(eta) > looks and not eta[: looks - 1].sum() > 0:
        raise ValueError(
            f"expected rates > 0 in the history, got zero at {looks - 1} looks: a run at rest does not learn"
        )
    if eta.ndim != 1 or len(eta) <= looks:
        raise ValueError(
            f"expected the learning rate at each of {looks} looks and at those to come, got shape {eta.shape}: give "
            "the whole schedule, at the distance of the losses"
        )
    before = np.append(0.0, np.cumsum(eta[:-1]))
    return RateClock(looks, eta, before + (eta[0] if eta[0] > 0 else eta[eta > 0][0]))
