"""Entropy of particles on a line from the gaps between neighbours, and the total entropy that a run produces."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma

from trainphys.arrays import Array
from trainphys.chapters.cooling.b3_quenching_and_annealing.fluctuation import mean_inverse_temperature
from trainphys.estimate import Estimate
from trainphys.simulate.langevin import Ensemble
from trainphys.systems.coolings import Schedule
from trainphys.systems.losses import Potential


def spacing_entropy(samples: ArrayLike, spacing: int = 8) -> float:
    r"""Differential entropy from the gaps between m-th neighbours of n different positions, in nats; m is small.

    $$\hat S=\frac1{n-m}\sum_i\ln\left[(n+1)\left(x_{(i+m)}-x_{(i)}\right)\right]-\psi(m).$$ The digamma function takes
    the bias of the logarithm away for any smooth density, so that entropies of different shapes can be compared.

    Source: Beirlant, Dudewicz, Gyorfi and van der Meulen (1997), "Nonparametric entropy estimation: an overview",
        section 2.4.
    """
    x = np.sort(np.asarray(samples, dtype=float))
    if x.ndim != 1 or spacing < 1 or x.size < 10 * spacing:
        raise ValueError(f"expected a row of at least {10 * spacing} samples, got shape {x.shape}: take more particles")
    gaps = x[spacing:] - x[:-spacing]
    if not gaps.min() > 0:
        raise ValueError("expected samples that are all different: round less")
    return float(np.log((x.size + 1) * gaps).mean() - digamma(spacing))


def produced_by_particles(
    ensemble: Ensemble, potential: Potential, schedule: Schedule, groups: int = 100
) -> tuple[Estimate, Estimate, Estimate]:
    r"""Entropy that a run produces, from its particles alone: total, medium (heat over T) and system, in nats.

    $$\Delta s_{\rm tot}=-\sum\bar\beta\,\Delta\langle L\rangle+\Delta\hat S.$$ The scatter of groups of particles gives
    the errors; between two records T should change little.
    """
    x = ensemble.states
    if x.ndim != 2 or len(x) < 2 or x.shape[1] < 100 * groups:
        raise ValueError(f"expected states of shape (2 or more, {100 * groups} or more), got {x.shape}")
    mean_beta = mean_inverse_temperature(schedule, ensemble)
    whole = _medium_and_system(x, potential, mean_beta)
    parts = np.array([_medium_and_system(x[:, g::groups], potential, mean_beta) for g in range(groups)])
    # the tails bias the entropy by about spacing / n: the value comes from all particles, its error from the groups
    return tuple(  # type: ignore[return-value]
        Estimate(value, float(part.std(ddof=1) / np.sqrt(groups)), x.shape[1], groups - 1)
        for value, part in zip((sum(whole), *whole), (parts.sum(axis=1), parts[:, 0], parts[:, 1]), strict=True)
    )


def _medium_and_system(x: Array, potential: Potential, mean_beta: Array) -> tuple[float, float]:
    medium = -float((mean_beta * np.diff(potential.value(x).mean(axis=1))).sum())
    return medium, spacing_entropy(x[-1]) - spacing_entropy(x[0])
