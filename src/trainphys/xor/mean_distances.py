"""Mean distances over all states of full-batch runs: what a report prints follows from starts, rate and tolerance."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.laws.contraction import contraction_factor, epochs_remaining
from trainphys.xor.landscape import as_parameters


def mean_distances(error: ArrayLike, *, rate: float, tolerance: float) -> tuple[float, float]:
    r"""Mean L1 and L2 distance from a state to the last one of its run, for full-batch runs on inputs $\pm1$.

    $$ \bar d = \frac{\sum_j d_j\bigl[(1-k^{N_j})/(1-k) - N_jk^{N_j}\bigr]}{\sum_j N_j} $$

    over all states but the last, with $d_j$ the length of the error at the start of run $j$ and $N_j$ its epochs:
    the figures that a report prints follow from the starts, the rate and the tolerance.

    Args:
        error: start minus minimum of each run, shape (3, runs).
        rate: learning rate, in (0, 1/2).
        tolerance: the loss that ends a run, > 0.

    Raises:
        ValueError: an argument out of range, or no run takes an epoch.

    >>> l1, l2 = mean_distances([[0.3], [0.0], [0.4]], rate=0.1, tolerance=1e-7)
    >>> round(l1 / l2, 12)
    1.4
    """
    e = as_parameters(error)
    k, d = contraction_factor(rate), np.sqrt((e**2).sum(axis=0))
    n = epochs_remaining(d, rate=rate, tolerance=tolerance)
    if not n.sum() > 0:
        raise ValueError("expected a run that takes an epoch, got none: lower the tolerance")
    weight = (1.0 - k**n) / (1.0 - k) - n * k**n
    return float((np.abs(e).sum(axis=0) * weight).sum() / n.sum()), float((d * weight).sum() / n.sum())
