"""Units of parameters, loss and time: how a quantity answers when they are changed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trainphys.checks import positive
from trainphys.simulate.fokker_planck import evolve
from trainphys.systems.coolings import Exponential
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic


@dataclass(frozen=True, slots=True)
class Dimension:
    r"""Exponents of the units, $X^{\rm parameter}E^{\rm loss}\mathsf t^{\,\rm time}$; zeros make a pure number.

    >>> MOBILITY * TEMPERATURE == PARAMETER**2 / TIME  # the unit of diffusion
    True
    """

    parameter: float = 0.0
    loss: float = 0.0
    time: float = 0.0

    def __mul__(self, other: Dimension) -> Dimension:
        return Dimension(self.parameter + other.parameter, self.loss + other.loss, self.time + other.time)

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other**-1

    def __pow__(self, power: float) -> Dimension:
        return Dimension(self.parameter * power, self.loss * power, self.time * power)


PARAMETER, LOSS, TIME = Dimension(parameter=1), Dimension(loss=1), Dimension(time=1)
TEMPERATURE = LOSS  # Boltzmann's constant is one
CURVATURE = LOSS / PARAMETER**2
MOBILITY = PARAMETER**2 / (LOSS * TIME)


@dataclass(frozen=True, slots=True)
class UnitChange:
    """By how much the numbers for parameters, loss and time grow when they are written in smaller units.

    >>> UnitChange(parameter=3.0, loss=2.0).factor(CURVATURE)
    0.2222222222222222
    """

    parameter: float = 1.0
    loss: float = 1.0
    time: float = 1.0

    def __post_init__(self) -> None:
        positive(parameter=self.parameter, loss=self.loss, time=self.time)

    def factor(self, dimension: Dimension) -> float:
        """What a quantity of this dimension is multiplied by."""
        return float(self.parameter**dimension.parameter * self.loss**dimension.loss * self.time**dimension.time)


def measured_dimension(
    quantity: Callable[[UnitChange], float], factor: float = 2.0, tolerance: float = 1e-6
) -> Dimension:
    r"""Exponents with which a quantity answers to a change of units, found by changing them.

    The quantity is computed in the units as they are, with each unit changed by the factor, and by its square: if it
    does not go as a power it has no dimension, and a formula that contains it depends on the units chosen. The
    tolerance is that of the exponents, as large as the simulation behind the quantity needs.

    >>> measured_dimension(lambda units: 3.0 * units.factor(CURVATURE) / units.factor(LOSS / PARAMETER))
    Dimension(parameter=-1.0, loss=0.0, time=0.0)
    """
    here, exponents = quantity(UnitChange()), {}
    for name in ("parameter", "loss", "time"):
        once, twice = (quantity(UnitChange(**{name: factor**n})) for n in (1, 2))
        if not (here * once > 0 and here * twice > 0):
            raise ValueError(f"expected a quantity that keeps its sign, got {here}, {once}, {twice}: it is no power")
        first, second = math.log(once / here) / math.log(factor), math.log(twice / once) / math.log(factor)
        if abs(first - second) > tolerance:
            raise ValueError(
                f"expected a power of the unit of {name}, got exponents {first:.4g} and {second:.4g}: "
                "compare differences or ratios instead"
            )
        exponents[name] = round(first / tolerance) * tolerance + 0.0
    return Dimension(**exponents)


@dataclass(frozen=True, slots=True)
class Cooled:
    """What is left after cooling: mean square of the parameter, mean loss, and entropy."""

    square: float
    loss: float
    entropy: float


def rescaled(potential: Quartic, units: UnitChange) -> Quartic:
    r"""The same loss in other units, $L'(x')=b\,L(x'/a)$.

    >>> float(rescaled(Quartic((0, 0, 1, 0, 0)), UnitChange(parameter=2.0, loss=3.0)).value(2.0))
    3.0
    """
    a, b = units.factor(PARAMETER), units.factor(LOSS)
    first, second, third, fourth, fifth = (b * c / a**n for n, c in enumerate(potential.coefficients))
    return Quartic((first, second, third, fourth, fifth))


def cooled(
    potential: Quartic,
    schedule: Exponential,
    duration: float,
    units: UnitChange | None = None,
    cells: int = 400,
    steps: int = 400,
) -> Cooled:
    """Cool from equilibrium by the Fokker-Planck equation, with everything written in other units.

    Loss, schedule and duration are given in the old units; the walls of the grid are found anew in the new ones, and
    what is left comes out in them.
    """
    units = UnitChange() if units is None else units
    loss = rescaled(potential, units)
    new = Exponential(
        schedule.start * units.factor(TEMPERATURE),
        schedule.tau * units.factor(TIME),
        schedule.mobility_start * units.factor(MOBILITY),
        schedule.mobility_tau * units.factor(TIME),
    )
    grid = Grid.around(loss, new.start, cells)
    times = np.linspace(0, duration * units.factor(TIME), steps + 1)
    p = evolve(loss, boltzmann(loss, new.start, grid), new, times, grid).density[0]
    mass, x = np.maximum(p, 1e-300) * grid.width, grid.centres
    energy = float((mass * loss.value(x)).sum())
    entropy = float(-(mass * np.log(mass / grid.width)).sum())
    return Cooled(float((mass * x**2).sum()), energy, entropy)
