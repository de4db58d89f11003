"""A measured number with its error: the one word that the science and the book share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

# 5.2 standard errors: 5,000 two-sided checks of true statements then give one false alarm in 1,000 books.
SIGMAS = 5.2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its standard error, and the number of independent samples behind them.

    ``dof`` is the number of degrees of freedom of the standard error (infinite when it is known, not estimated); with
    few samples the error bar is itself uncertain, and the tolerance widens as Student's t says.

    Raises:
        ValueError: a value that is not finite, or a standard error that is negative or not finite.

    >>> Estimate(value=2.0, stderr=0.1, n=400).tolerance()
    0.52
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
        Source: Clopper and Pearson (1934), through scipy.stats.

        >>> e = Estimate.from_count(500_000, 1_000_000)
        >>> e.value, round(e.stderr, 5)
        (0.5, 0.0005)
        """
        if trials < 1 or not 0 <= successes <= trials:
            raise ValueError(f"expected 0 <= successes <= trials, got {successes} of {trials}")
        share = successes / trials
        level = 1 - 2 * stats.norm.sf(SIGMAS)
        low, high = stats.binomtest(int(successes), int(trials)).proportion_ci(level, method="exact")
        return cls(share, float(max(high - share, share - low) / SIGMAS), int(trials))

    @classmethod
    def from_solver(cls, value: float, error: float) -> Estimate:
        """A deterministic computation whose own error bound is ``error`` (a refinement study, an order estimate).

        >>> Estimate.from_solver(1.0, error=1e-3).tolerance()
        0.001
        """
        return cls(float(value), float(error) / SIGMAS, 1)


def sigmas(dof: float = math.inf) -> float:
    """Standard errors to allow, so that a check with few degrees of freedom errs as rarely as one with many.

    >>> sigmas()
    5.2
    >>> round(sigmas(7), 1)
    19.9
    """
    if math.isinf(dof):
        return SIGMAS
    return float(stats.t.isf(stats.norm.sf(SIGMAS), dof))
