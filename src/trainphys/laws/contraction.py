r"""The exact law: full-batch descent shrinks the error by one factor an epoch, so the time to go is a logarithm.

It is that of the XOR network, a quadratic loss in each cone of its weights; its inputs are $\pm c_1$ and $\pm c_2$.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Integers
from trainphys.checks import finite, numbers, one, positive
from trainphys.systems.input_scales import widths

LARGEST = 1e150  # scale, of which the square is a number still, and far too large
MOST_EPOCHS = 2**62  # the largest count that is not mistaken for an overflow


def contraction_factor(rate: float, scale: float = 1.0) -> float:
    r"""Factor by which one full-batch epoch shrinks the error of a weight, $k=1-2\eta c^2$; of the bias, $c=1$.

    Args:
        rate: learning rate $\eta$, > 0.
        scale: half width $c$ of the input that the weight belongs to, > 0.

    Raises:
        ValueError: $\eta c^2\ge1/2$, where the step overshoots and signs may change again.

    Source: $1-\eta h$ of gradient descent at the curvature $h=2c^2$; chapter on core discoveries.

    >>> contraction_factor(0.1)
    0.8
    """
    rate, scale = one(rate=rate, scale=scale)
    right = rate > 0 and 0 < scale < LARGEST
    k = 1.0 - 2.0 * rate * scale**2 if right else math.nan
    if not 0.0 < k < 1.0:
        raise ValueError(f"expected 0 < rate * scale**2 < 1/2, got rate {rate} and scale {scale}: take smaller steps")
    return k


def epochs_between(ratio: ArrayLike, rate: float) -> Array:
    r"""Epochs in which full-batch descent on inputs $\pm1$ divides its distance to the minimum by a ratio $r\ge1$.

    $$ \Delta n=\frac{\ln r}{-\ln(1-2\eta)} , $$ whatever the distance: twice as far costs as many epochs near as far.

    >>> epochs_between([1.0, 4.0], rate=0.25).tolist()
    [0.0, 2.0]
    """
    r = np.asarray(ratio, dtype=float)
    if not (r >= 1).all():
        raise ValueError(f"expected ratios >= 1, got a smallest of {r.min()}: the farther distance comes first")
    return np.asarray(np.log(r) / -np.log(contraction_factor(rate)))


def epochs_remaining(distance: ArrayLike, *, rate: float, tolerance: float) -> Integers:
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

    Source: a factor $k$ an epoch and the loss $d^2$; derived in the chapter on core discoveries.

    >>> epochs_remaining([0.5, 0.05], rate=0.1, tolerance=1e-7).tolist()
    [34, 23]
    """
    d, eps = positive(distance=distance, tolerance=tolerance)
    with np.errstate(over="ignore", divide="ignore"):  # what overflows is refused below; what vanishes is done
        x = np.log(d / np.sqrt(eps)) / -np.log(contraction_factor(rate))
    return counted(np.where(x < 0, 0, np.floor(x) + 1))


def epochs_from_error(
    error: ArrayLike, *, rate: float, tolerance: float, scales: tuple[float, float] = (1.0, 1.0)
) -> Integers:
    r"""Epochs until the loss is below the tolerance, for inputs $\pm c_1$, $\pm c_2$.

    The smallest $n$ with $c_1^2e_1^2k_1^{2n}+c_2^2e_2^2k_2^{2n}+e_b^2k_b^{2n}<\varepsilon$, with each $k$ from
    ``contraction_factor``. Exact as long as the run stays in the cone of its start.

    Args:
        error: state minus minimum, (e1, e2, eb) along the first axis, shape (3, ...).
        rate: learning rate, with ``rate * max(c1, c2, 1)**2 < 1/2``.
        tolerance: the loss below which a run ends, > 0.
        scales: half widths (c1, c2) of the inputs, > 0.

    Raises:
        ValueError: an argument out of range.

    Source: the loss in a cone is the sum of three squares; derived in the chapter on core discoveries.

    >>> epochs_from_error([0.3, 0.0, 0.4], rate=0.1, tolerance=1e-7).tolist()
    34
    """
    [e] = numbers(error=error)
    if e.ndim == 0 or e.shape[0] != 3:
        raise ValueError(f"expected errors (e1, e2, eb) along the first axis, got {e.shape}: transpose the array")
    finite(error=e)
    positive(tolerance=tolerance)
    c = (*widths(scales), 1.0)
    k = np.array([contraction_factor(rate, width) for width in c])
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


def counted(epochs: Array) -> Integers:
    """Whole numbers of epochs as integers; what no integer holds is refused."""
    if not (epochs < MOST_EPOCHS).all():
        raise ValueError(
            "expected a time to go that is a number, got one past counting: check distance, rate, tolerance"
        )
    return np.asarray(epochs).astype(np.int64)
