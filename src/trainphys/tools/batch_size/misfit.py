"""Whether the law misses a sweep by more than its runs scatter, in a sentence that names the batch sizes."""

import numpy as np
from scipy.special import fdtrc

from trainphys.tools.batch_size.measured import Measured
from trainphys.tools.batch_size.regression import regression
from trainphys.tools.batch_size.scatter import scatter

LEVEL = 1e-3  # how often a sweep that follows the law is said to miss it
FELT = np.log(1.05)  # misses below this change no choice, and may be the rounding of counts


def misfit(measured: Measured) -> str:
    r"""What to say of a sweep that the law misses; nothing of one that it fits, or without repeated runs.

    With residuals $r=(1-H)\epsilon$ of means of $n_i$ runs, variance $s^2/n_i$ each, the sum of their squares over
    its mean $s^2\,{\rm tr}A$, where $A=(1-H)\,{\rm diag}(1/n)\,(1-H)$, is held against the F distribution with
    $({\rm tr}A)^2/{\rm tr}A^2$ degrees of freedom, and those of $s^2$. A law may be wrong beyond doubt and still
    serve, where very many runs were made: so it is not said unless residuals are larger than single runs scatter.
    Source: Box (1954) for the degrees of freedom of a sum of squares.

    >>> misfit(Measured((8, 32, 128, 512, 2048), (700.0, 200.0, 90.0, 60.0, 50.0)))
    ''
    """
    single = scatter(measured.steps)
    if not single.known:
        return ""
    found, sizes = regression(measured), np.array(measured.batch_sizes)
    rest = np.log(measured.updates() / found.law(sizes))
    if abs(rest).max() < FELT or found.square <= single.variance:
        return ""
    without = np.eye(len(sizes)) - found.slopes @ np.linalg.pinv(found.slopes)
    of_means = (without / single.runs) @ without
    mean = np.trace(of_means)
    excess = rest @ rest / mean / max(single.variance, np.finfo(float).tiny)
    if fdtrc(mean**2 / np.trace(of_means @ of_means), single.dof, excess) > LEVEL:
        return ""
    worst = abs(rest) >= abs(rest).max() / 2
    at = ", ".join(f"{size:g}" for size in sizes[worst])
    times = ", ".join(f"{factor:.2g}" for factor in np.exp(rest[worst]))
    return (
        f"The law misses this sweep by more than its runs scatter (F test, level {LEVEL:g}): at {at} they took {times} "
        "times its updates."
    )
