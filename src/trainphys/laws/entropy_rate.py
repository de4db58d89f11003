"""Entropy production from three averages over the density: of the slope, of the score, and of the curvature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from trainphys.checks import not_below, positive


@dataclass(frozen=True, slots=True)
class EntropyTerms:
    r"""The three averages, in nats per unit of time, and every rate that they make up.

    With the velocity of the probability $v=-\eta\nabla L-D\nabla\ln p$ and $D=\eta T$, the total is
    $\int p\,v^2/D$, which multiplies out to ``drift + spread - 2 curvature``; the cross term is the curvature after
    integration by parts. For a drift that is no gradient, read $-f/\eta$ for $\nabla L$.

    Args:
        drift: $\frac\eta T\langle|\nabla L|^2\rangle\ge0$.
        spread: $D\langle|\nabla\ln p|^2\rangle\ge0$, diffusion times Fisher information.
        curvature: $\eta\langle\nabla^2L\rangle$.

    Source: Seifert (2012), "Stochastic thermodynamics, fluctuation theorems and molecular machines", section 2.

    >>> terms = EntropyTerms(drift=4.0, spread=0.5, curvature=1.0)
    >>> terms.medium, terms.system, terms.total
    (3.0, -0.5, 2.5)
    """

    drift: Any
    spread: Any
    curvature: Any

    @property
    def medium(self) -> Any:
        r"""Heat given off, over T: $\frac\eta T\langle|\nabla L|^2\rangle-\eta\langle\nabla^2L\rangle$."""
        return self.drift - self.curvature

    @property
    def system(self) -> Any:
        r"""Rise of the entropy of the density: $D\langle|\nabla\ln p|^2\rangle-\eta\langle\nabla^2L\rangle$."""
        return self.spread - self.curvature

    @property
    def total(self) -> Any:
        """Medium and system together, never negative."""
        return self.medium + self.system

    @property
    def quench_number(self) -> Any:
        r"""$Q=\langle|\nabla L|^2\rangle/T\langle\nabla^2L\rangle$: 1 at equilibrium in any loss, large in a
        quench."""
        return self.drift / self.curvature

    @property
    def peakedness(self) -> Any:
        r"""$R=T\langle|\nabla\ln p|^2\rangle/\langle\nabla^2L\rangle\ge1/Q$: 1 at equilibrium, less for a wider
        density."""
        return self.spread / self.curvature


def entropy_rates_in_well(lag: ArrayLike, mobility: float, curvature: float, pull: ArrayLike = 0.0) -> EntropyTerms:
    r"""Terms of a Gaussian in a quadratic well, nats per time and dimension: $\eta k(\mu+y)$, $\eta k/y$ and $\eta k$.

    Args:
        lag: $y=k\sigma^2/T>0$, spread against the spread at equilibrium.
        mobility: $\eta>0$.
        curvature: $k>0$.
        pull: $\mu=km^2/T\ge0$, twice the loss of the mean m over the temperature.

    Raises:
        ValueError: an argument out of its range.

    Source: the averages of a normal density; Seifert (2012), section 2.

    >>> float(entropy_rates_in_well(2.0, 1.0, 1.0).total)  # eta k (y - 1)^2 / y
    0.5
    """
    [y], [mu] = positive(lag=lag), not_below(0, pull=pull)
    positive(mobility=mobility, curvature=curvature)
    rate = mobility * curvature
    return EntropyTerms(rate * (mu + y), rate / y, rate * np.ones_like(y))


def entropy_rates_after_jump(ratio: ArrayLike, mean_laplacian: ArrayLike, mobility: float) -> EntropyTerms:
    r"""Terms just after the bath jumps from $T_0$ to T: $\eta Hx$, $\eta H/x$ and $\eta H$ (nats per time).

    From equilibrium, in any loss of any dimension. The total is $\eta H(x-1)^2/x$. No state with the same quench
    number produces less.

    Args:
        ratio: $x=T_0/T>0$; it is the quench number.
        mean_laplacian: $H=\langle\nabla^2L\rangle_{T_0}>0$.
        mobility: $\eta>0$.

    Raises:
        ValueError: an argument that is not positive.

    Source: $\langle|\nabla L|^2\rangle=T_0\langle\nabla^2L\rangle$ at equilibrium, by integration by parts.

    >>> float(entropy_rates_after_jump(2.0, 1.0, 1.0).total)
    0.5
    """
    x, h = positive(ratio=ratio, mean_laplacian=mean_laplacian)
    positive(mobility=mobility)
    return EntropyTerms(mobility * h * x, mobility * h / x, mobility * h * np.ones_like(x))
