"""One and the same cooling run, written in other units of parameters, loss and time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainphys.cooling.dimensions import LOSS, MOBILITY, PARAMETER, TEMPERATURE, TIME, UnitChange
from trainphys.cooling.fokker_planck import Grid, boltzmann, evolve
from trainphys.cooling.potentials import Quartic
from trainphys.cooling.schedules import Exponential


@dataclass(frozen=True, slots=True)
class Cooled:
    """What is left after cooling: mean square of the parameter, mean loss, entropy, and free energy over T."""

    square: float
    loss: float
    entropy: float
    free_energy: float


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
    """Cool from equilibrium by the Fokker-Planck equation; everything is put in, and comes out, in the units given.

    Args:
        potential: the loss, in the old units like all that follow.
        schedule: temperature and mobility.
        duration: > 0.
        units: the change of units; by default none.
        cells: of the grid, whose walls are found anew in the new units.
        steps: time steps.

    >>> from trainphys.cooling.potentials import harmonic
    >>> ends = cooled(harmonic(), Exponential(1.0), 1.0)
    >>> round(ends.square, 3), bool(round(ends.entropy, 3) == round(np.log(2 * np.pi * np.e) / 2, 3))
    (1.0, True)
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
    temperature = float(new.temperature(times[-1]))
    return Cooled(float((mass * x**2).sum()), energy, entropy, energy / temperature - entropy)
