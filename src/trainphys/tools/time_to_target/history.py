"""Losses as people have them, as an array of numbers above zero."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import numbers

MANY, ENOUGH = 500, 100  # means that say as much as more losses, and those that do where single losses are noisy
QUIET = 0.1  # of ln L: noise below which more are taken
SHORTEST = 20  # losses; the fits use half of them
FAR, LEAST = 10.0, math.log(2.0)  # from which a single loss is an outlier: in units of the noise, and in ln L
NORMAL = 1.645  # the normal distribution's 90th percentile of |z|, in standard deviations


def checked_losses(history: ArrayLike) -> Array:
    """The losses of a run, one after the other.

    Raises:
        ValueError: fewer than 20, another shape, or one that is not above zero and finite, with its place.

    >>> checked_losses([20 - k for k in range(20)])[-1].item()
    1.0
    """
    [losses] = numbers(history=plain(history))
    if losses.ndim != 1:
        raise ValueError(
            f"expected one loss after the other as history, got shape {losses.shape}: give losses without their steps, "
            "and history, target in this order; steps go as steps="
        )
    if len(losses) < SHORTEST:
        raise ValueError(f"expected a history of at least {SHORTEST} losses, got shape {losses.shape}: look more often")
    _check_finite(losses)
    return losses


def without_outliers(y: Array) -> Array:
    """ln L with single losses that lie far off their neighbours replaced by the median of five.

    Far is a factor two and ten times the noise. The noise is that of the second differences by their 90th percentile,
    which a few outliers hardly move. On a curve that falls or rises all along no loss is moved, and nowhere the last.

    Source: the Hampel identifier, Davies and Gather (1993).

    >>> y = -0.1 * np.arange(40)
    >>> spiked = np.where(np.arange(40) == 9, 3.0, y)
    >>> round(float(without_outliers(spiked)[9]), 3), bool((without_outliers(y) == y).all())
    (-0.8, True)
    """
    around = np.lib.stride_tricks.sliding_window_view(np.pad(y, 2, mode="edge"), 5)
    middle = np.median(around, axis=1)
    noise = float(np.quantile(np.abs(np.diff(y, 2)), 0.9)) / (NORMAL * math.sqrt(6.0))
    return np.where(np.abs(y - middle) > max(LEAST, FAR * noise), middle, y)


def together(y: Array) -> int:
    """How many neighbours of a long history to take the mean of: it takes less time and holds less noise.

    >>> noisy = np.random.default_rng(0).normal(size=6000)
    >>> together(noisy[:999]), together(np.zeros(1000)), together(noisy)
    (1, 2, 48)
    """
    each = max(1, len(y) // MANY)
    while each > 1 and len(y) // (2 * each) >= ENOUGH and noise(log_means(y, each)) > QUIET:
        each *= 2
    return each


def log_means(y: Array, each: int) -> Array:
    """ln of the means of neighbours, of whose logarithms y are.

    >>> np.exp(log_means(np.log([1.0, 3.0]), 2)).round(9).tolist()
    [2.0]
    """
    most = float(y.max())
    return np.asarray(most + np.log(means(np.exp(y - most), each)))


def means(values: Array, each: int) -> Array:
    """Means of ``each`` neighbours; the first ones that are left over count with nothing.

    >>> means(np.arange(5.0), 2).tolist()
    [1.5, 3.5]
    """
    return np.asarray(values[len(values) % each :].reshape(-1, each).mean(axis=1))


def noise(y: Array) -> float:
    r"""Standard deviation of single numbers about a smooth curve, $\sum(y_{i-1}-2y_i+y_{i+1})^2/6n$ its square.

    >>> noise(np.array([0.0, 1.0, 2.0, 3.0])), round(noise(np.array([0.0, 1.0, 0.0, 1.0])), 4)
    (0.0, 0.8165)
    """
    return math.sqrt(float((np.diff(y, 2) ** 2).mean()) / 6.0)


def plain(values: Any) -> Any:
    """Numbers as a training loop has them: tensors too, in half precision, on a GPU, or with a graph behind them."""
    if hasattr(values, "detach"):
        return values.detach().cpu().double().numpy()
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.filled(values.astype(float), math.nan)
    return [plain(value) for value in values] if isinstance(values, (list, tuple)) else values


def _check_finite(losses: Array) -> None:
    """Refuse losses whose logarithm is none, and say where the first one stands."""
    wrong = np.flatnonzero(~(np.isfinite(losses) & (losses > 0)))
    if not wrong.size:
        return
    first = int(wrong[0])
    if np.isfinite(losses[first]):
        cure = "subtract a smaller floor from losses and target"
    elif first == 0 and np.isfinite(losses).any():
        cure = "leave out the failure and begin after it"
    elif np.isfinite(losses[first:]).any():  # the run went on: a look is missing
        cure = "put the mean of the losses beside it there, or leave it out and give steps"
    else:
        cure = f"the run failed there; give the losses before, history[:{first}]"
    raise ValueError(
        f"expected losses > 0 and finite, got {losses[first]:g} at index {first} of {len(losses)} (in all "
        f"{wrong.size} such): {cure}"
    )
