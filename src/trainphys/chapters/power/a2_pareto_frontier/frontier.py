"""The frontier of time and efficiency: the measured price of one in the other."""

import math

from trainphys.estimate import Estimate


def measured_elasticity_ratio(steps_small: Estimate, steps_large: Estimate, batch_ratio: float) -> Estimate:
    r"""Per cent of efficiency lost for each per cent of updates saved, $(1-\epsilon)/\epsilon$, from two measurements.

    $\epsilon=\ln(S_1/S_2)/\ln(B_2/B_1)$ is the slope of the updates between the two batch sizes.

    >>> measured_elasticity_ratio(Estimate(200.0, 0.0, 9), Estimate(100.0, 0.0, 9), 4.0).value
    1.0
    """
    if not (batch_ratio > 1 and steps_small.value > steps_large.value > 0):
        raise ValueError(f"expected batch_ratio > 1 and falling updates, got {batch_ratio}: sort by size")
    elasticity = math.log(steps_small.value / steps_large.value) / math.log(batch_ratio)
    value = (1 - elasticity) / elasticity
    slope = (1 + value) ** 2 / math.log(batch_ratio)  # of the ratio, in the logarithm of either number of updates
    return Estimate.combined(
        value, [(-slope / steps_small.value, steps_small), (slope / steps_large.value, steps_large)]
    )
