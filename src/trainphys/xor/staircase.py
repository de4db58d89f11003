"""The time to go as a staircase: from the distance to the last state, the loss, the gradient, or the bias ratio."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Integers
from trainphys.checks import finite, not_below, positive
from trainphys.laws.contraction import contraction_factor, counted
from trainphys.xor.configurations import LOGGED, Configuration


def epochs_from_last_distance(distance: ArrayLike, *, rate: float, tolerance: float) -> Integers:
    r"""Epochs remaining from the Euclidean distance to the run's own last state, for full batch on inputs $\pm1$.

    $$ n=\Bigl\lfloor\frac{\ln(1+d/\sqrt\varepsilon)}{-\ln k}\Bigr\rfloor+1 ,\qquad k=1-2\eta . $$

    Exact in any direction: the last error lies between $k\sqrt\varepsilon$ and $\sqrt\varepsilon$, so that the
    distances of $n$ and of $n+1$ epochs never meet.

    Args:
        distance: $d$ to the last state, > 0, any shape.
        rate: $\eta$, in (0, 1/2).
        tolerance: $\varepsilon$, the loss below which the run ended, > 0.

    Raises:
        ValueError: an argument out of range.

    >>> epochs_from_last_distance([0.2e-3, 1.0], rate=0.1, tolerance=1e-7).tolist()
    [3, 37]
    """
    d, eps = positive(distance=distance, tolerance=tolerance)
    with np.errstate(over="ignore"):  # what overflows is refused below
        x = np.log1p(d / np.sqrt(eps)) / -np.log(contraction_factor(rate))
    return counted(np.floor(x) + 1)


def last_distance_step(epochs: ArrayLike, *, rate: float, tolerance: float) -> tuple[Array, Array]:
    r"""Smallest and largest distance to the last state with $n$ epochs to go, $\sqrt\varepsilon(k^{-n}-1)\cdot[k,1]$.

    >>> low, high = last_distance_step(1, rate=0.25, tolerance=1e-6)
    >>> round(float(low), 9), round(float(high), 9)
    (0.0005, 0.001)
    """
    [n], [eps] = not_below(1, epochs=epochs), positive(tolerance=tolerance)
    with np.errstate(over="ignore"):  # what overflows is refused below
        [high] = finite(distance=np.sqrt(eps) * (contraction_factor(rate) ** -n - 1.0))
    return np.asarray(contraction_factor(rate) * high), high


def epochs_from_bias_ratio(ratio: ArrayLike, *, rate: float) -> Array:
    r"""Epochs remaining from the bias over its own last value, $n=\ln r/(-\ln k)$, since the bias shrinks to zero.

    Args:
        ratio: $r=b/b_\mathrm{final}$, >= 1; full batch from a solved cone, bias not zero.
        rate: $\eta$, in (0, 1/2).

    Raises:
        ValueError: a ratio below 1.

    >>> epochs_from_bias_ratio([1.25, 1.5625], rate=0.1).round(9).tolist()
    [1.0, 2.0]
    """
    [r] = not_below(1, bias_ratio=ratio)
    return np.asarray(np.log(r) / -np.log(contraction_factor(rate)))


def effective_tolerance(configuration: Configuration) -> float:
    r"""Loss below which the last logged state of a full-batch configuration lies, on inputs $\pm1$.

    A rule on the change of the loss and a loop that logs later are the plain loop at another tolerance.

    >>> plain = Configuration("plain", "pytorch", rate=0.25, tolerance=1e-4, logging="one step more")
    >>> round(effective_tolerance(plain), 12)
    2.5e-05
    """
    c = configuration
    if c.method != "full-batch" or c.inputs != 1.0:
        raise ValueError(f"expected full batch on inputs 1, got {c.method} on {c.inputs}: no one factor an epoch")
    positive(tolerance=c.tolerance)
    k2 = contraction_factor(c.rate) ** 2
    start = c.tolerance / (1.0 / k2 - 1.0) if c.stop == "change" else c.tolerance
    return float(start * k2 ** LOGGED[c.logging][1])
