"""Bounds on the variance of the epochs remaining, over all sets of runs with the printed sums."""

import numpy as np
from scipy import optimize

from trainphys.chapters.distance.shared.laws import mean_epochs_remaining


def target_variance_bounds(count: int, total: int, squares: int, longest: int) -> tuple[float, float]:
    """Smallest and largest variance of the epochs remaining, over all sets of runs with these sums.

    Each run has two states or more, one has ``longest``: a run of one gives no data point and is not among them.
    Bounded by a linear program over the number of runs of each length, whole or not: the true range lies within.

    >>> target_variance_bounds(1, 3, 9, longest=3)  # 2, 1
    (0.25, 0.25)
    """
    states = np.arange(2, longest + 1)
    n = states - 1
    points = total - count
    mean = float(mean_epochs_remaining(total / count, squares / count - (total / count) ** 2))
    cubes = n * (n + 1) * (2 * n + 1) / 6  # 1 + 4 + ... + n^2
    ends = []
    for sign in (1.0, -1.0):
        found = optimize.linprog(
            sign * cubes / points,
            A_eq=np.stack([np.ones_like(states), states, states**2]),
            b_eq=[count, total, squares],
            bounds=[(0, None)] * (len(states) - 1) + [(1, None)],
        )
        if found.fun is None:
            raise ValueError(f"expected sums that runs of up to {longest} states can have, got {total} and {squares}")
        ends.append(round(sign * float(found.fun) - mean**2, 10))
    return ends[0], ends[1]
