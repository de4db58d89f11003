r"""Drift against diffusion along a run: $R=\eta|\nabla L|/\sqrt{2D}$ with $D=\eta T$, per $\sqrt{\text{time}}$."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import inside, not_below, positive


def drift_ratio(mobility: ArrayLike, curvature: ArrayLike, lag: ArrayLike = 1.0) -> Array:
    r"""Drift over diffusion in a quadratic well, $R=\sqrt{\eta k\,y/2}$, per $\sqrt{\text{time}}$.

    $y=k\sigma^2/T$ is the lag of the spread, 1 at equilibrium: R then depends on the mobility alone, and a constant
    mobility keeps it constant at every temperature.

    >>> float(drift_ratio(2.0, 1.0))
    1.0
    """
    eta, k, y = positive(mobility=mobility, curvature=curvature, lag=lag)
    return np.asarray(np.sqrt(eta * k * y / 2))


def drift_ratio_exponent(power: ArrayLike, tie: ArrayLike) -> Array:
    r"""Exponent b in $R\propto T^b$ at equilibrium, for $L\propto|x|^n$ and $\eta\propto T^a$.

    $b=\frac a2+\frac12-\frac1n$, because $\langle L'^2\rangle\propto T^{2-2/n}$; $a=1/2$ is the document's rate. At
    $n\le1/2$ the mean square slope is infinite.

    >>> float(drift_ratio_exponent(2.0, 0.0)), float(drift_ratio_exponent(2.0, 0.5))
    (0.0, 0.25)
    """
    [n] = inside(0.5, np.inf, power=power)
    return np.asarray(np.asarray(tie, dtype=float) / 2 + 0.5 - 1 / n)


def balancing_exponent(power: ArrayLike) -> Array:
    r"""Exponent a of the mobility $\eta\propto T^a$ that keeps R constant at equilibrium, for $L\propto|x|^n$.

    $$a=\frac2n-1:$$ 0 in a quadratic well, 1/2 (the document's) only for $n=4/3$, 1 for a constant slope.

    Args:
        power: n > 1/2.

    Raises:
        ValueError: a power of 1/2 or less, where the mean square slope is infinite.

    Source: ``drift_ratio_exponent`` set to zero.

    >>> float(balancing_exponent(2.0)), round(float(balancing_exponent(4 / 3)), 9)
    (0.0, 0.5)
    """
    [n] = inside(0.5, np.inf, power=power)
    return np.asarray(2 / n - 1)


def rate_for_temperature(temperature: ArrayLike, batch_size: ArrayLike, gradient_variance: ArrayLike) -> Array:
    r"""Learning rate that gives SGD a wanted temperature, $\eta=2BT/c$ (short steps).

    At a fixed batch size it is proportional to T: $T\propto e^{-t/\tau}$ needs $\eta\propto e^{-t/\tau}$.

    Args:
        temperature: T > 0, loss units.
        batch_size: B >= 1, samples per update.
        gradient_variance: c > 0, variance of one sample's gradient in a direction.

    Raises:
        ValueError: an argument out of range.

    Source: ``stationary_temperature`` turned round; Mandt, Hoffman and Blei (2017).

    >>> float(rate_for_temperature(0.05, 10, 4.0))
    0.25
    """
    t, c = positive(temperature=temperature, gradient_variance=gradient_variance)
    [b] = not_below(1, batch_size=batch_size)
    return np.asarray(2 * b * t / c)
