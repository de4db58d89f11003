"""The trade of time for efficiency along a batch-size sweep: the claimed product, and the price of time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainphys.estimate import Estimate

Floats = NDArray[np.float64]


def claimed_product(alpha: ArrayLike) -> Floats:
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


def product_of_time_and_efficiency(batch_size: float, samples: float) -> float:
    r"""Updates times efficiency, $S\cdot E_{\min}/(BS)=E_{\min}/B$: the updates cancel.

    Args:
        batch_size: $B$ > 0.
        samples: $E_{\min}$ > 0, needed at small batches.

    Raises:
        ValueError: an argument that is not positive.

    >>> product_of_time_and_efficiency(50.0, samples=1000.0)
    20.0
    """
    if not (batch_size > 0 and samples > 0):
        raise ValueError(f"expected batch_size, samples > 0, got {batch_size}, {samples}: check the order")
    return samples / batch_size


def elasticity_ratio(steps_small: float, steps_large: float, batch_ratio: float) -> float:
    r"""Per cent of efficiency lost for each per cent of updates saved: $(1-\epsilon)/\epsilon$.

    $\epsilon=\ln(S_1/S_2)/\ln(B_2/B_1)$ is the slope of the updates between two batch sizes.

    Args:
        steps_small: updates $S_1$ at the smaller batch, > 0.
        steps_large: updates $S_2$ at the larger one, below $S_1$.
        batch_ratio: $B_2/B_1$ > 1.

    Raises:
        ValueError: batches out of order, or updates that do not fall.

    >>> elasticity_ratio(200.0, 100.0, 4.0)  # a batch four times as large halves the updates
    1.0
    """
    if not (batch_ratio > 1 and steps_small > steps_large > 0):
        raise ValueError(f"expected batch_ratio > 1 and falling updates, got {batch_ratio}, {steps_small, steps_large}")
    slope = math.log(steps_small / steps_large) / math.log(batch_ratio)
    return (1 - slope) / slope


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
