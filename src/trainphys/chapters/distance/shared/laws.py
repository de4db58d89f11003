"""Inequalities that figures of any data must obey, and what rounding leaves for a report to print."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Integers
from trainphys.checks import finite, not_below, positive
from trainphys.laws.contraction import epochs_remaining
from trainphys.xor.configurations import Configuration
from trainphys.xor.equivalences import change_tolerance
from trainphys.xor.landscape import solution, solvable


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
    [n], [x, middle] = not_below(2, count=count), finite(value=value, mean=mean)
    if not (n == np.floor(n)).all():
        raise ValueError(f"expected a whole count, got {count!r}: count the numbers")
    return np.asarray((x - middle) ** 2 / (n - 1.0))


def bhatia_davis_variance(mean: ArrayLike, low: ArrayLike, high: ArrayLike) -> Array:
    r"""Largest population variance of numbers with a given mean and range, $s^2\le(M-\bar x)(\bar x-m)$.

    Source: Bhatia and Davis (2000), American Mathematical Monthly 107, 353-357.

    >>> bhatia_davis_variance(1.0, 0.0, 2.0).item()
    1.0
    """
    x, m, top = finite(mean=mean, low=low, high=high)
    not_below(0, high_less_mean=top - x, mean_less_low=x - m)
    return np.asarray((top - x) * (x - m))


def mean_epochs_remaining(states: ArrayLike, variance: ArrayLike) -> Array:
    r"""Mean epochs remaining over all data points, from the mean and the variance of the states of a run.

    A run of $T$ states gives the data points $T-1,\dots,1$. With $N=T-1$ the mean over all of them is
    $$ \bar r=\frac12\Bigl(\bar N+1+\frac{s^2}{\bar N}\Bigr) , $$
    half a run and a little more, because long runs have more points.

    >>> mean_epochs_remaining(5.0, 0.0).item()  # 4, 3, 2, 1
    2.5
    """
    [n], [v] = positive(states_less_one=np.asarray(states, dtype=float) - 1.0), not_below(0, variance=variance)
    return np.asarray(0.5 * (n + 1.0 + v / n))


def rounding_score(variance: ArrayLike) -> Array:
    r"""Share of variance that a straight line in $\ln d$ explains when only rounding to whole epochs is left.

    $$ R^2=1-\frac1{12\,s^2} , $$ for a remainder spread evenly over one epoch.

    Args:
        variance: $s^2$ of the epochs remaining, > 1/12.

    Raises:
        ValueError: a variance that rounding alone would exceed.

    >>> round(rounding_score(100 / 12).item(), 12)
    0.99
    """
    s2 = np.asarray(variance, dtype=float)
    if not (s2 > 1.0 / 12.0).all():
        raise ValueError(f"expected variance > 1/12, got {variance!r}: rounding alone has that much")
    return np.asarray(1.0 - 1.0 / (12.0 * s2))


def exact_epochs(configuration: Configuration, start: ArrayLike) -> Integers:
    r"""Logged epochs from the first logged state, for full batch on inputs $\pm1$ and starts of the solved cone.

    The loss rule gives ``contraction.epochs_remaining``; the rule on the change of the loss is the same at the
    tolerance $\varepsilon/(k^{-2}-1)$. Logging is ``one step more`` or ``every state``.
    """
    c = configuration
    if c.method != "full-batch" or c.inputs != 1.0 or c.logging not in ("one step more", "every state"):
        raise ValueError(f"expected full batch on inputs of one, got {c}: count its runs instead")
    tolerance = c.tolerance if c.stop == "loss" else c.tolerance / float(change_tolerance(1.0, c.rate))
    theta = np.asarray(start, dtype=float)
    if not solvable(theta).all():
        raise ValueError(f"expected starts of the solved cone, got {(~solvable(theta)).sum()} others: leave them out")
    distance = np.sqrt(((theta - solution(theta)) ** 2).sum(axis=0))
    left = epochs_remaining(distance, rate=c.rate, tolerance=tolerance)
    # "one step more" starts after one step and ends one step after the first state below the tolerance.
    return np.asarray(left + 1 if c.logging == "one step more" else left)
