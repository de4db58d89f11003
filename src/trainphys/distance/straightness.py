r"""When a straight line serves: how much of the time to go is linear in the distance still to walk.

A run that slows down geometrically, each step k times the one before, is at distance $d_N(k^{-n}-1)$ from its end with
n epochs to go. Without slowing down that is a line in n; what bends it is the slow-down of the steps alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from trainphys.distance._checks import MOST_EPOCHS, inside
from trainphys.distance.contraction import factor
from trainphys.distance.laws import explained
from trainphys.estimate import Estimate

Array = NDArray[np.float64]


def epochs_between(ratio: ArrayLike, rate: float) -> Array:
    r"""Epochs in which full-batch descent on inputs $\pm1$ divides its distance to the minimum by a ratio.

    $$ \Delta n=\frac{\ln r}{-\ln(1-2\eta)} , $$ whatever the distance: twice as far costs as many epochs near as far.

    Args:
        ratio: distance before over distance after, >= 1.
        rate: learning rate, in (0, 1/2).

    Raises:
        ValueError: an argument out of range.

    >>> epochs_between([1.0, 4.0], rate=0.25).tolist()
    [0.0, 2.0]
    """
    r = np.asarray(ratio, dtype=float)
    if not (r >= 1).all():
        raise ValueError(f"expected ratios >= 1, got a smallest of {r.min()}: the farther distance comes first")
    return np.asarray(np.log(r) / -np.log(factor(rate)))


def line_share(slowdown: ArrayLike) -> Array:
    r"""Share of variance of the time to go that a line in the distance explains, for a run that slows down.

    The limit of many small steps. With $T=\ln\rho$ and s uniform in (0, T), the squared correlation of s and $e^s$:
    $$ R^2=\frac{12}{T^2}\Bigl(\frac T2\coth\frac T2-1\Bigr) . $$

    Args:
        slowdown: length of the first step over that of the last, $\rho>1$, finite.

    Raises:
        ValueError: a slow-down that is not above 1, or not finite.

    >>> line_share([1.0001, 4.0, 2000.0]).round(4).tolist()
    [1.0, 0.9694, 0.5825]
    """
    rho = np.asarray(slowdown, dtype=float)
    if not ((rho > 1) & np.isfinite(rho)).all():
        raise ValueError(f"expected finite slow-downs > 1, got a smallest of {rho.min()}: a steady run is a line")
    return np.asarray(3.0 * _langevin(np.log(rho) / 2.0))


def line_share_epochs(rate: ArrayLike, epochs: ArrayLike) -> Array:
    r"""The same for a run of whole epochs: squared correlation of $n$ and $q^n$, $n=1..N$, $q=1/(1-2\eta)$.

    The geometric sums, centred, are hyperbolic functions of $h=\tfrac12\ln q$, and $\tanh h=\eta/(1-\eta)$:
    $$ R^2=\frac3{N^2-1}\,\frac{N\coth Nh-\coth h}{\tanh h} . $$

    Args:
        rate: learning rate, in (0, 1/2).
        epochs: N, whole, >= 2.

    Raises:
        ValueError: an argument out of range.

    >>> line_share_epochs(0.1, [2, 33]).round(4).tolist()
    [1.0, 0.5966]
    """
    eta, n = np.asarray(rate, dtype=float), np.asarray(epochs, dtype=float)
    inside(0.0, 0.5, rate=eta)
    if not ((n >= 2) & (n <= MOST_EPOCHS) & (n == np.floor(n))).all():
        raise ValueError(f"expected whole epochs >= 2, got {epochs!r}: one epoch has no line")
    h = -0.5 * np.log1p(-2.0 * eta)
    flat = (n**2 * _langevin(n * h) - _langevin(h)) / (n**2 - 1.0)  # (x coth x - 1) / x^2 does not cancel
    return np.asarray(3.0 * flat * h * (1.0 - eta) / eta)


def slowdown_limit(share: float) -> float:
    r"""The slow-down $\rho$ up to which a line in the distance explains this share: ``line_share`` turned round.

    Near one, $\rho\approx1+\sqrt{60(1-R^2)}$.

    Args:
        share: of the variance of the time to go, in (0.1, 1).

    Raises:
        ValueError: a share out of range.

    >>> round(slowdown_limit(0.9666), 3)
    4.266
    """
    inside(0.1, 1.0, share=share)
    lost = 1.0 - share
    # A line explains 1 in 50 of a run that slows down by e^300. A loss near zero needs a tolerance far below itself.
    half = optimize.brentq(lambda x: float(_bend(np.asarray(x))) - lost, 0.0, 150.0, xtol=1e-20, rtol=1e-15)
    return float(np.exp(2.0 * half))


NEAR = 0.1  # below, the differences of the closed forms cancel and four terms of their series are exact to 1e-12


def _langevin(x: Array) -> Array:
    """(x coth x - 1) / x^2, which is 1/3 at zero."""
    far = np.maximum(x, NEAR)
    return np.where(x < NEAR, (1.0 - _series(x)) / 3.0, (far / np.tanh(far) - 1.0) / far**2)


def _bend(x: Array) -> Array:
    """1 - 3 (x coth x - 1) / x^2: what a line does not explain."""
    return np.where(x < NEAR, _series(x), 1.0 - 3.0 * _langevin(np.maximum(x, NEAR)))


def _series(x: Array) -> Array:
    """The same near zero, from the Bernoulli numbers."""
    y = np.minimum(x, NEAR) ** 2
    return np.asarray(y * (1 / 15 - y * (2 / 315 - y * (1 / 1575 - y * 2 / 31185))))


def held_out_share(run: NDArray[np.int64], features: ArrayLike, remaining: ArrayLike, *, seed: int) -> Estimate:
    """Share of variance of the epochs remaining that a linear regression explains on runs that it has not seen.

    Runs of even index are fitted, runs of odd index judged.

    Args:
        run: index of the run of each row.
        features: one column or several, shape (rows,) or (rows, features).
        remaining: epochs remaining, shape (rows,).
        seed: root seed of the bootstrap over runs, >= 0.

    Raises:
        ValueError: fewer than two runs on a side.

    >>> x = np.arange(24.0)  # eight runs of three rows on a line
    >>> round(held_out_share(np.repeat(np.arange(8), 3), x, 2 * x, seed=0).value, 9)
    1.0
    """
    y, x = np.asarray(remaining, dtype=float), np.asarray(features, dtype=float)
    if min(len(np.unique(run[run % 2 == side])) for side in (0, 1)) < 2:
        raise ValueError("expected two runs or more of even and of odd index, got fewer: train more runs")
    columns = np.column_stack([x, np.ones(len(y))])
    odd = run % 2 == 1
    weights = np.linalg.lstsq(columns[~odd], y[~odd], rcond=None)[0]
    return explained(run[odd], y[odd], columns[odd] @ weights, seed=seed)
