"""The frontier of time and efficiency: the claimed product of the two, and the measured price of one in the other."""

import math

from trainphys.estimate import Estimate
from trainphys.laws.batch_size import elasticity_ratio


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
