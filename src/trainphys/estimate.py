"""A measured number with its error: the one word that the science and the book share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

# 5.2 standard errors: 5,000 two-sided checks of true statements then give one false alarm in 1,000 books.
SIGMAS = 5.2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its standard error, and the number of independent samples behind them.

    ``dof`` is the number of degrees of freedom of the standard error (infinite when it is known, not estimated); with
    few samples the error bar is itself uncertain, and the tolerance widens as Student's t says.

    Estimates that are independent of each other are added, subtracted, multiplied and divided with their errors to
    first order; numbers have none. Estimates from the same runs are not independent: see ``ratio_of_paired``.

    Raises:
        ValueError: a value that is not finite, or a standard error that is negative or not finite.

    >>> Estimate(value=2.0, stderr=0.1, n=400).tolerance()
    0.52
    >>> Estimate(8.0, 0.24, 9) / Estimate(4.0, 0.16, 9)
    Estimate(value=2.0, stderr=0.1, n=18, dof=inf)
    >>> 16.0 / Estimate(8.0, 0.5, 9)
    Estimate(value=2.0, stderr=0.125, n=9, dof=inf)
    """

    value: float
    stderr: float
    n: int
    dof: float = math.inf

    def __post_init__(self) -> None:
        for name in ("value", "stderr", "dof"):  # NumPy scalars do not belong in a record
            object.__setattr__(self, name, float(getattr(self, name)))
        object.__setattr__(self, "n", int(self.n))
        if not math.isfinite(self.value):
            raise ValueError(f"expected a finite value, got {self.value}: report the failure of the run instead")
        if not (math.isfinite(self.stderr) and self.stderr >= 0):
            raise ValueError(f"expected a finite standard error >= 0, got {self.stderr}: use more than one sample")

    def tolerance(self) -> float:
        """Half width of the interval that a true value leaves less than once in 5,000,000 checks."""
        return sigmas(self.dof) * self.stderr

    def __add__(self, other: Estimate | float) -> Estimate:
        b = _estimate(other)
        return Estimate.combined(self.value + b.value, [(1.0, self), (1.0, b)])

    def __sub__(self, other: Estimate | float) -> Estimate:
        b = _estimate(other)
        return Estimate.combined(self.value - b.value, [(1.0, self), (-1.0, b)])

    def __mul__(self, other: Estimate | float) -> Estimate:
        b = _estimate(other)
        return Estimate.combined(self.value * b.value, [(b.value, self), (self.value, b)])

    def __truediv__(self, other: Estimate | float) -> Estimate:
        b = _estimate(other)
        if b.value == 0:
            raise ZeroDivisionError(f"expected a divisor other than 0, got {b}: turn the ratio round")
        ratio = self.value / b.value
        return Estimate.combined(ratio, [(1 / b.value, self), (ratio / b.value, b)])

    def __rtruediv__(self, other: float) -> Estimate:
        return _estimate(other) / self

    def __rsub__(self, other: float) -> Estimate:
        return _estimate(other) - self

    __radd__ = __add__
    __rmul__ = __mul__

    @classmethod
    def combined(cls, value: float, parts: Sequence[tuple[float, Estimate]]) -> Estimate:
        r"""A function of independent estimates $x_i$, from its value and its slopes $s_i$ in them.

        $$ \sigma^2=\sum_is_i^2\sigma_i^2 ,\qquad \nu=\frac{\sigma^4}{\sum_i(s_i\sigma_i)^4/\nu_i}  $$
        with as many samples as they have together. Source: Welch (1947), Satterthwaite (1946).

        >>> Estimate.combined(5.0, [(1.0, Estimate(3.0, 0.3, 9)), (2.0, Estimate(1.0, 0.2, 9))])
        Estimate(value=5.0, stderr=0.5, n=18, dof=inf)
        """
        variances = [(float(slope) * part.stderr) ** 2 for slope, part in parts]
        total = sum(variances)
        spread = sum(v**2 / part.dof for v, (_, part) in zip(variances, parts, strict=True))
        dof = total**2 / spread if spread > 0 else math.inf
        return cls(float(value), math.sqrt(total), sum(part.n for _, part in parts), dof)

    @classmethod
    def ratio_of_paired(cls, above: ArrayLike, below: ArrayLike) -> Estimate:
        r"""Mean of x over mean of y, pair i from one run: $\bar x/\bar y$, error from $x_i-(\bar x/\bar y)y_i$.

        >>> Estimate.ratio_of_paired([2.0, 4.0], [1.0, 2.0])  # the same ratio in each pair
        Estimate(value=2.0, stderr=0.0, n=2, dof=1.0)
        """
        x, y = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
        if x.shape != y.shape or x.ndim != 1:
            raise ValueError(f"expected two series of equal length, got shapes {x.shape} and {y.shape}: pair the runs")
        ratio = x.mean() / y.mean()
        return cls(ratio, cls.from_samples((x - ratio * y) / y.mean()).stderr, x.size, x.size - 1)

    @classmethod
    def from_samples(cls, samples: ArrayLike) -> Estimate:
        r"""Mean of independent samples, with $s/\sqrt{n}$ as its standard error.

        >>> Estimate.from_samples([1.0, 2.0, 3.0]).value
        2.0
        """
        x = np.asarray(samples, dtype=float).ravel()
        if x.size < 2:
            raise ValueError(f"expected at least 2 samples, got {x.size}: one sample has no standard error")
        return cls(float(x.mean()), float(x.std(ddof=1) / math.sqrt(x.size)), x.size, x.size - 1)

    @classmethod
    def from_count(cls, successes: int, trials: int) -> Estimate:
        """Share of successes; its standard error is the exact (Clopper-Pearson) half width, divided by ``SIGMAS``.

        A share of 0 or 1 therefore keeps an honest error bar, which the normal formula would set to zero.
        Source: Clopper and Pearson (1934), by quantiles of the beta distribution.

        >>> e = Estimate.from_count(500_000, 1_000_000)
        >>> e.value, round(e.stderr, 5)
        (0.5, 0.0005)
        """
        if trials < 1 or not 0 <= successes <= trials:
            raise ValueError(f"expected 0 <= successes <= trials, got {successes} of {trials}")
        share, tail = successes / trials, special.ndtr(-SIGMAS)
        low = special.betaincinv(successes, trials - successes + 1, tail) if successes > 0 else 0.0
        high = special.betainccinv(successes + 1, trials - successes, tail) if successes < trials else 1.0
        return cls(share, max(high - share, share - low) / SIGMAS, trials)

    @classmethod
    def from_solver(cls, value: float, error: float) -> Estimate:
        """A deterministic computation whose own error bound is ``error`` (a refinement study, an order estimate).

        >>> Estimate.from_solver(1.0, error=1e-3).tolerance()
        0.001
        """
        return cls(float(value), float(error) / SIGMAS, 1)


def _estimate(x: Estimate | float) -> Estimate:
    """A plain number has no error and no samples."""
    return x if isinstance(x, Estimate) else Estimate(float(x), 0.0, 0)


def sigmas(dof: float = math.inf) -> float:
    """Standard errors to allow, so that a check with few degrees of freedom errs as rarely as one with many.

    >>> sigmas()
    5.2
    >>> round(sigmas(7), 1)
    19.9
    """
    if math.isinf(dof):
        return SIGMAS
    return float(-special.stdtrit(dof, float(special.ndtr(-SIGMAS))))
