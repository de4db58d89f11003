"""Frontier."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import elasticity_ratio


def claimed_product(alpha: ArrayLike) -> Array:
    r"""Time times efficiency that the document claims, over $t_{\rm opt}$: $e^{\alpha-1}/\alpha$.

    Args:
        alpha: batch size over the critical one, > 0.

    Raises:
        ValueError: an alpha that is not positive.

    Source: document A, section 2.1.

    >>> float(claimed_product(1.0))
    1.0
    """
    a = np.asarray(alpha, dtype=float)
    if not np.all(a > 0):
        raise ValueError(f"expected alpha > 0, got {a.min()}: give the batch size over the critical one")
    return np.asarray(np.exp(a - 1) / a)


def measured_elasticity_ratio(steps_small: Estimate, steps_large: Estimate, batch_ratio: float) -> Estimate:
    """The same from two independent measurements.

    >>> measured_elasticity_ratio(Estimate(200.0, 0.0, 9), Estimate(100.0, 0.0, 9), 4.0).value
    1.0
    """
    value = elasticity_ratio(steps_small.value, steps_large.value, batch_ratio)
    slope = 1 / (1 + value)
    relative = math.hypot(steps_small.stderr / steps_small.value, steps_large.stderr / steps_large.value)
    error = relative / math.log(batch_ratio) / slope**2
    return Estimate(value, error, steps_small.n + steps_large.n, min(steps_small.dof, steps_large.dof))
