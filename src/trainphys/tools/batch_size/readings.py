"""Seconds, watts and joules as they were read, and between the batch sizes where they were."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import positive
from trainphys.tools.batch_size.predicted import Predicted, added
from trainphys.tools.batch_size.scatter import Number, scatter, values

Readings = tuple[Number, ...] | Callable[[ArrayLike], ArrayLike]  # one for each batch size, or a law
FEWEST = 3  # readings: how a line bends takes three points


def check_readings(name: str, readings: Readings, count: int) -> None:
    """Refuse readings that are not one for each batch size, and fewer known ones than show how the line bends."""
    if callable(readings):
        return
    value = values(readings)
    known = ~np.isnan(value)
    if len(readings) != count or known.sum() < FEWEST:
        raise ValueError(
            f"expected {name} as {count} readings, {FEWEST} of them known or more, got {readings}: give one for each "
            "batch size, nan where it is missing"
        )
    positive(**{name: value[known]})


def between(batch_sizes: ArrayLike, readings: Readings, at: ArrayLike) -> Predicted:
    r"""Readings between those of a sweep, by straight lines in logarithms; nan beyond the first and the last one.

    Half-way between two readings the line is trusted as far as each inner reading lies on the line through its two
    neighbours, in the mean square $m^2$; a share u of the way, the variance is $[4u(1-u)]^2m^2$, which is 0 at a
    reading. So one jump makes all lines doubtful. To this comes the scatter of single readings where they were
    repeated. A law is taken as it is.

    Args:
        batch_sizes: of the sweep, ascending.
        readings: one for each of them, nan where it is missing; or a law, which is called.
        at: batch sizes to read at.

    >>> found = between([1.0, 2.0, 4.0, 8.0], (10.0, 20.0, 40.0, 80.0), [2.0, 3.0])
    >>> found.value.round(6).tolist(), found.half_width().round(6).tolist()
    ([20.0, 30.0], [0.0, 0.0])
    """
    batch = np.asarray(at, dtype=float)
    if callable(readings):
        value = _of_law(readings, batch)
        if value.shape not in ((), batch.shape):
            raise ValueError(f"expected one number at each of {batch.size} batch sizes, got {value.shape} from the law")
        positive(**{"seconds or watts of a law": value})
        value = np.broadcast_to(value, batch.shape)
        return Predicted(value, np.zeros_like(value), np.full_like(value, np.inf))
    known = np.flatnonzero(~np.isnan(values(readings)))
    kept = [readings[i] for i in known]
    x, line, z = np.log(np.asarray(batch_sizes, dtype=float)[known]), np.log(values(kept)), np.log(batch)
    value = np.exp(np.interp(z, x, line, left=np.nan, right=np.nan))
    right = np.clip(np.searchsorted(x, z), 1, len(x) - 1)
    share = (z - x[right - 1]) / (x[right] - x[right - 1])
    single = scatter(kept)
    of_one = single.variance * (1 + np.interp(z, x, 1 / single.runs))
    of_line = np.mean(_misses(x, line) ** 2) * (4 * share * (1 - share)) ** 2
    return Predicted(value, *added((of_line, len(x) - 2), (of_one, single.dof if single.known else np.inf)))


def _of_law(law: Callable[[ArrayLike], ArrayLike], batch: Array) -> Array:
    try:
        return np.asarray(law(batch), dtype=float)
    except Exception as error:  # a function of the user's own may raise anything
        raise ValueError(
            f"expected seconds or watts of a law at an array of batch sizes, got {type(error).__name__}, {error}: "
            "write it with numpy (where, sqrt), or give one reading for each batch size"
        ) from error


def _misses(x: Array, line: Array) -> Array:
    """How far each reading but the first and the last lies from the line through its two neighbours."""
    left, right = np.diff(x)[:-1], np.diff(x)[1:]
    return np.asarray(line[1:-1] - (line[:-2] * right + line[2:] * left) / (left + right))
