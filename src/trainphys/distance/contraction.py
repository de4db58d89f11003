r"""The exact law: full-batch descent shrinks the error by one factor an epoch, so the time to go is a logarithm."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainphys.distance._checks import counted, finite, positive, widths

Array = NDArray[np.float64]


def factor(rate: float, scale: float = 1.0) -> float:
    r"""Factor by which one full-batch epoch shrinks the error of a weight, $k=1-2\eta c^2$; of the bias, $c=1$.

    Args:
        rate: learning rate $\eta$, > 0.
        scale: half width $c$ of the input that the weight belongs to, > 0.

    Raises:
        ValueError: $\eta c^2\ge1/2$, where the step overshoots and signs may change again.

    >>> factor(0.1)
    0.8
    """
    k = 1.0 - 2.0 * rate * scale**2
    if not (rate > 0 and scale > 0 and 0.0 < k < 1.0):
        raise ValueError(f"expected 0 < rate * scale**2 < 1/2, got rate {rate} and scale {scale}: take smaller steps")
    return k


def epochs_remaining(distance: ArrayLike, *, rate: float, tolerance: float) -> NDArray[np.int64]:
    r"""Epochs until the loss is below the tolerance, for inputs $\pm1$.

    $$ n = \Bigl\lfloor \frac{\ln(d/\sqrt{\varepsilon})}{-\ln(1-2\eta)} \Bigr\rfloor + 1 ,\qquad n=0
    \text{ if } d<\sqrt\varepsilon . $$

    Exact for full-batch descent from a state in the cone ``landscape.solvable``, in any direction.

    Args:
        distance: Euclidean distance $d$ to the minimum on the state's side, > 0, any shape.
        rate: learning rate $\eta$, in (0, 1/2).
        tolerance: the loss $\varepsilon$ below which a run ends, > 0.

    Raises:
        ValueError: an argument out of range.

    >>> epochs_remaining([0.5, 0.05], rate=0.1, tolerance=1e-7).tolist()
    [34, 23]
    """
    d = np.asarray(distance, dtype=float)
    positive(distance=d, tolerance=tolerance)
    with np.errstate(over="ignore", divide="ignore"):  # what overflows is refused below; what vanishes is done
        x = np.log(d / np.sqrt(tolerance)) / -np.log(factor(rate))
    return counted(np.where(x < 0, 0, np.floor(x) + 1))


def epochs_remaining_from_error(
    error: ArrayLike, *, rate: float, tolerance: float, scales: tuple[float, float] = (1.0, 1.0)
) -> NDArray[np.int64]:
    r"""Epochs until the loss is below the tolerance, for inputs $\pm c_1$, $\pm c_2$.

    The smallest $n$ with $c_1^2e_1^2k_1^{2n}+c_2^2e_2^2k_2^{2n}+e_b^2k_b^{2n}<\varepsilon$, each $k$ from ``factor``.
    Exact as long as the run stays in the cone of its start.

    Args:
        error: state minus minimum, (e1, e2, eb) along the first axis, shape (3, ...).
        rate: learning rate, with ``rate * max(c1, c2, 1)**2 < 1/2``.
        tolerance: the loss below which a run ends, > 0.
        scales: half widths (c1, c2) of the inputs, > 0.

    Raises:
        ValueError: an argument out of range.

    >>> epochs_remaining_from_error([0.3, 0.0, 0.4], rate=0.1, tolerance=1e-7).tolist()
    34
    """
    e = np.asarray(error, dtype=float)
    if e.ndim == 0 or e.shape[0] != 3:
        raise ValueError(f"expected errors (e1, e2, eb) along the first axis, got {e.shape}: transpose the array")
    finite(error=e)
    positive(tolerance=tolerance)
    c = (*widths(scales), 1.0)
    k = np.array([factor(rate, width) for width in c])
    with np.errstate(over="ignore"):  # what overflows is refused below
        share = np.array(c).reshape((3,) + (1,) * (e.ndim - 1)) ** 2 * e**2  # of the loss, by parameter
        # The loss falls with n: bisect between 0 and the time of a run that is as slow as its slowest parameter.
        slowest = np.log(np.maximum(share.sum(axis=0), tolerance) / tolerance) / (-2.0 * np.log(k.max()))
    low, high = np.full(e.shape[1:], -1), counted(np.floor(slowest) + 1)
    while (high - low > 1).any():
        middle = (low + high) // 2
        left = (share * k.reshape((3,) + (1,) * (e.ndim - 1)) ** (2.0 * middle)).sum(axis=0)
        done = left < tolerance
        low, high = np.where(done, low, middle), np.where(done, middle, high)
    return np.asarray(high)


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
    e = np.asarray(error, dtype=float)
    if e.ndim != 2 or e.shape[0] != 3:
        raise ValueError(f"expected errors of shape (3, runs), got {e.shape}: transpose the array")
    k, d = factor(rate), np.sqrt((e**2).sum(axis=0))
    n = epochs_remaining(d, rate=rate, tolerance=tolerance)
    if not n.sum() > 0:
        raise ValueError("expected a run that takes an epoch, got none: lower the tolerance")
    weight = (1.0 - k**n) / (1.0 - k) - n * k**n
    return float((np.abs(e).sum(axis=0) * weight).sum() / n.sum()), float((d * weight).sum() / n.sum())
