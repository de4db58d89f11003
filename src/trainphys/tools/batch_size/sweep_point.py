"""One batch size of a sweep."""

from __future__ import annotations

from dataclasses import dataclass

from trainphys.arrays import Array
from trainphys.estimate import Estimate


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One batch size: what was tried, what was chosen, and the updates of fresh runs at the chosen learning rate.

    ``tuning`` has shape (rates, runs); infinity stands for a run that was given up as too slow. The runs in ``steps``
    took no part in the choice, so that the best of several noisy rates is not reported as better than it is.
    """

    batch_size: int
    learning_rates: tuple[float, ...]
    tuning: Array
    learning_rate: float
    steps: Array

    def mean(self) -> Estimate:
        """Mean updates to the target; runs that are all alike (an exact gradient, a fixed start) have no error."""
        return Estimate.from_samples(self.steps)
