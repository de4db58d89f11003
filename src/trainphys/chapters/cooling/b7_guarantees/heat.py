"""Entropy production measured on particles: heat from their losses, entropy from their spacings, no density assumed."""

import numpy as np
from scipy.stats import differential_entropy

from trainphys.arrays import Array
from trainphys.estimate import Estimate
from trainphys.simulate.langevin import Ensemble
from trainphys.systems.coolings import Schedule
from trainphys.systems.losses import Potential


def entropy_produced(
    ensemble: Ensemble, potential: Potential, schedule: Schedule, windows: int = 1, groups: int = 25
) -> list[Estimate]:
    r"""Total entropy produced in each of several equal windows of a run, in nats.

    $$\Delta s_{\rm tot}=\Delta S-\sum\bar\beta\,\Delta\langle L\rangle,$$ because a loss that does not change in time
    turns all it loses into heat; $\bar\beta$ is the mean of 1/T at the two ends of a recorded interval, and S the
    m-spacing estimate of Vasicek, whose bias cancels between times of one shape of distribution. The scatter of groups
    of particles gives the errors; between two records T should change little.

    Source: Sekimoto (2010), "Stochastic Energetics"; Vasicek (1976) for the entropy.
    """
    x = ensemble.states
    if x.ndim != 2 or len(x) < 2 or x.shape[1] < 100 * groups:
        raise ValueError(
            f"expected states of shape (2 or more, {100 * groups} or more), got {x.shape}: take more particles"
        )
    if windows < 1 or (len(x) - 1) % windows:
        raise ValueError(f"expected windows that divide the {len(x) - 1} recorded intervals, got {windows}")
    beta = 1 / np.asarray(schedule.temperature(ensemble.times))
    beta = (beta[1:] + beta[:-1]) / 2
    found = [_of_group(x[:, g::groups], potential, beta) for g in range(groups)]
    joined = np.array(found).reshape(groups, windows, -1).sum(axis=2)
    return [Estimate.from_samples(column) for column in joined.T]


def _of_group(x: Array, potential: Potential, beta: Array) -> Array:
    entropy = np.asarray(differential_entropy(x, axis=1))
    return np.asarray(np.diff(entropy) - beta * np.diff(potential.value(x).mean(axis=1)))
