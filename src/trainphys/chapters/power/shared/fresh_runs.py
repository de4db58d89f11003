"""More runs of a sweep's batch sizes, at the learning rates that the sweep chose, for a smaller error."""

import numpy as np

from trainphys.chapters.power.shared.batch_sweep import SweepPoint, Workload, measured_steps
from trainphys.ensemble import stream
from trainphys.estimate import Estimate


def fresh_steps(*, workload: Workload, points: tuple[SweepPoint, ...], runs: int, seed: int) -> dict[int, Estimate]:
    """Mean updates to the target by batch size, from runs that took no part in the sweep."""
    found = {}
    for point in points:
        steps = measured_steps(
            workload,
            point.batch_size,
            np.array([point.learning_rate]),
            runs=runs,
            seed=int(stream(seed, "fresh runs", point.batch_size).integers(2**31)),
            patience=10.0,
            first_look=1 + int(point.steps.min() / 2),
        )
        found[point.batch_size] = Estimate.from_samples(steps)
    return found
