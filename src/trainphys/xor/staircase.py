"""The time to go as a staircase: from the distance to the last state, the loss, the gradient, or the bias ratio."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Integers
from trainphys.checks import finite, positive
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
    d = np.asarray(distance, dtype=float)
    positive(distance=d, tolerance=tolerance)
    with np.errstate(over="ignore"):  # what overflows is refused below
        x = np.log1p(d / np.sqrt(tolerance)) / -np.log(contraction_factor(rate))
    return counted(np.floor(x) + 1)


def last_distance_step(epochs: ArrayLike, *, rate: float, tolerance: float) -> tuple[Array, Array]:
    r"""Smallest and largest distance to the last state with $n$ epochs to go, $\sqrt\varepsilon(k^{-n}-1)\cdot[k,1]$.

    Args:
        epochs: $n$, whole, >= 1, any shape.
        rate: $\eta$, in (0, 1/2).
        tolerance: $\varepsilon$, > 0.

    Raises:
        ValueError: an argument out of range, or so many epochs that the distance is not a number.

    >>> low, high = last_distance_step(1, rate=0.25, tolerance=1e-6)
    >>> round(float(low), 9), round(float(high), 9)
    (0.0005, 0.001)
    """
    n = np.asarray(epochs, dtype=float)
    positive(tolerance=tolerance)
    if not ((n >= 1) & (n == np.floor(n))).all():
        raise ValueError(f"expected whole epochs >= 1, got {epochs!r}: the last state has none to go")
    with np.errstate(over="ignore"):  # what overflows is refused below
        high = np.sqrt(tolerance) * (contraction_factor(rate) ** -n - 1.0)
    finite(distance=high)
    return np.asarray(contraction_factor(rate) * high), np.asarray(high)


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
    r = np.asarray(ratio, dtype=float)
    if not ((r >= 1) & np.isfinite(r)).all():
        raise ValueError("expected finite ratios >= 1, got others: the bias of a solved run only shrinks")
    return np.asarray(np.log(r) / -np.log(contraction_factor(rate)))


def effective_tolerance(configuration: Configuration) -> float:
    r"""Loss below which the last logged state of a full-batch configuration lies, on inputs $\pm1$.

    A rule on the change of the loss and a loop that logs later are the plain loop at another tolerance.

    Args:
        configuration: full batch, inputs 1.

    Raises:
        ValueError: another batch or other inputs, or an unknown way of logging or stopping.

    >>> plain = Configuration("plain", "pytorch", rate=0.25, tolerance=1e-4, logging="one step more")
    >>> round(effective_tolerance(plain), 12)
    2.5e-05
    """
    c = configuration
    if c.method != "full-batch" or c.inputs != 1.0:
        raise ValueError(f"expected full batch on inputs 1, got {c.method} on {c.inputs}: no one factor an epoch")
    if c.logging not in LOGGED or c.stop not in ("loss", "change"):
        raise ValueError(f"expected logging in {list(LOGGED)} and stop loss or change, got {c.logging!r}, {c.stop!r}")
    positive(tolerance=c.tolerance)
    k2 = contraction_factor(c.rate) ** 2
    start = c.tolerance / (1.0 / k2 - 1.0) if c.stop == "change" else c.tolerance
    return float(start * k2 ** LOGGED[c.logging][1])


def boosted_residual(mean_deviation: ArrayLike, trees: ArrayLike, shrinkage: ArrayLike) -> Array:
    r"""Mean absolute error of boosting whose trees fit each residual exactly, $(1-\nu)^M\,\overline{|y-\bar y|}$.

    Args:
        mean_deviation: mean absolute deviation of the target from its mean, >= 0.
        trees: $M$, whole, >= 0.
        shrinkage: learning rate $\nu$ of the boosting, in (0, 1].

    Raises:
        ValueError: an argument out of range.

    >>> boosted_residual(8.0, 3, 0.5).item()
    1.0
    """
    nu, m, deviation = (np.asarray(x, dtype=float) for x in (shrinkage, trees, mean_deviation))
    if not ((nu > 0) & (nu <= 1)).all():
        raise ValueError(f"expected shrinkage in (0, 1], got {shrinkage!r}: 1 fits each residual at once")
    finite(mean_deviation=deviation, trees=m)
    if not ((m >= 0).all() and (m == np.floor(m)).all() and (deviation >= 0).all()):
        raise ValueError(f"expected whole trees >= 0 and a deviation >= 0, got {trees!r} and {mean_deviation!r}: count")
    return np.asarray(deviation * (1.0 - nu) ** m)
