"""Entropy produced along single trajectories, and the relation that its fluctuations obey."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.estimate import Estimate
from trainphys.simulate.langevin import Ensemble
from trainphys.systems.coolings import Schedule
from trainphys.systems.grid import Grid
from trainphys.systems.losses import Potential


def integral_fluctuation(entropy: ArrayLike) -> Estimate:
    r"""Mean of $e^{-\Delta s_{\rm tot}}$ over trajectories: one, exactly, however far from equilibrium.

    With entropies (nats) that spread over more than a few nats, too few trajectories carry the mean.

    Source: Seifert (2005), "Entropy production along a stochastic trajectory and an integral fluctuation theorem".
    """
    return Estimate.from_samples(np.exp(-np.asarray(entropy, dtype=float)))


def path_entropy(
    ensemble: Ensemble, potential: Potential, schedule: Schedule, start: ArrayLike, end: ArrayLike, grid: Grid
) -> Array:
    r"""Total entropy produced along each trajectory on a line, in nats.

    $$\Delta s_{\rm tot}=\ln\frac{p_0(x_0)}{p_t(x_t)}-\sum\bar\beta\,\Delta L,$$ with the densities of an independent
    Fokker-Planck run at the first and the last recorded time, and the mean $\bar\beta$ of 1/T at the two ends of each
    recorded interval, in which T should change little.

    Source: Seifert (2005).

    >>> from trainphys.systems.grid import boltzmann
    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import quench
    >>> grid = Grid(-5.0, 5.0, 500)
    >>> still = boltzmann(harmonic(), 1.0, grid)
    >>> moved = Ensemble(np.array([0.0, 1.0]), np.array([[0.0], [1.0]]))  # at equilibrium nothing is produced
    >>> bool(abs(path_entropy(moved, harmonic(), quench(1.0), still, still, grid)[0]) < 1e-4)
    True
    """
    x, p0, p1 = ensemble.states, np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    beta = mean_inverse_temperature(schedule, ensemble)
    heat = -(beta[:, None] * np.diff(potential.value(x), axis=0)).sum(axis=0)
    tiny = np.finfo(float).tiny
    before, after = (np.interp(at, grid.centres, np.log(np.maximum(p, tiny))) for at, p in ((x[0], p0), (x[-1], p1)))
    return np.asarray(before - after + heat)


def mean_inverse_temperature(schedule: Schedule, ensemble: Ensemble) -> Array:
    """Mean of 1/T at the two ends of each recorded interval."""
    beta = 1 / np.asarray(schedule.temperature(ensemble.times))
    return np.asarray((beta[1:] + beta[:-1]) / 2)


def gaussian_log_density(states: ArrayLike, mean: ArrayLike, covariance: ArrayLike) -> Array:
    r"""Logarithm of a Gaussian density, $-\tfrac12(x-m)^{\mathsf T}S^{-1}(x-m)-\tfrac12\ln\det2\pi S$.

    >>> round(float(gaussian_log_density([[0.0]], 0.0, 1.0)[0] + np.log(2 * np.pi) / 2), 12)
    0.0
    """
    x, s = np.asarray(states, dtype=float), np.atleast_2d(np.asarray(covariance, dtype=float))
    away = x - np.atleast_1d(np.asarray(mean, dtype=float))
    square = (away * np.linalg.solve(s, away.T).T).sum(axis=1)
    return np.asarray(-(square + np.linalg.slogdet(2 * np.pi * s)[1]) / 2)
