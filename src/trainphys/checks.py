"""What an argument has to be, asked and refused in the same words everywhere: expected, got, cure.

Each check gives back its arguments as arrays, in their order: ``[k] = positive(curvature=curvature)``.
"""

from collections.abc import Callable
from operator import index

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Booleans


def numbers(**arguments: ArrayLike) -> list[Array]:
    """Refuse what is not real numbers: texts that look like some, complex ones, nothing at all.

    >>> [history] = numbers(history=[1, 2.5])
    """
    arrays = []
    for name, value in arguments.items():
        try:
            x = np.asarray(value)
            if x.dtype.kind not in "buifO":
                raise TypeError(x.dtype)
            arrays.append(np.asarray(x, dtype=float))
        except (TypeError, ValueError, OverflowError, RuntimeError) as error:  # the last from a tensor with a gradient
            raise ValueError(f"expected real numbers {name}, got {value!r:.99}: convert or leave out others") from error
    return arrays


def one(**arguments: ArrayLike) -> list[float]:
    """Refuse what is not one real number: lists, arrays of one, texts.

    >>> one(step=0.1)
    [0.1]
    """
    arrays = numbers(**arguments)
    for (name, value), x in zip(arguments.items(), arrays, strict=True):
        if x.ndim or value is None:
            raise ValueError(f"expected one number {name}, got {value!r:.99}: call it once for each")
    return [float(x) for x in arrays]


def finite(**arguments: ArrayLike) -> list[Array]:
    """Refuse nan and infinity.

    >>> [loss] = finite(loss=[0.0, -1.0])
    """
    return _each(arguments, np.isfinite, "finite {}", "leave out what has overflown or is missing")


def positive(**arguments: ArrayLike) -> list[Array]:
    """Refuse what is not above zero, and nan and infinity.

    >>> rate, tolerance = positive(rate=0.1, tolerance=[1e-7, 1e-3])
    """
    return _each(arguments, lambda x: np.isfinite(x) & (x > 0), "{} > 0 and finite", "check its sign and its unit")


def spectrum(**arguments: ArrayLike) -> list[Array]:
    """Refuse what are not eigenvalues above zero, one or a list of them: a matrix, and none at all.

    >>> [curvatures] = spectrum(curvatures=[1.0, 0.5])
    """
    arrays = [np.atleast_1d(x) for x in positive(**arguments)]
    for name, x in zip(arguments, arrays, strict=True):
        if x.ndim > 1 or not x.size:
            raise ValueError(f"expected {name}, one or of shape (d,), got shape {x.shape}: give the eigenvalues alone")
    return arrays


def above_zero(**arguments: ArrayLike) -> list[Array]:
    """Refuse what is not above zero, and nan; infinity is a limit that is never met.

    >>> [limit] = above_zero(limit=np.inf)
    """
    return _each(arguments, lambda x: x > 0, "{} > 0", "check its sign and its unit")


def not_below(least: float, **arguments: ArrayLike) -> list[Array]:
    """Refuse what lies below a number, and nan and infinity.

    >>> [gap] = not_below(0, gap=0.0)
    """
    return _each(
        arguments,
        lambda x: np.isfinite(x) & (x >= least),
        f"{{}} >= {least:g} and finite",
        "check its sign and its unit",
    )


def inside(low: float, high: float, **arguments: ArrayLike) -> list[Array]:
    """Refuse what does not lie strictly between two numbers.

    >>> [share] = inside(0, 1, share=0.1)
    """
    return _each(arguments, lambda x: (x > low) & (x < high), f"{{}} in ({low:g}, {high:g})", "the ends are left out")


def within(low: float, high: float, **arguments: ArrayLike) -> list[Array]:
    """Refuse what does not lie between two numbers or at one of them.

    >>> [share] = within(0, 1, share=[0.0, 1.0])
    """
    return _each(arguments, lambda x: (x >= low) & (x <= high), f"{{}} in [{low:g}, {high:g}]", "the ends are allowed")


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
            raise ValueError(f"expected a whole number {name} >= {least}, got {value!r:.99}: give an int of that size")


def _each(arguments: dict[str, ArrayLike], is_right: Callable[[Array], Booleans], what: str, cure: str) -> list[Array]:
    arrays = numbers(**arguments)
    for (name, value), x in zip(arguments.items(), arrays, strict=True):
        if not is_right(x).all():
            raise ValueError(f"expected {what.format(name)}, got {_short(value)}: {cure}")
    return arrays


def _short(value: ArrayLike) -> str:
    x = np.asarray(value)
    return repr(x.tolist()) if x.size <= 4 else f"{x.size} numbers of shape {x.shape}"
