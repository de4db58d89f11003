"""The law fitted to a sweep as a regression in logarithms: its slopes, and the size of its residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.tools.batch_size.fit import STEPS, Fit, fit
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.scatter import scatter


@dataclass(frozen=True, slots=True)
class Regression:
    """The law fitted to a sweep, how its logarithm moves with those of its numbers there, and how badly it fits."""

    law: Fit
    slopes: Array  # shape (batch sizes, numbers)
    square: float  # of a residual, in the mean over the spare degrees of freedom
    spare: int


def regression(measured: Measured) -> Regression:
    """The law fitted to a sweep; residuals may be small by chance, but not below the scatter of the means."""
    at, single, spare = np.array(measured.batch_sizes), scatter(measured.steps), spare_sizes(measured)
    law = fit(STEPS, at, measured.updates())
    square = max(law.rms**2 * len(at) / spare, single.variance * float(np.mean(1 / single.runs)))
    return Regression(law, slopes(law.values, at), square, spare)


def spare_sizes(measured: Measured) -> int:
    """Batch sizes beyond the numbers of the law."""
    return len(measured.batch_sizes) - len(STEPS.parameters)


def slopes(values: tuple[float, ...], batch: Array) -> Array:
    """Derivatives of the logarithm of the law by the logarithms of its parameters, shape (batch sizes, parameters)."""
    x, step = np.array(values), 1e-5
    moved = np.exp(step * np.eye(x.size))  # each parameter in its turn
    return np.array([np.log(STEPS.curve(batch, x * m) / STEPS.curve(batch, x / m)) / (2 * step) for m in moved]).T
