"""Times of a run and the steps at which it is recorded, checked once for every solver."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Integers


def increasing(times: ArrayLike) -> Array:
    """Times, the ends of the steps, as an array."""
    t = np.asarray(times, dtype=float)
    if t.ndim != 1 or t.size < 2 or not (np.diff(t) > 0).all():
        raise ValueError(f"expected at least two increasing times, got shape {t.shape}: sort them")
    return t


def recorded_steps(times: Array, record: ArrayLike | None) -> Integers:
    """Indices into the times, increasing; by default the last one only."""
    steps = np.asarray([times.size - 1] if record is None else record)
    whole = steps.dtype.kind == "i" and steps.ndim == 1 and steps.size > 0
    if not (whole and (np.diff(steps) > 0).all() and steps[0] >= 0 and steps[-1] < times.size):
        raise ValueError(
            f"expected increasing indices between 0 and {times.size - 1} in record, got {steps}: give steps, not times"
        )
    return steps.astype(np.int64)
