"""The law of a sweep in its own numbers: minimum updates, critical batch size, sharpness, each with an interval."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.predicted import COVERAGE, Interval
from trainphys.tools.batch_size.regression import regression
from trainphys.tools.batch_size.sweep_table import Table, read_sweep


@dataclass(frozen=True, slots=True)
class FittedLaw:
    r"""Numbers of $S=S_{\min}[1+(B_{\rm crit}/B)^p]^{1/p}$, each where it lies 95 times in 100 if the law is true.

    They are the arguments of ``trainphys.laws.steps_to_target``.
    """

    minimum_steps: Interval
    critical_batch_size: Interval
    sharpness: Interval


def fitted_law(measured: Measured | Table) -> FittedLaw:
    r"""The law fitted to a sweep; an end of an interval is infinite or zero where the sweep does not settle it.

    $$ \ln x_i\pm t_{m-3}\sqrt{\sigma^2[(J^{\mathsf T}J)^{-1}]_{ii}} $$
    with the derivatives J of the logarithms of the updates at the m batch sizes by those of the numbers x, and the
    mean square $\sigma^2$ of the residuals, which is not below the scatter of the means.

    Args:
        measured: the sweep, or its table as ``operating_point`` takes it.

    Raises:
        ValueError: a sweep that ``operating_point`` cannot read.

    >>> sizes = (8.0, 32.0, 128.0, 512.0, 2048.0)
    >>> fitted_law(Measured(sizes, tuple(50 + 5000 / b for b in sizes))).critical_batch_size
    100 [100, 100]
    """
    found = regression(read_sweep(measured))
    size, turned = np.linalg.eigh(found.slopes.T @ found.slopes)
    variance = found.square * (turned**2 / np.maximum(size, np.finfo(float).tiny)).sum(axis=1)
    with np.errstate(over="ignore"):
        factors = np.exp(stdtrit(found.spare, (1 + COVERAGE) / 2) * np.sqrt(variance))
    return FittedLaw(*(Interval(x, float(x / f), float(x * f)) for x, f in zip(found.law.values, factors, strict=True)))
