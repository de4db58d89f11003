"""Updates that a new run needs: the law fitted to a sweep, and how far one run falls from it."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import above_zero
from trainphys.tools.batch_size.fit import STEPS, fit
from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.misfit import misfit
from trainphys.tools.batch_size.predicted import Interval, Predicted, added
from trainphys.tools.batch_size.regression import regression, slopes, spare_sizes
from trainphys.tools.batch_size.scatter import scatter
from trainphys.tools.batch_size.sweep_table import Table, read_sweep


def predicted_steps(measured: Measured | Table, batch_size: ArrayLike) -> list[Interval]:
    r"""Updates that a new run needs at other batch sizes: 19 of 20 runs fall into the interval.

    The law $S=S_{\min}[1+(B_{\rm crit}/B)^p]^{1/p}$ is fitted to the logarithms. A new run differs from it in three
    ways: the law is not quite true, it was fitted to few numbers, and runs scatter. The first two are in the residuals
    $r_i$ of the $m$ batch sizes, the third in the runs that were repeated:

    $$ \sigma^2=\frac{\sum_ir_i^2}{m-3}(1+h)+s^2\Bigl(1-\overline{1/n}\Bigr) $$
    with the leverage $h$ of the batch size, the variance $s^2$ of single runs, and the mean of $1/n$ over the batch
    sizes, which the residuals of means of n runs hold already. Ends are $t\sigma$ away, Student's t with the degrees of
    freedom of both parts.

    Args:
        measured: the sweep, or its table as ``operating_point`` takes it.
        batch_size: in samples, one or a list, each within the sweep: the law says nothing beyond its fit.

    Raises:
        ValueError: a batch size beyond the smallest or the largest of the sweep.

    Warns:
        UserWarning: the law misses the sweep by more than its runs scatter; it says at which batch sizes.

    >>> from trainphys.estimate import Estimate
    >>> sizes = (8.0, 32.0, 128.0, 512.0, 2048.0)
    >>> steps = tuple(Estimate(50 + 5000 / b, 1e-3, 9) for b in sizes)
    >>> print(*predicted_steps(Measured(sizes, steps), [64, 256]))
    128 [128, 128] 69.5 [69.5, 69.5]
    """
    [batch] = above_zero(batch_size=batch_size)
    if batch.ndim > 1:
        raise ValueError(f"expected one batch size or a list of them, got shape {batch.shape}: flatten it")
    sweep, batch = read_sweep(measured), np.atleast_1d(batch)
    first, last = sweep.batch_sizes[0], sweep.batch_sizes[-1]
    beyond = batch[(batch < first) | (batch > last)]
    if beyond.size:
        raise ValueError(
            f"expected batch sizes within the sweep, {first:g} to {last:g}, got {beyond[0]:g}: the law says nothing "
            "beyond its fit, so measure there"
        )
    if missed := misfit(sweep):
        warnings.warn(missed, stacklevel=2)
    found = updates_by_law(sweep, batch)
    return [found.interval(i) for i in range(len(found.value))]


def updates_by_law(measured: Measured, batch: Array) -> Predicted:
    """Updates of a new run by the fitted law, at any batch size."""
    found, single = regression(measured), scatter(measured.steps)
    new = slopes(found.law.values, batch)
    leverage = np.einsum("ij,jk,ik->i", new, np.linalg.pinv(found.slopes.T @ found.slopes), new)
    of_law = found.square * (1 + leverage)
    of_run = single.variance * (1 - float(np.mean(1 / single.runs))) + np.zeros_like(of_law)
    return Predicted(found.law(batch), *added((of_law, found.spare), (of_run, max(single.dof, 1.0))))


def updates_as_measured(measured: Measured) -> Predicted:
    """Updates of a new run at each batch size of the sweep, by the runs that were made there.

    Without repeated runs their scatter is not known; the residuals of the law, which hold it, stand in its place.
    """
    single = scatter(measured.steps)
    if not single.known:
        law = fit(STEPS, measured.batch_sizes, measured.updates())
        square, dof = law.rms**2 * len(measured.batch_sizes) / spare_sizes(measured), float(spare_sizes(measured))
    else:
        square, dof = single.variance, single.dof
    variance = square * (1 + 1 / single.runs)
    return Predicted(measured.updates(), variance, np.full_like(variance, dof))
