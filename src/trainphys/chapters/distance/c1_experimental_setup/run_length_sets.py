"""Which hundred run lengths can have the printed sums: by exact arithmetic, dynamic and whole-number programs."""

from fractions import Fraction

import numpy as np
from scipy import optimize

MILP_RELATIVE_GAP = 0.0  # whole-number programs are solved to the end


def sums_of_squares(count: int, total: int, variance: str, ddof: int) -> list[int]:
    """Every sum of squares that whole numbers with this total can have when their variance rounds to the printed one.

    A whole number and its square are both even or both odd, so the sum of squares is even or odd with the total. Exact
    arithmetic, from the variance as printed, such as ``"9.11"``: its digits say how it was rounded.

    >>> sums_of_squares(2, 4, "1.0", ddof=0)  # 1 and 3
    [10]
    """
    if not isinstance(variance, str):
        raise ValueError(f"expected the variance as printed, got {variance!r}: quote it")
    digits = len(variance.partition(".")[2])
    half, printed = Fraction(1, 2 * 10**digits), Fraction(variance)
    base = Fraction(total**2, count)
    low, high = (base + (count - ddof) * (printed + sign * half) for sign in (-1, 1))
    first, last = -((-low.numerator) // low.denominator), high.numerator // high.denominator
    return [squares for squares in range(first, last + 1) if (squares - total) % 2 == 0]


def least_squares_sum(count: int, total: int, low: int, high: int, containing: int) -> int:
    """Smallest sum of squares of whole numbers with a given total and range, one of them given: by dynamic programming.

    Nothing is assumed about the shape of the best set: every total of every number of terms is visited.

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
    """Whole numbers with exactly these sums and both ends of this range, or None when there are none.

    Found by a whole-number program; what it finds is checked in whole numbers.

    >>> run_lengths(3, 6, 14, shortest=1, longest=3)
    (1, 2, 3)
    """
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
