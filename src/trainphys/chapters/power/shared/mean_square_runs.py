"""The learning rate at which least squares on drawn batches keeps its mean square error."""

import numpy as np

from trainphys.ensemble import stream
from trainphys.estimate import Estimate


def simulated_mean_square_limit(*, batch_size: int, dimension: int, numbers: int, seed: int) -> Estimate:
    r"""Learning rate at which $|\theta|^2$ keeps its mean in an update on a drawn batch.

    Normal inputs look alike in every direction, so one update of a unit vector measures the growth of any. Its growth
    is $1-2\eta a+\eta^2b$ with $a=\theta^{\mathsf T}C\theta$ and $b=|C\theta|^2$; the limit is $2\bar a/\bar b$. A
    batch takes ``batch_size * dimension`` of the ``numbers`` to spend.
    """
    draws = numbers // (batch_size * dimension)
    if draws < 100:
        raise ValueError(f"expected numbers for 100 batches or more, got {draws}: raise numbers")
    rng = stream(seed, "mean-square-limit", batch_size)
    a, b, block = np.empty(draws), np.empty(draws), max(1, 500_000 // (batch_size * dimension))
    for low in range(0, draws, block):
        count = min(block, draws - low)
        inputs = rng.standard_normal((count, batch_size, dimension))
        moved = np.einsum("kbi,kb->ki", inputs, inputs[:, :, 0]) / batch_size  # C times the first unit vector
        a[low : low + count], b[low : low + count] = moved[:, 0], (moved**2).sum(axis=1)
    return 2 * Estimate.ratio_of_paired(a, b)
