"""What a new measurement is predicted to be: values at several batch sizes, and how far one run may fall from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from trainphys.arrays import Array

COVERAGE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A predicted value and where a single new run falls 95 times in 100.

    >>> Interval(675.0, 612.3, 744.1)
    675 [612, 744]
    """

    value: float
    low: float
    high: float

    def __repr__(self) -> str:  # so that a list of them is as short as one
        return f"{short(self.value)} [{short(self.low)}, {short(self.high)}]"


@dataclass(frozen=True, slots=True)
class Predicted:
    r"""Values, the variance of a new one in the logarithm, and the degrees of freedom of that variance.

    Independent factors multiply: variances are added, with the degrees of freedom of Welch and Satterthwaite.

    >>> steps, seconds = Predicted([100.0], [0.04], [4.0]), Predicted([0.5], [0.04], [4.0])
    >>> run = steps * seconds
    >>> run.value.tolist(), run.variance.tolist(), run.dof.tolist()
    ([50.0], [0.08], [8.0])
    """

    value: Array
    variance: Array
    dof: Array

    def __post_init__(self) -> None:
        for name in ("value", "variance", "dof"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=float))

    def __mul__(self, other: Predicted) -> Predicted:
        return Predicted(self.value * other.value, *added((self.variance, self.dof), (other.variance, other.dof)))

    def half_width(self) -> Array:
        r"""Half the width of the interval in the logarithm, $t_{\nu}\sigma$."""
        return np.asarray(stdtrit(self.dof, (1 + COVERAGE) / 2) * np.sqrt(self.variance))

    def high(self) -> Array:
        """Upper ends of the intervals."""
        with np.errstate(over="ignore"):
            return np.asarray(self.value * np.exp(self.half_width()))

    def interval(self, index: int | np.intp) -> Interval:
        """One of the values with its interval."""
        with np.errstate(over="ignore"):  # an end that is infinite says that nothing is known
            value, factor = float(self.value[index]), float(np.exp(self.half_width()[index]))
        return Interval(value, value / factor, value * factor)


def added(*parts: tuple[ArrayLike, ArrayLike]) -> tuple[Array, Array]:
    r"""Sum of independent variances $v_i$ with $\nu_i$ degrees of freedom, and its own.

    $$ v=\sum_iv_i ,\qquad \nu=v^2\Big/\sum_iv_i^2/\nu_i $$
    Source: Welch (1947), Satterthwaite (1946).

    >>> [float(x) for x in added((3.0, 4.0), (1.0, float("inf")))]
    [4.0, 7.111111111111111]
    """
    total = np.asarray(sum(np.asarray(v, dtype=float) for v, _ in parts))
    spread = np.asarray(sum(np.asarray(v, dtype=float) ** 2 / np.asarray(dof, dtype=float) for v, dof in parts))
    known = spread > 0
    return total, np.where(known, total**2 / np.where(known, spread, 1.0), np.inf)


def short(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if 100 <= abs(value) < 1e7 else f"{value:.3g}"
