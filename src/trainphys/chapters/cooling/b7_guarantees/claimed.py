"""The document's bound on the probability of success, and what decides whether it holds."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.laws.success import boltzmann_success
from trainphys.systems.losses import Quartic


def claimed_success(beta_eps: ArrayLike) -> Array:
    r"""The document's bound, $1-e^{-\beta\varepsilon}$.

    >>> float(claimed_success(0.0))
    0.0
    """
    return np.asarray(-np.expm1(-np.asarray(beta_eps, dtype=float)))


def crowding(potential: Quartic, temperature: float, tolerance: float, cells: int = 20_000) -> float:
    r"""States per unit of loss above the tolerance, over those below it, each averaged with the Boltzmann factor.

    $$\frac{\int_\varepsilon^\infty g(E)e^{-\beta E}dE\,\big/\int_\varepsilon^\infty e^{-\beta E}dE}
    {\int_0^\varepsilon g(E)e^{-\beta E}dE\,\big/\int_0^\varepsilon e^{-\beta E}dE},\qquad
    g(E)=\frac{d}{dE}\operatorname{vol}\{L-L_{\min}<E\}.$$ At equilibrium $P\ge1-e^{-\beta\varepsilon}$ is the same as
    a crowding of at most 1. It is at most 1 at every temperature and tolerance when g never rises: a quadratic well
    of one or two dimensions, any convex loss in one.

    >>> from trainphys.systems.losses import harmonic
    >>> crowding(harmonic(), 1.0, 1.0) < 1
    True
    """
    share = boltzmann_success(potential, temperature, tolerance, cells)
    claimed = float(claimed_success(tolerance / temperature))
    return (1 - share) / (1 - claimed) * claimed / share


def exponential_through(first: float, second: float, position: float) -> float:
    """Value at ``position`` of the exponential through ``first`` at 0 and ``second`` at 1.

    >>> exponential_through(2.0, 4.0, 3.0)
    16.0
    """
    return float(first * (second / first) ** position)
