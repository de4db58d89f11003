"""How far a learning rate is from the one at which noise of the curvature makes training diverge in mean square."""

from __future__ import annotations

import math

import numpy as np

from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.power.mean_square import largest_mean_square_step


def mean_square_limit(batch_size: float, dimension: int, curvature: float = 1.0) -> float:
    r"""Learning rate above which $\operatorname{E}|\theta|^2$ grows: $\eta_{\rm ms}=\frac2h\,\frac B{B+d+1}$.

    Least squares on normal inputs of variance $h$ in each of $d$ directions: the update multiplies $\theta$ by
    $1-\eta C$ with $C$ the batch's second-moment matrix, and $\operatorname{E}C^2=h^2(1+(d+1)/B)$.

    Args:
        batch_size: $B$ > 0, in samples; the limit halves at $d+1$.
        dimension: $d$ >= 1.
        curvature: $h$ > 0.

    Raises:
        ValueError: an argument out of range.

    >>> mean_square_limit(4, dimension=3)
    1.0
    """
    if not (batch_size > 0 and dimension >= 1 and curvature > 0):
        raise ValueError(f"expected positive arguments, got {batch_size}, {dimension}, {curvature}: check the order")
    return largest_mean_square_step(curvature, 0.0, (dimension + 1) / batch_size)


def stability_margin(alpha: float, learning_rate_exponent: float) -> float:
    r"""Mean-square limit over learning rate, one at $\alpha=1$: $2\alpha^{1-x}/(1+\alpha)$ for $\eta\propto\alpha^x$.

    Args:
        alpha: batch size over the one at which the limit is half that of the exact gradient, > 0.
        learning_rate_exponent: $x$: 0 for a constant learning rate, 1/2 for the square-root rule, 1 for the linear one.

    Raises:
        ValueError: an alpha that is not positive.

    >>> stability_margin(4.0, learning_rate_exponent=0.5)
    0.8
    """
    if not alpha > 0:
        raise ValueError(f"expected alpha > 0, got {alpha}: give the batch size over the critical one")
    return float(2 * alpha ** (1 - learning_rate_exponent) / (1 + alpha))


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
