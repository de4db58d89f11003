"""The document's trigger for adapting a schedule, followed along cooling runs, beside what does mark trapped states."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array


def trigger_ratio(y: ArrayLike, dimension: int = 1) -> Array:
    r"""The document's trigger in quadratic wells, $\sqrt{\langle(\partial_ts)^2\rangle}\,/\,\dot s_{\rm tot}$ for a
    Gaussian.

    $$R=\frac1{|y-1|}\sqrt{\frac2d},\qquad y=\lambda\sigma^2/T,$$ infinite at equilibrium, less the further the
    spread lags behind the temperature.

    Args:
        y: lag of the spread behind the temperature, > 0, the same in all d directions; 1 at equilibrium.
        dimension: d >= 1.

    Raises:
        ValueError: a lag that is not positive.

    >>> float(trigger_ratio(3.0, dimension=2)), float(trigger_ratio(1.0))
    (0.5, inf)
    """
    lags = _lags(y)
    if dimension < 1:
        raise ValueError(f"expected dimension >= 1, got {dimension}")
    with np.errstate(divide="ignore"):
        return np.asarray(math.sqrt(2 / dimension) / np.abs(lags - 1))


def entropy_ratio(y: ArrayLike) -> Array:
    r"""The trigger with the entropy of all runs in place of the local one, $|\dot S|/\dot s_{\rm tot}=1/|y-1|$.

    Raises:
        ValueError: a lag that is not positive.

    >>> float(entropy_ratio(3.0))
    0.5
    """
    with np.errstate(divide="ignore"):
        return np.asarray(1 / np.abs(_lags(y) - 1))


def quench_formula_ratio(y: ArrayLike) -> Array:
    r"""The trigger with the document's quench formula $\eta\beta\langle|\nabla L|^2\rangle$ as entropy production.

    $$\sqrt2\,|y-1|/y^2$$ in one quadratic well: it rises with the lag up to $y=2$ and falls beyond.

    Raises:
        ValueError: a lag that is not positive.

    >>> round(float(quench_formula_ratio(2.0)) * 8**0.5, 12)
    1.0
    """
    lags = _lags(y)
    return np.asarray(math.sqrt(2) * np.abs(lags - 1) / lags**2)


def annealing_formula_ratio(y: ArrayLike) -> Array:
    r"""The trigger with the document's annealing formula, heat minus diffusion, as entropy production.

    $$\sqrt2/(y+1)$$ in one quadratic well: it falls as the lag grows.

    Raises:
        ValueError: a lag that is not positive.

    >>> round(float(annealing_formula_ratio(1.0)) * 2**0.5, 12)
    1.0
    """
    return np.asarray(math.sqrt(2) / (_lags(y) + 1))


def fluctuation_ratio(y: ArrayLike) -> Array:
    r"""Loss fluctuations over the response of the mean loss, $\frac{\operatorname{var}(L)/T^2}{d\langle L\rangle/dT}$.

    One at equilibrium. In quadratic wells that trail exponential cooling at a constant lag it equals the lag $y$.

    Raises:
        ValueError: a lag that is not positive.

    >>> float(fluctuation_ratio(2.0))
    2.0
    """
    return np.asarray(1.0 * _lags(y))


def frozen_share_fluctuation(upper_share: float, gap: float, temperature: float, dimension: int = 1) -> float:
    r"""The same for two quadratic wells of d parameters, $1+2u(1-u)\Delta^2/(T^2d)$: the limit of low temperature.

    Args:
        upper_share: u, 0 to 1.
        gap: $\Delta\ge0$, loss of the upper minimum above the lower one.
        temperature: T > 0.
        dimension: d >= 1.

    Raises:
        ValueError: an argument out of range.

    >>> frozen_share_fluctuation(0.5, 2.0, 1.0)
    3.0
    """
    if not (0 <= upper_share <= 1 and gap >= 0 and temperature > 0 and dimension >= 1):
        raise ValueError(
            "expected 0 <= upper_share <= 1, gap >= 0, temperature > 0, dimension >= 1, "
            f"got {upper_share}, {gap}, {temperature}, {dimension}"
        )
    return 1 + 2 * upper_share * (1 - upper_share) * gap**2 / (temperature**2 * dimension)


def _lags(y: ArrayLike) -> Array:
    lags = np.asarray(y, dtype=float)
    if not (lags > 0).all():
        raise ValueError(f"expected a lag > 0, got {lags.min()}")
    return lags
