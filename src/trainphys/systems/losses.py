"""Losses in one dimension: what a particle feels, and where the wells are."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import positive


class Potential(Protocol):
    """A loss L(x): its values for NumPy, and its slope for numba, ``slope(x, parameters) -> float``."""

    @property
    def parameters(self) -> tuple[float, ...]: ...
    @property
    def slope(self) -> Any: ...
    def value(self, x: ArrayLike) -> Array: ...


@cache
def _cubic() -> Any:
    """The compiled slope of every quartic; compiling takes a second, and laws can do without it."""
    import numba as nb

    @nb.njit(inline="always")
    def cubic(x, c):  # type: ignore[no-untyped-def]
        return c[0] + x * (c[1] + x * (c[2] + x * c[3]))

    return cubic


@dataclass(frozen=True, slots=True)
class Quartic:
    r"""Polynomial loss $L(x)=\sum_{n\le4}c_nx^n$: one or two wells.

    Args:
        coefficients: $c_0$ to $c_4$; the highest that is not zero is even and positive, so that the loss confines.

    Raises:
        ValueError: not five coefficients, or a loss that does not confine.

    >>> Quartic((0, 0, 0.5, 0, 0)).value(2.0)
    array(2.)
    """

    coefficients: tuple[float, float, float, float, float]

    def __post_init__(self) -> None:
        c = self.coefficients
        if len(c) != 5:
            raise ValueError(f"expected 5 coefficients, got {len(c)}: write the missing ones as 0")
        if not (c[4] > 0 or (c[4] == 0 and c[3] == 0 and c[2] > 0)):
            raise ValueError(
                f"expected a loss that grows on both sides, got coefficients {c}: make the x^4 term positive"
            )

    @property
    def parameters(self) -> tuple[float, ...]:
        """Coefficients of the slope, a cubic."""
        return tuple(float(n * c) for n, c in enumerate(self.coefficients))[1:]

    @property
    def slope(self) -> Any:
        return _cubic()

    def value(self, x: ArrayLike) -> Array:
        return np.asarray(Polynomial(self.coefficients)(np.asarray(x, dtype=float)))

    def stationary_points(self) -> list[float]:
        """Minima and maxima, from left to right (a minimum first and last)."""
        roots = np.asarray(Polynomial(self.parameters).trim().roots(), dtype=complex).tolist()
        return sorted(float(r.real) for r in roots if abs(r.imag) < 1e-9 * (1 + abs(r)))

    def walls(self, loss: float) -> tuple[float, float]:
        """The outermost places where the loss is this high, left and right; it must be above the lowest loss.

        >>> harmonic(2.0).walls(9.0)
        (-3.0, 3.0)
        """
        roots = np.asarray((Polynomial(self.coefficients) - loss).trim().roots(), dtype=complex)
        real = roots.real[np.abs(roots.imag) <= np.abs(roots.imag).min() + 1e-9 * np.abs(roots)]
        return float(real.min()), float(real.max())

    def minimum(self) -> float:
        """The lowest loss."""
        return float(self.value(self.stationary_points()).min())


@dataclass(frozen=True, slots=True)
class Custom:
    """Any other loss: ``value`` for arrays, ``slope`` a numba-jitted function of (x, parameters)."""

    value: Callable[[ArrayLike], Array]
    slope: Any
    parameters: tuple[float, ...] = ()


def check_potential(potential: object, any_loss: bool = False) -> None:
    """Refuse what is no quartic, as a number in its place; or, where any loss will do, what has no values.

    >>> check_potential(harmonic())
    """
    right = callable(getattr(potential, "value", None)) if any_loss else isinstance(potential, Quartic)
    if not right:
        raise ValueError(
            f"expected a potential, got {potential!r:.99}: make one with double_well(barrier, gap) or "
            "harmonic(curvature) of trainphys.systems.losses"
        )


def harmonic(curvature: float = 1.0) -> Quartic:
    r"""One quadratic well, $L=\tfrac12kx^2$ with the curvature $k>0$ (loss per parameter squared).

    Raises:
        ValueError: a curvature that is not positive.

    >>> float(harmonic(4.0).value(1.0))
    2.0
    """
    positive(curvature=curvature)
    return Quartic((0.0, 0.0, curvature / 2, 0.0, 0.0))


def double_well(barrier: float, gap: float = 0.0) -> Quartic:
    r"""Two wells near $x=\mp1$, $L=B(x^2-1)^2-\tfrac12\Delta\,x$.

    Args:
        barrier: $B>0$, height between the wells when they are level (loss units).
        gap: $\Delta\ge0$, by how much the right well is deeper, to first order; small enough that two wells remain.

    Raises:
        ValueError: a barrier that is not positive, or a gap so large that the upper well is gone.

    >>> [round(x, 6) for x in double_well(1.0).stationary_points()]
    [-1.0, 0.0, 1.0]
    """
    positive(barrier=barrier)
    largest = 16 * barrier / (3 * math.sqrt(3))  # where the upper minimum and the barrier merge
    if not 0 <= gap < largest:
        raise ValueError(f"expected 0 <= gap < {largest:.3g}, got {gap}: keep two wells")
    return Quartic((barrier, -gap / 2, -2 * barrier, 0.0, barrier))


@dataclass(frozen=True, slots=True)
class Wells:
    """Positions and energies of a double well with the deeper minimum on the right."""

    upper: float
    top: float
    lower: float
    barrier: float  # loss from the upper minimum to the top
    gap: float  # loss from the lower minimum to the upper one


def wells(potential: Quartic) -> Wells:
    """The two wells of a quartic whose right minimum is the lower one (or level); others are refused.

    >>> w = wells(double_well(2.0))
    >>> round(w.barrier, 9), round(w.gap, 9)
    (2.0, 0.0)
    """
    check_potential(potential)
    points = potential.stationary_points()
    if len(points) != 3:
        raise ValueError(f"expected two wells, got stationary points {points}")
    upper, top, lower = (float(v) for v in potential.value(points))
    if upper < lower - 1e-12:
        raise ValueError("expected the lower minimum on the right: mirror the loss")
    return Wells(points[0], points[1], points[2], top - upper, upper - lower)


def level_wells(barrier: float, curvature: float) -> Quartic:
    r"""Two level wells with the barrier $B>0$ and the curvature $k>0$ at both, $L=B(x^2/a^2-1)^2$, $a^2=8B/k$.

    >>> [round(x, 9) for x in level_wells(2.0, 16.0).stationary_points()]
    [-1.0, 0.0, 1.0]
    """
    positive(barrier=barrier, curvature=curvature)
    square = 8 * barrier / curvature
    return Quartic((barrier, 0.0, -2 * barrier / square, 0.0, barrier / square**2))
