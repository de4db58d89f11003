r"""What a ranking of starts can buy: closed forms from the correlation between a score and the time to converge."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from trainphys.arrays import Array
from trainphys.checks import above_zero, inside, not_below, within

FORWARD = 1 / 3  # share of a training pass that a loss alone costs: a backward pass is about two forward ones


def selection_intensity(share: ArrayLike) -> Array:
    r"""Mean of the best share p of a standard normal variable, $i(p)=\varphi\bigl(\Phi^{-1}(p)\bigr)/p$.

    Source: Falconer and Mackay, Introduction to Quantitative Genetics (1996), chapter 11.

    >>> round(float(selection_intensity(0.1)), 4)
    1.755
    """
    [p] = inside(0, 1, share=share)
    return np.asarray(stats.norm.pdf(stats.norm.ppf(p)) / p)


def saving_by_selection(correlation: ArrayLike, variation: ArrayLike, share: ArrayLike) -> Array:
    r"""Share of the mean training time that is saved by keeping the best starts by a score, the breeder's equation.

    $$ s = \rho\,i(p)\,\mathrm{CV} ,\qquad i(p)=\varphi\bigl(\Phi^{-1}(p)\bigr)/p,\qquad |s|\le i(p)\,\mathrm{CV} . $$

    Exact when score and time are jointly normal; close when the mean time is a straight line in the score.

    Args:
        correlation: $\rho$ between score and time over all starts, in [-1, 1].
        variation: standard deviation of the time over its mean, >= 0.
        share: share $p$ that is kept, in (0, 1).

    Raises:
        ValueError: an argument out of range.

    Source: Falconer and Mackay (1996), chapter 11: response to selection.

    >>> round(float(saving_by_selection(0.3, 0.05, 0.5) / (0.3 * 0.05 * (2 / np.pi) ** 0.5)), 12)
    1.0
    """
    [rho], [v] = within(-1, 1, correlation=correlation), not_below(0, variation=variation)
    return np.asarray(rho * v * selection_intensity(share))


def largest_saving(variation: ArrayLike, share: ArrayLike) -> Array:
    r"""Most that any ranking can save, whatever the distribution of the times: $s\le\mathrm{CV}\sqrt{(1-p)/p}$.

    Source: the Cauchy-Schwarz inequality for the covariance of the time with the indicator of being kept.

    >>> round(float(largest_saving(0.05, 0.1)), 12)
    0.15
    """
    [p], [v] = inside(0, 1, share=share), not_below(0, variation=variation)
    return np.asarray(v * np.sqrt((1 - p) / p))


def concordance(correlation: ArrayLike) -> Array:
    r"""Share of pairs that a forecast puts in the right order, $\tfrac12+\arcsin(\rho)/\pi$.

    Args:
        correlation: $\rho$ between forecast and outcome, jointly normal, in [-1, 1].

    Raises:
        ValueError: a correlation out of range.

    Source: Sheppard (1899), the normal probability of a quadrant.

    >>> round(float(concordance(0.5)), 6)
    0.666667
    """
    [rho] = within(-1, 1, correlation=correlation)
    return np.asarray(0.5 + np.arcsin(rho) / np.pi)


def ranking_price(share: ArrayLike, samples: ArrayLike = 1.0) -> Array:
    r"""Epochs of compute that ranking costs for each start kept, $m/3p$: $1/p$ losses of a third of a pass each.

    A share p is kept, by losses over a share m of the training samples. Source: a backward pass costs about twice a
    forward pass (Kaplan and others, 2020, section 2.1).

    >>> round(float(ranking_price(0.1)), 6)
    3.333333
    """
    [p], [m] = inside(0, 1, share=share), within(0, 1, samples=samples)
    above_zero(samples=m)
    return np.asarray(m * FORWARD / p)
