"""Arithmetic of a report: which printed figures can belong together, whatever the data were."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from trainphys.arrays import Array
from trainphys.checks import at_least, finite

# What the report prints about itself: sections 1.2, 1.3, 2.1 and its appendix A.1.
TRACES_PRINTED, STATES_PRINTED, POINTS_PRINTED = 100, 3445, 3345


FEATURES_LISTED = {"distances": 4, "differences": 3, "ratios": 3, "logarithms": 3, "interactions": 3}


FORMULAS_GIVEN = {**FEATURES_LISTED, "distances": 3}  # the appendix has no formula for the parameter-wise distance


SCORES_PRINTED = {
    "gradient boosting": 1.0,
    "random forest": 1.0,
    "RBF kernel": 0.9992,
    "neural net, 3 layers": 0.9986,
    "neural net, 2 layers": 0.9794,
    "linear regression": 0.9666,
    "polynomial, degree 2": 0.9466,
    "polynomial, degree 3": 0.9237,
    "log-linear": 0.92,
    "exponential": 0.8832,
    "linear kernel": -105.6795,
}


MILP_RELATIVE_GAP = 0.0  # whole-number programs are solved to the end


def samuelson_variance(value: ArrayLike, mean: ArrayLike, count: ArrayLike) -> Array:
    r"""Smallest population variance of ``count`` numbers with a given mean when one of them is ``value``.

    $$ s^2\ge\frac{(x-\bar x)^2}{n-1} , $$ reached when all the others are equal.

    Args:
        value: x, one of the numbers.
        mean: of all the numbers.
        count: n, how many there are, whole, >= 2.

    Raises:
        ValueError: a count that is not two or more.

    Source: Samuelson (1968), Journal of the American Statistical Association 63, 1522-1525.

    >>> samuelson_variance(0.0, 1.0, 2).item()
    1.0
    """
    n = np.asarray(count, dtype=float)
    if not ((n >= 2) & (n == np.floor(n)) & np.isfinite(n)).all():
        raise ValueError(f"expected a whole count of two or more, got {count!r}: one number has no variance")
    finite(value=value, mean=mean)
    return np.asarray((np.asarray(value, dtype=float) - mean) ** 2 / (n - 1.0))


def bhatia_davis_variance(mean: ArrayLike, low: ArrayLike, high: ArrayLike) -> Array:
    r"""Largest population variance of numbers with a given mean and range, $s^2\le(M-\bar x)(\bar x-m)$.

    Args:
        mean: of the numbers, between low and high.
        low: m, smallest number.
        high: M, largest number.

    Raises:
        ValueError: a mean outside the range.

    Source: Bhatia and Davis (2000), American Mathematical Monthly 107, 353-357.

    >>> bhatia_davis_variance(1.0, 0.0, 2.0).item()
    1.0
    """
    mean, low, high = np.asarray(mean, float), np.asarray(low, float), np.asarray(high, float)
    if not ((low <= mean) & (mean <= high)).all():
        raise ValueError(f"expected low <= mean <= high, got {low!r}, {mean!r} and {high!r}: swap or mend them")
    return np.asarray((high - mean) * (mean - low))


def mean_epochs_remaining(states: ArrayLike, variance: ArrayLike) -> Array:
    r"""Mean epochs remaining over all data points, from the mean and the variance of the states of a run.

    A run of $T$ states gives the data points $T-1,\dots,1$. With $N=T-1$ the mean over all of them is
    $$ \bar r=\frac12\Bigl(\bar N+1+\frac{s^2}{\bar N}\Bigr) , $$
    half a run and a little more, because long runs have more points.

    Args:
        states: mean number of states of a run, > 1.
        variance: population variance of that number, >= 0.

    Raises:
        ValueError: an argument out of range.

    >>> mean_epochs_remaining(5.0, 0.0).item()  # 4, 3, 2, 1
    2.5
    """
    n, v = np.asarray(states, dtype=float) - 1.0, np.asarray(variance, dtype=float)
    if not ((n > 0).all() and (v >= 0).all()):
        raise ValueError(f"expected states > 1 and variance >= 0, got {states!r} and {variance!r}: check the units")
    return np.asarray(0.5 * (n + 1.0 + v / n))


def sums_of_squares(count: int, total: int, variance: str, ddof: int) -> list[int]:
    """Every sum of squares that whole numbers with this total can have when their variance rounds to the printed one.

    A whole number and its square are both even or both odd, so the sum of squares is even or odd with the total. Exact
    arithmetic.

    Args:
        count: how many numbers, > ddof.
        total: their sum.
        variance: as printed, such as ``"9.11"``; its digits say how it was rounded.
        ddof: 0 for the population variance, 1 for the sample variance.

    Raises:
        ValueError: too few numbers, or a variance that is not given as printed.

    >>> sums_of_squares(2, 4, "1.0", ddof=0)  # 1 and 3
    [10]
    """
    if count <= ddof:
        raise ValueError(f"expected more than {ddof} numbers, got {count}: the variance needs them")
    if not isinstance(variance, str):
        raise ValueError(
            f"expected the variance as printed, got {variance!r}: quote it, its digits say how it was rounded"
        )
    digits = len(variance.partition(".")[2])
    half, printed = Fraction(1, 2 * 10**digits), Fraction(variance)
    base = Fraction(total**2, count)
    low, high = (base + (count - ddof) * (printed + sign * half) for sign in (-1, 1))
    first, last = -((-low.numerator) // low.denominator), high.numerator // high.denominator
    return [squares for squares in range(first, last + 1) if (squares - total) % 2 == 0]


def least_squares_sum(count: int, total: int, low: int, high: int, containing: int) -> int:
    """Smallest sum of squares of whole numbers with a given total and range, one of them given: by dynamic programming.

    Nothing is assumed about the shape of the best set: every total of every number of terms is visited.

    Args:
        count: how many numbers, >= 2.
        total: their sum.
        low: smallest allowed number, >= 0.
        high: largest allowed number, >= low.
        containing: a number that must be among them.

    Raises:
        ValueError: no such set.

    >>> least_squares_sum(3, 6, 1, 4, containing=4)  # 4, 1, 1
    18
    """
    free = total - containing
    if count < 2 or not low <= containing <= high or not low * (count - 1) <= free <= high * (count - 1):
        raise ValueError(
            f"expected {count} numbers of {low}..{high} with sum {total} and {containing}, got no such set"
        )
    never = np.iinfo(np.int64).max // 2
    best = np.full(free + 1, never)
    best[0] = 0
    for _ in range(count - 1):
        after = np.full(free + 1, never)
        for value in range(low, min(high, free) + 1):
            after[value:] = np.minimum(after[value:], best[: free + 1 - value] + value**2)
        best = after
    return int(best[free] + containing**2)


def run_lengths(count: int, total: int, squares: int, shortest: int, longest: int) -> tuple[int, ...] | None:
    """Whole numbers with exactly these sums and this range, or None when there are none: a whole-number program.

    Args:
        count: how many numbers, >= 2.
        total: their sum.
        squares: the sum of their squares.
        shortest: the smallest of them, >= 0.
        longest: the largest of them, > shortest.

    Returns:
        The numbers, sorted; their sums are checked in whole numbers.

    Raises:
        ValueError: a range without two ends, or fewer than two numbers.

    >>> run_lengths(3, 6, 14, shortest=1, longest=3)
    (1, 2, 3)
    """
    at_least(2, count=count)
    at_least(0, shortest=shortest)
    at_least(shortest + 1, longest=longest)
    values = np.arange(shortest, longest + 1)
    lower = np.zeros(len(values))
    lower[[0, -1]] = 1.0
    sums = np.stack([np.ones_like(values), values, values**2])
    wanted = np.array([count, total, squares])
    found = optimize.milp(
        np.zeros(len(values)),
        constraints=optimize.LinearConstraint(sums, wanted, wanted),
        bounds=optimize.Bounds(lower, np.inf),
        integrality=np.ones(len(values), dtype=np.int64),
        options={"mip_rel_gap": MILP_RELATIVE_GAP},
    )
    if found.x is None:
        return None
    numbers = np.repeat(values, np.rint(found.x).astype(int))
    if not (len(numbers) == count and numbers.sum() == total and (numbers**2).sum() == squares):
        return None
    return tuple(numbers.tolist())


@dataclass(frozen=True, slots=True)
class Bounds:
    """Smallest and largest value that a quantity can have."""

    low: float
    high: float


def target_variance_bounds(count: int, total: int, squares: int, longest: int) -> Bounds:
    """Range of the variance of the epochs remaining, over all sets of runs with these sums.

    Each run has two states or more: a run of one gives no data point and is not among them. Bounded by a linear program
    over the number of runs of each length, whole or not: the true range lies within.

    Args:
        count: runs, each of two states or more.
        total: sum of the states of all runs.
        squares: sum of the squares of the states of each run.
        longest: states of the longest run, >= 2; one run has so many.

    Raises:
        ValueError: no runs have these sums.

    >>> target_variance_bounds(1, 3, 9, longest=3)  # 2, 1
    Bounds(low=0.25, high=0.25)
    """
    at_least(1, count=count)
    at_least(2 * count, total=total)
    at_least(2, longest=longest)
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
        ends.append(sign * float(found.fun) - mean**2)
    return Bounds(*(round(end, 10) for end in ends))
