"""What the laws give for the runs of this chapter: the temperature of SGD at rest, and fluctuations without jumps."""

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.cooling.b6_estimators_and_adaptation.resting_systems import RestingCase
from trainphys.laws.temperature import stationary_temperature
from trainphys.systems.grid import Grid, boltzmann
from trainphys.systems.losses import Quartic, wells


def resting_temperature(case: RestingCase) -> Array:
    """Temperature along each mode, ``stationary_temperature`` of the run's settings and its measured gradient noise."""
    return stationary_temperature(
        case.learning_rate,
        case.batch_size,
        case.run.noise.mean(axis=0),
        momentum=case.momentum,
        curvature=np.maximum(case.curvature, 0.0),
    )


def frozen_fluctuation_ratio(potential: Quartic, upper_share: float, temperature: float) -> float:
    r"""Loss fluctuations over response, $\frac{\operatorname{var}(L)/T^2}{d\langle L\rangle/dT}$, jumps frozen.

    Each of two wells is at equilibrium inside, and a share u sits in the upper one for good: the response is that of
    the wells alone, the fluctuations hold the gap as well, about $u(1-u)\Delta^2/T^2$ more.
    """
    top = wells(potential).top
    grid = Grid.around(potential, temperature, 8000)
    loss, p = potential.value(grid.centres), boltzmann(potential, temperature, grid)
    means, inner = [], []
    for side in (grid.centres < top, grid.centres >= top):
        weight = p * side / (p * side).sum()
        means.append(float((weight * loss).sum()))
        inner.append(float((weight * (loss - means[-1]) ** 2).sum()))
    within = upper_share * inner[0] + (1 - upper_share) * inner[1]
    return (within + upper_share * (1 - upper_share) * (means[0] - means[1]) ** 2) / within
