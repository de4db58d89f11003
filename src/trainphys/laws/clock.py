"""The clock of training: time measured by the mobility, in which only the temperature is left."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array


def updates_clock(learning_rates: ArrayLike) -> Array:
    r"""Clock of stochastic gradient descent, $u_k=\sum_{j<k}\eta_j$: parameter squared over loss.

    >>> updates_clock([0.5, 0.25])
    array([0.  , 0.5 , 0.75])
    """
    return np.concatenate([[0.0], np.cumsum(learning_rates)])
