"""The frontier of time and efficiency: the claimed product of the two, and the measured price of one in the other."""

import math

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import positive
from trainphys.estimate import Estimate
from trainphys.laws.batch_size import elasticity_ratio


def claimed_product(alpha: ArrayLike) -> Array:
    r"""Time times efficiency that the document claims, over $t_{\rm opt}$: $e^{\alpha-1}/\alpha$.

    Source: document A, section 2.1.

    >>> float(claimed_product(1.0))
    1.0
    """
    [a] = positive(alpha=alpha)
    return np.asarray(np.exp(a - 1) / a)


def measured_elasticity_ratio(steps_small: Estimate, steps_large: Estimate, batch_ratio: float) -> Estimate:
    """``elasticity_ratio`` from two independent measurements.

    >>> measured_elasticity_ratio(Estimate(200.0, 0.0, 9), Estimate(100.0, 0.0, 9), 4.0).value
    1.0
    """
    value = elasticity_ratio(steps_small.value, steps_large.value, batch_ratio)
    slope = (1 + value) ** 2 / math.log(batch_ratio)  # of the ratio, in the logarithm of either number of updates
    return Estimate.combined(
        value, [(-slope / steps_small.value, steps_small), (slope / steps_large.value, steps_large)]
    )
