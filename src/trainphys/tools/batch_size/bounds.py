"""What is known about steps to a target without any fit: samples at small batches, and the slope of perfect scaling."""

from collections.abc import Sequence

import numpy as np

from trainphys.estimate import Estimate


def samples_at_small_batch(batch_sizes: Sequence[float], steps: Sequence[Estimate]) -> Estimate:
    r"""Samples $E_{\min}$ to the target, the mean of $B\,S$ over batch sizes small enough to scale perfectly.

    >>> samples_at_small_batch([1, 2], [Estimate(100.0, 3.0, 9), Estimate(50.0, 2.0, 9)])
    Estimate(value=100.0, stderr=2.5, n=18, dof=inf)
    """
    if len(batch_sizes) != len(steps) or not steps:
        raise ValueError(f"expected a batch size for each of the steps, got {len(batch_sizes)} and {len(steps)}")
    pairs = list(zip(batch_sizes, steps, strict=True))
    value = sum(b * s.value for b, s in pairs) / len(pairs)
    return Estimate.combined(value, [(b / len(pairs), s) for b, s in pairs])


def scaling_exponent(batch_sizes: Sequence[float], values: Sequence[Estimate]) -> Estimate:
    r"""Slope of $\ln S$ over $\ln B$ by least squares; the values' errors are carried over.

    >>> round(scaling_exponent([1, 4], [Estimate(8.0, 0.0, 9), Estimate(2.0, 0.0, 9)]).value, 12)
    -1.0
    """
    x = np.log(np.asarray(batch_sizes, dtype=float))
    if len(x) != len(values) or len(set(batch_sizes)) < 2:
        raise ValueError(f"expected values at two batch sizes or more, got {list(batch_sizes)}")
    weights = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    slope = float(weights @ np.log([v.value for v in values]))
    return Estimate.combined(slope, [(w / v.value, v) for w, v in zip(weights, values, strict=True)])
