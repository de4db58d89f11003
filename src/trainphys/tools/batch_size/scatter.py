"""How far single runs fall from their mean: from the runs that were repeated, at all batch sizes together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.estimate import Estimate

Number = Estimate | float


@dataclass(frozen=True, slots=True)
class Scatter:
    """Variance of the logarithm of a single run, its degrees of freedom, and how many runs are behind each mean.

    Without repeated runs nothing is known: the variance is 0, and so are the degrees of freedom.
    """

    variance: float
    dof: float
    runs: Array

    @property
    def known(self) -> bool:
        return self.dof > 0


def values(measurements: Sequence[Number]) -> Array:
    """The measured values, shape (batch sizes,)."""
    return np.array([m.value if isinstance(m, Estimate) else float(m) for m in measurements])


def scatter(measurements: Sequence[Number]) -> Scatter:
    r"""Pooled variance of single runs, $\sigma^2=\sum_i\nu_in_is_i^2/x_i^2\big/\sum_i\nu_i$ with $\nu_i=n_i-1$.

    Here $s_i$ is the standard error of the mean $x_i$ of $n_i$ runs. A plain number is one run.

    >>> found = scatter([Estimate(100.0, 5.0, 4), Estimate(10.0, 0.5, 4), 3.0])
    >>> round(found.variance, 9), found.dof, found.runs.tolist()
    (0.01, 6.0, [4.0, 4.0, 1.0])
    """
    repeated = [m for m in measurements if isinstance(m, Estimate)]
    freedom = np.array([max(m.n - 1, 1) for m in repeated], dtype=float)
    square = np.array([max(m.n, 1) * (m.stderr / m.value) ** 2 for m in repeated])
    runs = np.array([max(m.n, 1) if isinstance(m, Estimate) else 1 for m in measurements], dtype=float)
    total = float(freedom.sum())
    return Scatter(float(freedom @ square) / total if total else 0.0, total, runs)
