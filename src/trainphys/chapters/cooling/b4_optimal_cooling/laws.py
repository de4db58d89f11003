"""What a floor under the diffusion secures in one well."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import not_below


def explored_share(efolds: ArrayLike) -> Array:
    r"""Variance of a run that started at the minimum of a quadratic well, over that of equilibrium: $1-e^{-2\alpha}$.

    $\alpha=\eta kt_f$ is the length of the run in relaxation times.

    >>> float(explored_share(0.0))
    0.0
    """
    [alpha] = not_below(0, efolds=efolds)
    return np.asarray(-np.expm1(-2 * alpha))
