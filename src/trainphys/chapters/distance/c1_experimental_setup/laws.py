"""Bounds on variances: of whole run lengths, and of the epochs remaining of runs with the printed sums."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from trainphys.arrays import Array
from trainphys.chapters.distance.shared.laws import mean_epochs_remaining, samuelson_variance
from trainphys.checks import finite, not_below


def least_variance(value: ArrayLike, mean: ArrayLike, count: ArrayLike) -> Array:
    r"""Smallest population variance of ``count`` whole numbers with a given mean when one of them is ``value``.

    $$ s^2\ge\frac{(x-\bar x)^2}{n-1}+\frac{n-1}n\,f(1-f) , $$ where $f$ is what the mean of the others has behind
    the point: they can be equal only when it has nothing there. Reached when they differ by at most one.

    Args:
        value: x, one of the numbers, whole.
        mean: of all the numbers.
        count: n, how many there are, whole, >= 2.

    Raises:
        ValueError: a count that is not two or more.

    Source: ``samuelson_variance``, and the smallest spread of whole numbers with a given sum.

    >>> round(least_variance(0, 2.5, 4).item(), 12)  # 0, 3, 3, 4
    2.25
    """
    bound = samuelson_variance(value, mean, count)
    [n], [x, middle] = not_below(2, count=count), finite(value=value, mean=mean)
    behind = np.mod(np.round((n * middle - x) / (n - 1.0), 12), 1.0)
    return np.asarray(bound + (n - 1.0) / n * behind * (1.0 - behind))


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
