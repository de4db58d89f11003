r"""When a straight line serves: how much of the time to go is linear in the distance still to walk.

A run that slows down geometrically, each step k times the one before, is at distance $d_N(k^{-n}-1)$ from its end with
n epochs to go. Without slowing down that is a line in n; what bends it is the slow-down of the steps alone.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from trainphys.arrays import Array
from trainphys.checks import inside


def line_share(slowdown: ArrayLike) -> Array:
    r"""Share of variance of the time to go that a line in the distance explains, for a run that slows down.

    The limit of many small steps. With $T=\ln\rho$ and s uniform in (0, T), the squared correlation of s and $e^s$:
    $$ R^2=\frac{12}{T^2}\Bigl(\frac T2\coth\frac T2-1\Bigr) . $$ $\rho>1$ is the length of the first step over that of
    the last.

    >>> line_share([1.0001, 4.0, 2000.0]).round(4).tolist()
    [1.0, 0.9694, 0.5825]
    """
    rho = np.asarray(slowdown, dtype=float)
    if not ((rho > 1) & np.isfinite(rho)).all():
        raise ValueError(f"expected finite slow-downs > 1, got a smallest of {rho.min()}: a steady run is a line")
    return np.asarray(3.0 * coth_excess(np.log(rho) / 2.0))


def slowdown_limit(share: float) -> float:
    r"""The slow-down $\rho$ up to which a line in the distance explains this share: ``line_share`` turned round.

    Near one, $\rho\approx1+\sqrt{60(1-R^2)}$.

    >>> round(slowdown_limit(0.9666), 3)
    4.266
    """
    inside(0.1, 1.0, share=share)
    lost = 1.0 - share
    # A line explains 1 in 50 of a run that slows down by e^300. A loss near zero needs a tolerance far below itself.
    half = optimize.brentq(lambda x: float(_bend(np.asarray(x))) - lost, 0.0, 150.0, xtol=1e-20, rtol=1e-15)
    return float(np.exp(2.0 * half))


NEAR = 0.1  # below, the differences of the closed forms cancel and four terms of their series are exact to 1e-12


def coth_excess(x: Array) -> Array:
    """(x coth x - 1) / x^2, which is 1/3 at zero."""
    far = np.maximum(x, NEAR)
    return np.where(x < NEAR, (1.0 - _series(x)) / 3.0, (far / np.tanh(far) - 1.0) / far**2)


def _bend(x: Array) -> Array:
    """1 - 3 (x coth x - 1) / x^2: what a line does not explain."""
    return np.where(x < NEAR, _series(x), 1.0 - 3.0 * coth_excess(np.maximum(x, NEAR)))


def _series(x: Array) -> Array:
    """The same near zero, from the Bernoulli numbers."""
    y = np.minimum(x, NEAR) ** 2
    return np.asarray(y * (1 / 15 - y * (2 / 315 - y * (1 / 1575 - y * 2 / 31185))))
