"""The linear equation in all features: how far one fit reaches, and what its coefficients can mean."""

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array, Integers
from trainphys.chapters.distance.shared.data_sets import report
from trainphys.chapters.distance.shared.protocols import variance_explained
from trainphys.chapters.distance.shared.regressors import least_squares, standardised
from trainphys.xor.configurations import RECONSTRUCTED, Configuration

# What another experimenter may choose: half the rate, a tolerance a hundred times larger.
ELSEWHERE = (
    Configuration("half the rate", "uniform, zero bias", 0.05, 1e-7, logging="one step more", max_epochs=300),
    Configuration("looser tolerance", "uniform, zero bias", 0.1, 1e-5, logging="one step more"),
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """The linear equation of one report, scored on another, one entry a pair of reports."""

    own: Array  # on the rows of its own report
    same: Array  # on a fresh report of the same configuration
    elsewhere: Array  # on a report of each configuration of ``ELSEWHERE``, shape (configurations, pairs)
    rank: Integers  # number of independent columns among the eighteen
    coefficients: Array  # of the standardised features, shape (18, pairs)


def transferred_equation(seed: int, pairs: int = 20, configuration: int = 1) -> Transfer:
    """Fit the equation on some reports of a configuration, and score it on fresh ones, at home and elsewhere."""
    home = RECONSTRUCTED[configuration]
    own, same, elsewhere, rank, coefficients = [], [], [], [], []
    for i in range(pairs):
        table, target, _ = report(home, 2 * i, seed)
        fresh, fresh_target, _ = report(home, 2 * i + 1, seed)
        own.append(variance_explained(target, least_squares(table, target, table)))
        same.append(variance_explained(fresh_target, least_squares(table, target, fresh)))
        far = [report(c, 2 * i + 1, seed) for c in ELSEWHERE]
        elsewhere.append([variance_explained(y, least_squares(table, target, x)) for x, y, _ in far])
        z = standardised(table, table)[0]
        rank.append(int(np.linalg.matrix_rank(z, tol=1e-8 * np.sqrt(z.size))))
        coefficients.append(np.linalg.lstsq(z, target - target.mean(), rcond=1e-10)[0])
    return Transfer(np.array(own), np.array(same), np.array(elsewhere).T, np.array(rank), np.array(coefficients).T)
