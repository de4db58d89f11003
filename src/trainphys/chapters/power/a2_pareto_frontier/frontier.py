"""What sweeps say of the frontier: updates that a batch saves, and the least energy times delay."""

import math
from collections.abc import Sequence

import numpy as np

from trainphys.arrays import Array
from trainphys.estimate import Estimate

NUDGE = 1e-4  # of the logarithm of the updates, to see how the place of the minimum moves


def saved(steps_small: Estimate, steps_large: Estimate, batch_ratio: float) -> Estimate:
    r"""Per cent of updates saved for each per cent of batch, between two batch sizes: $\ln(S_1/S_2)/\ln r$.

    >>> saved(Estimate(200.0, 0.0, 9), Estimate(100.0, 0.0, 9), 4.0).value
    0.5
    """
    ratio = math.log(batch_ratio)
    value = math.log(steps_small.value / steps_large.value) / ratio
    parts = [(1 / (ratio * steps_small.value), steps_small), (-1 / (ratio * steps_large.value), steps_large)]
    return Estimate.combined(value, parts)


def least_energy_delay(batch_sizes: Sequence[float], steps: Sequence[Estimate]) -> Estimate:
    """Batch size of least samples times updates: vertex of a parabola, both logarithmic, about the least one measured.

    >>> round(least_energy_delay([1, 2, 4], [Estimate(s, 0.0, 9) for s in (8.0, 4.0, 4.0)]).value, 3)
    2.0
    """
    b, s = np.log(np.asarray(batch_sizes, dtype=float)), np.log([q.value for q in steps])
    least = int(np.argmin(2 * s + b))
    if not 0 < least < len(b) - 1:
        raise ValueError(f"expected the least between two others, got it at {batch_sizes[least]}: sweep further")
    near = slice(least - 1, least + 2)
    place = _vertex(b[near], s[near])
    slopes = [(_vertex(b[near], s[near] + NUDGE * one) - place) / NUDGE for one in np.eye(3)]
    parts = [(math.exp(place) * slope / q.value, q) for slope, q in zip(slopes, steps[near], strict=True)]
    return Estimate.combined(math.exp(place), parts)


def _vertex(log_batch: Array, log_steps: Array) -> float:
    bend, tilt, _ = np.polyfit(log_batch, 2 * log_steps + log_batch, 2)
    return float(-tilt / (2 * bend))
