"""Bounds on scores: of boosting whose trees are exact, and of ridge regression without intercept."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import at_least, finite, positive


def boosted_residual(mean_deviation: ArrayLike, trees: int, shrinkage: float) -> Array:
    r"""Mean absolute error of boosting whose trees fit each residual exactly, $(1-\nu)^M\,\overline{|y-\bar y|}$.

    >>> boosted_residual(8.0, 3, 0.5).item()
    1.0
    """
    at_least(0, trees=trees)
    return np.asarray(np.asarray(mean_deviation, dtype=float) * (1.0 - shrinkage) ** trees)


def lowest_ridge_score(mean: ArrayLike, variance: ArrayLike) -> Array:
    r"""Smallest $R^2$ that ridge regression without intercept can have on the rows it was fitted to.

    $$ R^2\ge-\frac{\bar y^2}{s^2} , $$
    because zero weights, with error $\sum y^2$, are among its candidates and pay no penalty.

    Args:
        mean: $\bar y$ of the target.
        variance: $s^2$ of the target with divisor n, > 0.

    Raises:
        ValueError: a variance that is not positive.

    >>> lowest_ridge_score(3.0, 4.5).item()
    -2.0
    """
    [middle], [s2] = finite(mean=mean), positive(variance=variance)
    return np.asarray(-(middle**2) / s2)
