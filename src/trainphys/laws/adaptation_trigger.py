r"""The document's trigger for adapting a schedule, in quadratic wells, beside what does mark trapped states.

$y=\lambda\sigma^2/T$ is the lag of the spread behind the temperature, 1 at equilibrium, the same in all d directions.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import above_zero, at_least, not_below, positive, within


def trigger_ratio(y: ArrayLike, dimension: int = 1) -> Array:
    r"""The trigger, $\sqrt{\langle(\partial_ts)^2\rangle}\,/\,\dot s_{\rm tot}=\frac1{|y-1|}\sqrt{2/d}$.

    Infinite at equilibrium, less the further the spread lags behind the temperature.

    >>> float(trigger_ratio(3.0, dimension=2)), float(trigger_ratio(1.0))
    (0.5, inf)
    """
    [lags] = above_zero(lag=y)
    at_least(1, dimension=dimension)
    with np.errstate(divide="ignore"):
        return np.asarray(math.sqrt(2 / dimension) / np.abs(lags - 1))


def entropy_ratio(y: ArrayLike) -> Array:
    r"""The trigger with the entropy of all runs in place of the local one, $|\dot S|/\dot s_{\rm tot}=1/|y-1|$.

    >>> float(entropy_ratio(3.0))
    0.5
    """
    [lags] = above_zero(lag=y)
    with np.errstate(divide="ignore"):
        return np.asarray(1 / np.abs(lags - 1))


def quench_formula_ratio(y: ArrayLike) -> Array:
    r"""The trigger with the document's quench formula $\eta\beta\langle|\nabla L|^2\rangle$ as entropy production.

    $\sqrt2\,|y-1|/y^2$ in one quadratic well: it rises with the lag up to $y=2$ and falls beyond.
    """
    [lags] = above_zero(lag=y)
    return np.asarray(math.sqrt(2) * np.abs(lags - 1) / lags**2)


def annealing_formula_ratio(y: ArrayLike) -> Array:
    r"""The trigger with the document's annealing formula, heat minus diffusion, as entropy production.

    $\sqrt2/(y+1)$ in one quadratic well: it falls as the lag grows.
    """
    [lags] = above_zero(lag=y)
    return np.asarray(math.sqrt(2) / (lags + 1))


def frozen_share_fluctuation(upper_share: float, gap: float, temperature: float, dimension: int = 1) -> float:
    r"""Loss fluctuations over the response of the mean loss, $\frac{\operatorname{var}(L)/T^2}{d\langle L\rangle/dT}$.

    One at equilibrium. With a share u of the runs frozen in the upper one of two quadratic wells of d parameters,
    $\Delta$ above the other, it is $1+2u(1-u)\Delta^2/(T^2d)$ in the limit of low temperature.

    >>> frozen_share_fluctuation(0.5, 2.0, 1.0)
    3.0
    """
    within(0, 1, upper_share=upper_share)
    not_below(0, gap=gap)
    positive(temperature=temperature)
    at_least(1, dimension=dimension)
    return 1 + 2 * upper_share * (1 - upper_share) * gap**2 / (temperature**2 * dimension)
