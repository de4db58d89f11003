"""The document's floor under the diffusion in a quadratic well, and the share of the well that it explores."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import not_below, positive


def floor_diffusion(efolds: ArrayLike, temperature: ArrayLike, curvature: ArrayLike, duration: ArrayLike) -> Array:
    r"""Diffusion that explores a quadratic well in a given time: $D_{\min}=\alpha T/kt_f$, so $\eta kt_f=\alpha$.

    >>> float(floor_diffusion(2.0, 0.5, 4.0, 10.0))
    0.025
    """
    alpha, T, k, t = positive(efolds=efolds, temperature=temperature, curvature=curvature, duration=duration)
    return np.asarray(alpha * T / (k * t))


def explored_share(efolds: ArrayLike) -> Array:
    r"""Variance of a run that started at the minimum of a quadratic well, over that of equilibrium: $1-e^{-2\alpha}$.

    >>> float(explored_share(0.0))
    0.0
    """
    [alpha] = not_below(0, efolds=efolds)
    return np.asarray(-np.expm1(-2 * alpha))
