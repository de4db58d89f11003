"""What the report prints about itself, and inequalities that figures of any data must obey."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import finite, not_below, positive

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
