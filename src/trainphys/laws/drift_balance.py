r"""Drift against diffusion along a run: $R=\eta|\nabla L|/\sqrt{2D}$ with $D=\eta T$, per $\sqrt{\text{time}}$."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array


def drift_ratio(mobility: ArrayLike, curvature: ArrayLike, lag: ArrayLike = 1.0) -> Array:
    r"""Drift over diffusion in a quadratic well, $R=\sqrt{\eta k\,y/2}$, per $\sqrt{\text{time}}$.

    $y=k\sigma^2/T$ is the lag of the spread, 1 at equilibrium: R then depends on the mobility alone, and a constant
    mobility keeps it constant at every temperature.

    Args:
        mobility: $\eta>0$.
        curvature: $k>0$.
        lag: $y>0$.

    Raises:
        ValueError: an argument that is not positive.

    >>> float(drift_ratio(2.0, 1.0))
    1.0
    """
    eta, k, y = (np.asarray(v, dtype=float) for v in (mobility, curvature, lag))
    if not ((eta > 0).all() and (k > 0).all() and (y > 0).all()):
        raise ValueError(f"expected mobility, curvature and lag > 0, got {mobility!r}, {curvature!r}, {lag!r}")
    return np.asarray(np.sqrt(eta * k * y / 2))


def drift_ratio_exponent(power: ArrayLike, tie: ArrayLike) -> Array:
    r"""Exponent b in $R\propto T^b$ at equilibrium, for $L\propto|x|^n$ and $\eta\propto T^a$.

    $$b=\frac a2+\frac12-\frac1n,$$ because $\langle L'^2\rangle\propto T^{2-2/n}$.

    Args:
        power: n > 1/2.
        tie: a; 1/2 is the document's rate.

    Raises:
        ValueError: a power of 1/2 or less, where the mean square slope is infinite.

    >>> float(drift_ratio_exponent(2.0, 0.0)), float(drift_ratio_exponent(2.0, 0.5))
    (0.0, 0.25)
    """
    n, a = np.asarray(power, dtype=float), np.asarray(tie, dtype=float)
    if not (n > 0.5).all():
        raise ValueError(f"expected power > 1/2, got {power!r}")
    return np.asarray(a / 2 + 0.5 - 1 / n)


def balancing_exponent(power: ArrayLike) -> Array:
    r"""Exponent a of the mobility $\eta\propto T^a$ that keeps R constant at equilibrium, for $L\propto|x|^n$.

    $$a=\frac2n-1:$$ 0 in a quadratic well, 1/2 (the document's) only for $n=4/3$, 1 for a constant slope.

    Args:
        power: n > 1/2.

    Raises:
        ValueError: as ``drift_ratio_exponent``.

    >>> float(balancing_exponent(2.0)), round(float(balancing_exponent(4 / 3)), 9)
    (0.0, 0.5)
    """
    drift_ratio_exponent(power, 0.0)
    return np.asarray(2 / np.asarray(power, dtype=float) - 1)


def rate_for_temperature(temperature: ArrayLike, batch_size: ArrayLike, gradient_variance: ArrayLike) -> Array:
    r"""Learning rate that gives SGD a wanted temperature, $\eta=2BT/c$ (short steps).

    At a fixed batch size it is proportional to T: $T\propto e^{-t/\tau}$ needs $\eta\propto e^{-t/\tau}$.

    Args:
        temperature: T > 0, loss units.
        batch_size: B >= 1.
        gradient_variance: c > 0, variance of one sample's gradient in a direction.

    Raises:
        ValueError: an argument out of range.

    Source: Mandt et al. (2017), turned round.

    >>> float(rate_for_temperature(0.05, 10, 4.0))
    0.25
    """
    t, b, c = (np.asarray(v, dtype=float) for v in (temperature, batch_size, gradient_variance))
    if not ((t > 0).all() and (b >= 1).all() and (c > 0).all()):
        raise ValueError("expected temperature > 0, batch_size >= 1 and gradient_variance > 0, got others")
    return np.asarray(2 * b * t / c)
