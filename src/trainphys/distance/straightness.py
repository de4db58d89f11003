r"""When a straight line serves: how much of the time to go is linear in the distance still to walk.

A run that slows down geometrically, each step k times the one before, is at distance $d_N(k^{-n}-1)$ from its end with
n epochs to go. Without slowing down that is a line in n; what bends it is the slow-down of the steps alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

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
    $$ R^2=\frac{12\,\bigl[\tfrac12(\rho+1)-(\rho-1)/T\bigr]^2}{T^2\,\bigl[(\rho^2-1)/2T-(\rho-1)^2/T^2\bigr]} . $$

    Args:
        slowdown: length of the first step over that of the last, $\rho>1$.

    Raises:
        ValueError: a slow-down that is not above 1.

    >>> line_share([1.0001, 4.0, 2000.0]).round(4).tolist()
    [1.0, 0.9694, 0.5825]
    """
    rho = np.asarray(slowdown, dtype=float)
    if not (rho > 1).all():
        raise ValueError(f"expected slow-downs > 1, got a smallest of {rho.min()}: a steady run is a line")
    exact = np.maximum(np.log(rho), 0.02)  # nearer to 1 the differences below cancel
    end = np.exp(exact)
    covariance = (end + 1.0) / 2.0 - (end - 1.0) / exact
    variance = (end**2 - 1.0) / (2.0 * exact) - ((end - 1.0) / exact) ** 2
    series = 1.0 - np.log(rho) ** 2 / 60.0
    return np.asarray(np.where(np.log(rho) < 0.02, series, 12.0 * covariance**2 / (exact**2 * variance)))


def line_share_epochs(rate: ArrayLike, epochs: ArrayLike) -> Array:
    r"""The same for a run of whole epochs: squared correlation of $n$ and $q^n$, $n=1..N$, $q=1/(1-2\eta)$.

    The sums are $\sum q^n=q\frac{q^N-1}{q-1}$ and $\sum nq^n=q\frac{1-(N+1)q^N+Nq^{N+1}}{(q-1)^2}$.

    Args:
        rate: learning rate, in (0, 1/2).
        epochs: N, >= 2.

    Raises:
        ValueError: an argument out of range.

    >>> line_share_epochs(0.1, [2, 33]).round(4).tolist()
    [1.0, 0.5966]
    """
    eta, n = np.asarray(rate, dtype=float), np.asarray(epochs, dtype=float)
    if not ((eta > 0).all() and (eta < 0.5).all() and (n >= 2).all()):
        raise ValueError(f"expected 0 < rate < 1/2 and epochs >= 2, got {rate!r} and {epochs!r}")
    q = 1.0 / (1.0 - 2.0 * eta)
    once, square = q * (q**n - 1.0) / (q - 1.0), q**2 * (q ** (2.0 * n) - 1.0) / (q**2 - 1.0)
    weighted = q * (1.0 - (n + 1.0) * q**n + n * q ** (n + 1.0)) / (q - 1.0) ** 2
    covariance = weighted / n - (n + 1.0) / 2.0 * once / n
    return np.asarray(covariance**2 / ((n**2 - 1.0) / 12.0 * (square / n - (once / n) ** 2)))


def slowdown_limit(share: float) -> float:
    r"""The slow-down $\rho$ up to which a line in the distance explains this share: ``line_share`` turned round.

    Args:
        share: of the variance of the time to go, in (0.1, 1).

    Raises:
        ValueError: a share out of range.

    >>> round(slowdown_limit(0.9666), 3)
    4.266
    """
    if not 0.1 < share < 1:
        raise ValueError(f"expected a share in (0.1, 1), got {share}")
    top = 300.0  # ln of a slow-down for which a line explains 4 in 100
    return float(np.exp(optimize.brentq(lambda t: float(line_share(np.exp(t))) - share, 1e-3, top)))


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
