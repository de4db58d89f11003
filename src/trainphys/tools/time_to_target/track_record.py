r"""How wrong earlier forecasts of the same run would have been, each made as far ahead as the question is.

The run is forecast to three ends inside its history, each from a start before it. As the target lies ahead of the
present, so the end lies ahead of the start: by the same share of the time until then, but at most by half of the log.
"""

import math

import numpy as np

from trainphys.arrays import Array
from trainphys.tools.time_to_target.history import SHORTEST
from trainphys.tools.time_to_target.loss_tails import Laws, fit_laws, outlook

ENDS = (1.0, 0.8, 0.6)  # of the time of the log
NEAREST = 0.03  # of the time until then: forecasts to the next loss or so say nothing
FEWEST = SHORTEST // 2  # losses before a start
FAILED = 1.0  # ln of the factor that counts where there was no forecast
LEAST = 0.01  # a smaller miss of three forecasts is luck


def past_miss(
    y: Array, laws: Laws, ahead: float, log_norms: Array | None = None, clock: Array | None = None,
    *, by_time: bool = False,
) -> float:  # fmt: skip
    r"""Root mean square of ln(time taken / time forecast) over three earlier forecasts, at least 0.01.

    Args:
        y: ln L, shape (looks,).
        laws: the laws as fitted to all of it.
        ahead: time from now to the target over the time until now.
        log_norms: ln of the gradient's norm beside the losses.
        clock: time of each look; without it its number.
        by_time: whether the fits use the second half of the time instead of that of the looks.

    Source: forecasts from a rolling origin, Tashman (2000).

    >>> y = -0.5 * np.log(np.arange(1.0, 101.0))  # a power law: half of it says the rest
    >>> past_miss(y, fit_laws(y), 0.5)
    0.01
    """
    times = np.arange(1.0, len(y) + 1.0) if clock is None else clock

    def fitted(looks: int) -> Laws:
        first = int(np.searchsorted(times[:looks], times[looks - 1] / 2.0, side="right")) if by_time else looks // 2
        seen = None if log_norms is None else log_norms[:looks]
        return fit_laws(y[:looks], seen, times[:looks], min(first, looks - FEWEST // 2))

    square = 0.0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # laws that do not fall count as failed
        for share in ENDS:
            start, end = _stretch(times, share, ahead)
            there = laws if share == 1.0 else fitted(end)
            square += _miss(fitted(start), float(there.weight @ there.level), times[start - 1], times[end - 1]) ** 2
    return max(math.sqrt(square / len(ENDS)), LEAST)


def _stretch(times: Array, share: float, ahead: float) -> tuple[int, int]:
    """Looks until the start and until the end of a forecast to that share of the log."""
    begin, last = times[0], times[-1]
    end = max(int(np.searchsorted(times, begin + share * (last - begin), side="right")), FEWEST + 1)
    then = times[end - 1]
    since = max(then / (1.0 + max(ahead, NEAREST)), (begin + then) / 2.0)
    return min(max(int(np.searchsorted(times, since, side="right")), FEWEST), end - 1), end


def _miss(laws: Laws, log_target: float, start: float, end: float) -> float:
    """|ln(time taken / time forecast)| from a start to the level that the loss had at an end."""
    if not (laws.rate > 0).all() or not end > start:
        return FAILED
    found = outlook(laws, log_target)
    miss = abs(math.log((end - start) / start * laws.looks) - found.log_steps)
    return miss if found.never < 0.5 and math.isfinite(miss) else FAILED
