"""What an argument has to be, asked and refused in the same words everywhere: expected, got, cure."""

from __future__ import annotations

from operator import index

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Scales = tuple[float, float]
MOST_EPOCHS = 2**62  # the largest count that is not mistaken for an overflow


def finite(**arguments: ArrayLike) -> None:
    """Refuse nan and infinity.

    >>> finite(loss=[0.0, -1.0])
    """
    for name, value in arguments.items():
        if not np.isfinite(np.asarray(value, dtype=float)).all():
            raise ValueError(f"expected finite {name}, got {_short(value)}: leave out what has overflown or is missing")


def positive(**arguments: ArrayLike) -> None:
    """Refuse what is not above zero, and nan and infinity.

    >>> positive(rate=0.1, tolerance=[1e-7, 1e-3])
    """
    for name, value in arguments.items():
        x = np.asarray(value, dtype=float)
        if not (np.isfinite(x) & (x > 0)).all():
            raise ValueError(f"expected {name} > 0 and finite, got {_short(value)}: check its sign and its unit")


def at_least(least: int, **arguments: object) -> None:
    """Refuse what is not a whole number of this size or more.

    >>> at_least(2, runs=100)
    """
    for name, value in arguments.items():
        try:
            enough = index(value) >= least  # type: ignore[arg-type]
        except TypeError:
            enough = False
        if not enough:
            raise ValueError(f"expected a whole number {name} >= {least}, got {value!r}: give a larger one")


def inside(low: float, high: float, **arguments: ArrayLike) -> None:
    """Refuse what does not lie strictly between two numbers.

    >>> inside(0, 1, share=0.1)
    """
    for name, value in arguments.items():
        x = np.asarray(value, dtype=float)
        if not ((x > low) & (x < high)).all():
            raise ValueError(f"expected {name} in ({low:g}, {high:g}), got {_short(value)}: the ends are left out")


def widths(scales: Scales) -> Scales:
    """Half widths (c1, c2) of the inputs, checked.

    >>> widths((1.0, 0.5))
    (1.0, 0.5)
    """
    c = np.asarray(scales, dtype=float)
    if c.shape != (2,) or not (np.isfinite(c) & (c > 0)).all():
        raise ValueError(f"expected two finite input scales > 0, got {scales!r}: give half widths (c1, c2)")
    return float(c[0]), float(c[1])


def counted(epochs: Array) -> NDArray[np.int64]:
    """Whole numbers of epochs as integers; what no integer holds is refused.

    >>> counted(np.array([3.0])).tolist()
    [3]
    """
    if not (epochs < MOST_EPOCHS).all():
        raise ValueError(
            "expected a time to go that is a number, got one past counting: check distance, rate, tolerance"
        )
    return np.asarray(epochs).astype(np.int64)


def _short(value: ArrayLike) -> str:
    x = np.asarray(value)
    return repr(x.tolist()) if x.size <= 4 else f"{x.size} numbers of shape {x.shape}"
