"""Probability of ending close to the lowest loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc

from trainphys.arrays import Array
from trainphys.checks import positive, within
from trainphys.systems.losses import Quartic


def harmonic_success(beta_eps: ArrayLike, dimension: float, lag: float = 1.0) -> Array:
    r"""$P(L-L_{\min}<\varepsilon)$ for a quadratic loss of d parameters.

    $$P=P\!\left(\tfrac d2,\frac{\beta\varepsilon}{y}\right),$$ the regularised incomplete gamma function, because
    $\beta(L-L_{\min})$ is half a chi-squared variable of d degrees of freedom, whatever the curvatures.

    Args:
        beta_eps: tolerance over temperature, $\varepsilon/T\ge0$.
        dimension: $d>0$, number of parameters that the loss depends on.
        lag: $y>0$, common lag of all variances behind T; 1 at equilibrium.

    Raises:
        ValueError: an argument out of its range.

    Source: equipartition, one degree of freedom for each parameter.

    >>> bool(abs(harmonic_success(3.0, 2) - (1 - np.exp(-3.0))) < 1e-12)
    True
    """
    [x] = within(0, np.inf, beta_eps=beta_eps)
    positive(dimension=dimension, lag=lag)
    return np.asarray(gammainc(dimension / 2, x / lag))


def lagging_success(beta_eps: float, lags: ArrayLike) -> float:
    r"""$P(L-L_{\min}<\varepsilon)$ for a quadratic loss whose directions lag behind T by factors $y_i$ of their own.

    $$P\Big(\tfrac12\sum_iy_iz_i^2<\beta\varepsilon\Big),\qquad z_i\text{ standard normal},$$ by inversion of the
    characteristic function; it takes three directions or more, for fewer leave an integrand that falls too slowly.

    Source: Imhof (1961), "Computing the distribution of quadratic forms in normal variables"; Davies (1980) for the
        step.

    >>> abs(lagging_success(3.0, [1.0] * 4) - float(harmonic_success(3.0, 4))) < 1e-6
    True
    """
    positive(beta_eps=beta_eps)
    [y] = positive(lags=lags)
    if y.ndim != 1 or y.size < 3:
        raise ValueError(f"expected at least 3 lags, got shape {y.shape}: see harmonic_success")

    # midpoint sums alias probabilities a period apart; 40 largest lags beyond mean and tolerance nothing is left
    step = 2 * np.pi / (beta_eps + y.sum() / 2 + 40 * y.max())
    last = step
    while np.exp(-np.log1p((y * last) ** 2).sum() / 4) / last > 1e-9:
        last *= 1.5
    u = step * (np.arange(int(last / step) + 1) + 0.5)
    phase, damping = -beta_eps * u, np.zeros_like(u)
    for lag in y:
        phase += np.arctan(lag * u) / 2
        damping += np.log1p((lag * u) ** 2) / 4
    return float(0.5 - step / np.pi * (np.sin(phase) * np.exp(-damping) / u).sum())


def boltzmann_success(potential: Quartic, temperature: float, tolerance: float, cells: int = 20_000) -> float:
    r"""$P(L-L_{\min}<\varepsilon)$ at equilibrium in one dimension, by quadrature.

    $$P=\frac{\int_{L<L_{\min}+\varepsilon}e^{-L/T}dx}{\int e^{-L/T}dx}$$ with the midpoint rule up to a loss of 40 T;
    a cell that the tolerance cuts counts by the share of it that lies inside.

    >>> from trainphys.systems.losses import harmonic
    >>> abs(boltzmann_success(harmonic(), 1.0, 3.0) - float(harmonic_success(3.0, 1))) < 1e-6
    True
    """
    positive(temperature=temperature, tolerance=tolerance)
    lowest = potential.minimum()
    face = np.linspace(*potential.walls(lowest + 40 * temperature), cells + 1)
    weight = np.exp(-(potential.value((face[1:] + face[:-1]) / 2) - lowest) / temperature)
    edge = potential.value(face) - lowest
    low, high = np.minimum(edge[1:], edge[:-1]), np.maximum(edge[1:], edge[:-1])
    inside = np.clip((tolerance - low) / (high - low), 0.0, 1.0)
    return float((weight * inside).sum() / weight.sum())
