"""Odds that a run with noisy curvature explodes: a random walk of the logarithm and its first passage."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import integrate, optimize, stats

from trainphys.arrays import Array
from trainphys.checks import above_zero, inside


@dataclass(frozen=True, slots=True)
class NoisyStep:
    r"""One parameter of a linear model with Gaussian inputs: $\theta\leftarrow(1-a\,\xi)\,\theta$, $\xi=\chi^2_B/B$.

    $a=\eta\lambda>0$ is the learning rate times the mean curvature, $B>2$ the inputs drawn afresh for every update.
    """

    step_curvature: float
    batch_size: float

    def __post_init__(self) -> None:
        above_zero(step_curvature=self.step_curvature)
        inside(2, math.inf, batch_size=self.batch_size)

    def curvature_law(self) -> stats.distributions.rv_frozen:
        """Law of the curvature that a batch sees, over its mean."""
        return stats.gamma(self.batch_size / 2, scale=2 / self.batch_size)

    def moment(self, power: float) -> float:
        r"""$\operatorname E|1-a\xi|^s$, by quadrature.

        >>> round(NoisyStep(1.0, 16).moment(2.0), 9)  # (1 - a)^2 + 2 a^2/B
        0.125
        """
        return self._mean(lambda gap: gap**power)

    def drift(self) -> float:
        r"""$\operatorname E\ln|1-a\xi|$ per update: a run shrinks almost surely where it is negative."""
        return self._mean(math.log)

    def jumps_below(self, level: ArrayLike) -> Array:
        r"""Distribution function of $\ln|1-a\xi|$."""
        with np.errstate(over="ignore"):
            reach = np.exp(np.asarray(level, dtype=float))
        law = self.curvature_law()
        return np.asarray(law.cdf((1 + reach) / self.step_curvature) - law.cdf((1 - reach) / self.step_curvature))

    def exponent(self) -> float:
        r"""Lundberg's $s_*>0$ with $\operatorname E|1-a\xi|^{s_*}=1$; zero when the typical run grows.

        It is two where the mean square stops being bounded.

        >>> round(NoisyStep(2 / (1 + 2 / 16), 16).exponent(), 6)
        2.0
        """
        if self.drift() >= 0:
            return 0.0
        high = 1.0
        while self.moment(high) < 1:
            high *= 2
        return float(optimize.brentq(lambda s: self.moment(s) - 1, 1e-6, high, xtol=1e-10))

    def _mean(self, function: Callable[[float], float]) -> float:
        """The law of the gap is split where it vanishes; there is no mass to speak of beyond forty deviations."""
        shape, zero = self.batch_size / 2, 1 / self.step_curvature
        log_norm = shape * math.log(shape) - math.lgamma(shape)

        def density(x: float) -> float:  # of stats.gamma(shape, scale=1 / shape), a hundred times as fast
            return math.exp(log_norm + (shape - 1) * math.log(x) - shape * x)

        top = 1 + 40 / math.sqrt(shape) + 60 / self.batch_size
        total = 0.0
        for low, high in ((0.0, zero), (zero, max(top, 2 * zero))):
            found, _ = integrate.quad(
                lambda x: function(abs(1 - self.step_curvature * x)) * density(x),
                low,
                high,
                limit=400,
                epsabs=1e-11,
                epsrel=1e-10,
                points=[p for p in (1.0,) if low < p < high] or None,
            )
            total += found
        return float(total)


def explosion_probability(
    step_curvature: float, batch_size: float, factor: float = 1e3, *, cells: int = 800, depth: float = 20.0
) -> float:
    r"""Probability that $|\theta|$ ever reaches ``factor`` times its start: first passage of $\sum\ln|1-a\xi|$.

    Solves $q(x)=P(Y\ge b-x)+\int f_Y(y-x)\,q(y)\,dy$ on cells of equal width below $b=\ln$ ``factor``, with the exact
    mass of each cell, at two widths, extrapolated. For large factors $q\to C\,\mathrm{factor}^{-s_*}$ with
    $C\le1$ and $s_*$ from ``NoisyStep.exponent``.

    Args:
        step_curvature: $a=\eta\lambda$ > 0, learning rate times mean curvature.
        batch_size: $B$ > 2 inputs, drawn afresh for every update.
        factor: > 1.
        cells: of the coarser grid.
        depth: how far below its start a run is followed, in the logarithm; it is counted as safe beyond.

    Raises:
        ValueError: an argument out of range.

    Source: renewal equation of a random walk; Lundberg's bound as in Asmussen and Albrecher (2010).

    >>> NoisyStep(1.9, 16).exponent() < 2 and explosion_probability(1.9, 16) < 1000 ** -NoisyStep(1.9, 16).exponent()
    True
    >>> explosion_probability(3.5, 16)
    1.0
    """
    inside(1, math.inf, factor=factor)
    step = NoisyStep(step_curvature, batch_size)
    if step.drift() >= 0:
        return 1.0
    coarse, fine = (_first_passage(step, math.log(factor), n, depth) for n in (cells, 2 * cells))
    return float(fine + (fine - coarse) / 3)


def _first_passage(step: NoisyStep, top: float, cells: int, depth: float) -> float:
    # The start, zero, is the middle of a cell, and the top is a cell's edge.
    below = top / (round(cells * top / (top + depth)) + 0.5)
    above = round(top / below - 0.5)
    places = below * np.arange(above, above - cells, -1)
    edges = below * (np.arange(-cells, cells) + 0.5)
    mass = np.diff(step.jumps_below(edges))  # of jumps by -(cells-1) .. cells-1 cells
    jump = np.arange(cells)[:, None] - np.arange(cells)[None, :] + cells - 1  # row from, column to
    over = 1 - step.jumps_below(top - places)
    reached = np.linalg.solve(np.eye(cells) - mass[jump], over)
    return float(reached[above])
