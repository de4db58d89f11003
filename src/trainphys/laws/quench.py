"""Closed forms of a quench: its dimensionless number, and how long the drift alone gets the density right."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erf

from trainphys.arrays import Array
from trainphys.checks import above_zero, at_least, not_below, positive


def quench_number(mean_square_slope: ArrayLike, mean_laplacian: ArrayLike, temperature: ArrayLike) -> Array:
    r"""Dimensionless measure of a quench, $Q=\langle|\nabla L|^2\rangle/(T\langle\nabla^2L\rangle)$.

    It is 1 at equilibrium in any loss, $y+\mu$ for a Gaussian in a quadratic well, and twice the square of
    $\eta|\nabla L|/\sqrt{2D}$ when time is counted in relaxation times $1/\eta\langle\nabla^2L\rangle$.

    Args:
        mean_square_slope: $\langle|\nabla L|^2\rangle\ge0$.
        mean_laplacian: $\langle\nabla^2L\rangle>0$, the mean trace of the Hessian.
        temperature: T > 0.

    Raises:
        ValueError: an argument out of its range.

    Source: derived in the chapter on quenching and annealing.

    >>> float(quench_number(8.0, 2.0, 1.0))
    4.0
    """
    [g] = not_below(0, mean_square_slope=mean_square_slope)
    h, T = positive(mean_laplacian=mean_laplacian, temperature=temperature)
    return np.asarray(g / (h * T))


def variance_excess(lag: ArrayLike, mobility: float, curvature: float, time: ArrayLike) -> Array:
    r"""True variance over that of the bare drift, less one, in a quadratic well: $(e^{2\eta kt}-1)/y_0$.

    $y_0=k\sigma_0^2/T$ is the lag at the start of the quench, with T the temperature after it.

    >>> float(variance_excess(1.0, 1.0, 1.0, np.log(2.0)))
    3.0
    """
    [y], [t] = positive(lag=lag), not_below(0, time=time)
    positive(mobility=mobility, curvature=curvature)
    return np.asarray(np.expm1(2 * mobility * curvature * t) / y)


def drift_only_window(lag: ArrayLike, mobility: float, curvature: float, excess: float = 0.5) -> Array:
    r"""Time for which the bare drift gets the density right, $\ln(1+x\,y_0)/2\eta k$.

    Until then the true variance is too large by a share of at most x; a half is a total variation of about a tenth.

    Args:
        lag: $y_0=k\sigma_0^2/T>0$ at the start of the quench, with T the temperature after it.
        mobility: $\eta>0$.
        curvature: $k>0$.
        excess: x > 0, share that is allowed.

    Raises:
        ValueError: an argument that is not positive.

    Source: ``variance_excess`` turned round.

    >>> round(float(drift_only_window(6.0, 1.0, 1.0) / np.log(2.0)), 12)
    1.0
    """
    [y] = positive(lag=lag)
    positive(mobility=mobility, curvature=curvature, excess=excess)
    return np.asarray(np.log1p(excess * y) / (2 * mobility * curvature))


def variance_total_variation(excess: ArrayLike) -> Array:
    r"""Total variation between two Gaussians of one mean whose variances differ by the factor $1+x$.

    $$\operatorname{erf}\sqrt{\tfrac{1+x}{2x}\ln(1+x)}-\operatorname{erf}\sqrt{\tfrac1{2x}\ln(1+x)},$$ from the two
    points where the densities cross.

    >>> round(float(variance_total_variation(0.5)), 4)
    0.0978
    """
    [x] = above_zero(excess=excess)
    square = np.log1p(x) / (2 * x)
    return np.asarray(erf(np.sqrt((1 + x) * square)) - erf(np.sqrt(square)))


def transport_bound(
    temperature: float, curvature: float, mobility: float, time: ArrayLike, dimension: int = 1
) -> Array:
    r"""Bound on the Wasserstein distance between the density and that of the bare drift, both from one start.

    $$W_2\le\sqrt{\frac{dT}k\left(1-e^{-2\eta kt}\right)}$$ for every loss whose curvature is nowhere below k: pair
    each particle with its noiseless twin. k may be negative, and then the bound grows without end.

    Source: the coupling argument of Bolley, Gentil and Guillin (2012), "Convergence to equilibrium in Wasserstein
        distance for Fokker-Planck equations", with noise on one side.

    >>> float(transport_bound(0.25, 1.0, 1.0, np.inf)), float(transport_bound(0.5, 0.0, 1.0, 4.0))
    (0.5, 2.0)
    """
    positive(temperature=temperature, mobility=mobility)
    at_least(1, dimension=dimension)
    t = np.asarray(time, dtype=float)
    if (t < 0).any():
        raise ValueError(f"expected time >= 0, got {t.min()}: count from the start")
    if curvature == 0:
        return np.asarray(np.sqrt(2 * dimension * temperature * mobility * t))
    return np.asarray(np.sqrt(-dimension * temperature / curvature * np.expm1(-2 * mobility * curvature * t)))
