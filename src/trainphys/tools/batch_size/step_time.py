"""Seconds of one update against batch size: timed, and fitted by a fixed part and a part for each sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from trainphys.arrays import Array
from trainphys.checks import not_below, one


@dataclass(frozen=True, slots=True)
class StepTime:
    """Seconds of an update: ``fixed_s + per_sample_s * batch_size``.

    Raises:
        ValueError: negative seconds, or none at all.

    >>> float(StepTime(1e-3, 1e-5)(100))
    0.002
    """

    fixed_s: float
    per_sample_s: float = 0.0

    def __post_init__(self) -> None:
        one(fixed_s=self.fixed_s, per_sample_s=self.per_sample_s)
        not_below(0, fixed_s=self.fixed_s, per_sample_s=self.per_sample_s)
        if not self.fixed_s + self.per_sample_s > 0:
            raise ValueError(f"expected seconds, not both 0, got {self.fixed_s} s and {self.per_sample_s} s")

    def __call__(self, batch_size: ArrayLike) -> Array:
        return np.asarray(self.fixed_s + self.per_sample_s * np.asarray(batch_size, dtype=float))


def fit_step_time(batch_sizes: Sequence[float], seconds: Sequence[float]) -> StepTime:
    """Fixed seconds and seconds for each sample, both >= 0, of least relative squared error.

    >>> found = fit_step_time([1, 10, 100], [1.1e-3, 2e-3, 11e-3])
    >>> round(found.fixed_s, 9), round(found.per_sample_s, 9)
    (0.001, 0.0001)
    """
    value = np.asarray(seconds, dtype=float)
    if value.size != len(batch_sizes) or value.size < 2 or not np.all(value > 0):
        raise ValueError(f"expected positive seconds at two batch sizes or more, got {list(seconds)}")
    columns = np.stack([np.ones(value.size), np.asarray(batch_sizes, dtype=float)], axis=1)
    fixed, per_sample = nnls(columns / value[:, None], np.ones(value.size))[0]
    return StepTime(float(fixed), float(per_sample))
