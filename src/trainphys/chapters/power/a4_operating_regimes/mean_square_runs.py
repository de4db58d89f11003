"""Mean square runs."""

from __future__ import annotations

import math

import numpy as np

from trainphys.ensemble import stream
from trainphys.estimate import Estimate


def simulated_mean_square_limit(*, batch_size: int, dimension: int, numbers: int, seed: int) -> Estimate:
    r"""The same limit from updates on drawn batches: the learning rate at which $|\theta|^2$ keeps its mean.

    Normal inputs look alike in every direction, so one update of a unit vector measures the growth of any. Its growth
    is $1-2\eta a+\eta^2b$ with $a=\theta^{\mathsf T}C\theta$ and $b=|C\theta|^2$; the limit is $2\bar a/\bar b$.

    Args:
        batch_size: samples per update, >= 1.
        dimension: >= 1.
        numbers: random numbers to spend; a batch takes ``batch_size * dimension``.
        seed: root of the random stream.

    Raises:
        ValueError: too few numbers for a hundred batches.
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
    value = 2 * a.mean() / b.mean()
    error = value * (a / a.mean() - b / b.mean()).std(ddof=1) / math.sqrt(draws)
    return Estimate(float(value), float(error), draws, draws - 1)
