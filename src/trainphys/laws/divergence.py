"""Odds that a run with noisy curvature explodes: a random walk of the logarithm and its first passage."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import integrate, optimize, stats

from trainphys.arrays import Array
from trainphys.checks import above_zero, at_least, inside, one, positive

SAFE = 690.0  # powers of e below one, beyond which a probability is no double any more
UNSETTLED = 0.05  # relative change on halving the cells


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
        return self._mean(lambda log_gap, log_density: math.exp(min(power * log_gap + log_density, 700.0)), power)

    def drift(self) -> float:
        r"""$\operatorname E\ln|1-a\xi|$ per update: a run shrinks almost surely where it is negative."""
        return self._mean(lambda log_gap, log_density: log_gap * math.exp(log_density))

    def jump_length(self, tilt: float) -> float:
        r"""Typical length of a jump when jumps Y count $e^{sY}$ times, $\sqrt{\operatorname E Y^2e^{sY}}$."""
        return math.sqrt(self._mean(lambda jump, log_density: jump**2 * math.exp(tilt * jump + log_density), tilt))

    def jumps_above(self, level: ArrayLike, tilt: float = 0.0) -> Array:
        r"""$e^{sx}P(\ln|1-a\xi|\ge x)$ at levels x; where s is the ``exponent`` it is at most one."""
        y = np.asarray(level, dtype=float)
        with np.errstate(over="ignore", divide="ignore"):
            past, short = ((1 + sign * np.exp(y)) / self.step_curvature for sign in (1, -1))
            tails = self.curvature_law().logsf(past), self.curvature_law().logcdf(short)
        return np.asarray(sum(np.exp(tilt * y + tail) for tail in tails))

    def jump_density(self, jump: ArrayLike, tilt: float = 0.0) -> Array:
        r"""Density of $Y=\ln|1-a\xi|$ times $e^{sY}$."""
        y = np.asarray(jump, dtype=float)
        with np.errstate(over="ignore", divide="ignore"):
            sides = [(1 + sign * np.exp(y)) / self.step_curvature for sign in (1, -1)]
            logs = [stats.gamma.logpdf(side, self.batch_size / 2, scale=2 / self.batch_size) for side in sides]
        return np.asarray(sum(np.exp((tilt + 1) * y + log) for log in logs) / self.step_curvature)

    def exponent(self) -> float:
        r"""Lundberg's $s_*>0$ with $\operatorname E|1-a\xi|^{s_*}=1$; zero when the typical run grows.

        It is two where the mean square stops being bounded.

        >>> round(NoisyStep(2 / (1 + 2 / 16), 16).exponent(), 6)
        2.0
        """
        if self.drift() >= 0:
            return 0.0
        low, high = 1e-6, 1.0
        if self.moment(low) >= 1:
            return 0.0
        while self.moment(high) < 1:
            high *= 2
        return float(optimize.brentq(lambda s: self.moment(s) - 1, low, high, xtol=1e-10))

    def _mean(self, function: Callable[[float, float], float], power: float = 0.0) -> float:
        """Mean of a function of ln|1 - a x| and the log density of x.

        The law is split where the gap vanishes, at its own peak, and at that of the gap's power times the density;
        there is no mass to speak of beyond forty deviations.
        """
        shape, zero = self.batch_size / 2, 1 / self.step_curvature
        constant = shape * math.log(shape) - math.lgamma(shape)
        deviation, peak = 1 / math.sqrt(shape), 1 + power / shape
        top = peak + 40 * deviation * math.sqrt(peak) + 30 / shape
        splits = [c + k * deviation * math.sqrt(c) for c in (1.0, peak) for k in (-8, 0, 8)]

        def weighted(x: float) -> float:
            gap = abs(1 - self.step_curvature * x)
            if not (gap and x):
                return 0.0
            return function(math.log(gap), constant + (shape - 1) * math.log(x) - shape * x)

        total = 0.0
        for low, high in ((0.0, zero), (zero, max(top, 2 * zero))):
            points = sorted({p for p in splits if low < p < high}) or None
            total += integrate.quad(weighted, low, high, limit=400, epsabs=1e-11, epsrel=1e-10, points=points)[0]
        return float(total)


def explosion_probability(
    step_curvature: float, batch_size: float, factor: float = 1e3, *, cells: int = 800, depth: float = 20.0
) -> float:
    r"""Probability that $|\theta|$ ever reaches ``factor`` times its start: first passage of $\sum\ln|1-a\xi|$.

    With $q=e^{-s_*(b-x)}\,h(x)$, $b=\ln$ ``factor`` and $s_*$ from ``NoisyStep.exponent``, the renewal equation is
    $$h(x)=e^{s_*(b-x)}P(Y\ge b-x)+\int e^{s_*(y-x)}f_Y(y-x)\,h(y)\,dy,$$ solved on cells of equal width with the exact
    mass of each, at two widths, extrapolated. Far below b the share h that Lundberg's bound leaves is constant.

    Args:
        step_curvature: $a=\eta\lambda$ > 0, learning rate times mean curvature.
        batch_size: $B$ > 2 inputs, drawn afresh for every update.
        factor: > 1.
        cells: of the coarser grid, >= 2.
        depth: how far below b the grid reaches, > 0, in typical jumps; h is constant beyond.

    Raises:
        ValueError: an argument out of range, or cells so wide that the two widths differ.

    Source: renewal equation of a random walk; Lundberg's bound as in Asmussen and Albrecher (2010).

    >>> NoisyStep(1.9, 16).exponent() < 2 and explosion_probability(1.9, 16) < 1000 ** -NoisyStep(1.9, 16).exponent()
    True
    >>> explosion_probability(3.5, 16)
    1.0
    """
    one(step_curvature=step_curvature, batch_size=batch_size, factor=factor, depth=depth)
    inside(1, math.inf, factor=factor)
    at_least(2, cells=cells)
    positive(depth=depth)
    step, top = NoisyStep(float(step_curvature), float(batch_size)), math.log(factor)
    if step.drift() >= 0:
        return 1.0
    if step.moment(SAFE / top) < 1:  # Lundberg's bound
        return 0.0
    s = step.exponent()
    reach = depth * step.jump_length(s)
    coarse, fine = (_bound_share(step, s, top, n, reach) for n in (cells, 2 * cells))
    if not abs(fine - coarse) <= UNSETTLED * fine:
        raise ValueError(
            f"expected cells that resolve a jump, got {cells} and twice as many, which differ by "
            f"{fine / coarse - 1:.1%}: take more"
        )
    return float(math.exp(-s * top) * (fine + (fine - coarse) / 3))


def _bound_share(step: NoisyStep, s: float, top: float, cells: int, reach: float) -> float:
    """Probability over Lundberg's bound, by the walk tilted by exp(s y), which drifts upwards."""
    # The top is a cell's edge, and the start is the middle of a cell; one below the grid is as good as its last cell.
    inner = top < reach
    width = top / (round(cells * top / reach) + 0.5) if inner else reach / cells
    start = round(top / width - 0.5) if inner else cells - 1
    halves = width / 2 * np.arange(1 - 2 * cells, 2 * cells - 1)  # from each half of a cell; zero is where two meet
    places, weights = np.polynomial.legendre.leggauss(4)
    half = step.jump_density(halves[:, None] + width / 4 * (1 + places), s) @ weights * width / 4
    mass = half[0::2] + half[1::2]  # of jumps by -(cells-1) .. cells-1 cells
    kernel = mass[np.arange(cells)[:, None] - np.arange(cells)[None, :] + cells - 1]  # row from, column to
    kernel[:, -1] += (np.cumsum(mass) - mass)[np.arange(cells)]  # whoever jumps below the last cell
    over = step.jumps_above(width * (np.arange(cells) + 0.5), s)
    return float(np.linalg.solve(np.eye(cells) - kernel, over)[start])
