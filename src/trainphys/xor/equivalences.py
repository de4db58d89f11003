r"""Choices that no report can tell apart: pairs of configurations with the same runs, for full batch on inputs $\pm1$.

There the loss above that of the attractor is the squared distance to it, and each epoch multiplies it by $k^2$ with
$k=1-2\eta$. Whatever a loop compares with its tolerance is then a constant times the same number.
"""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import finite, inside, positive


def equivalent_rate(rate: ArrayLike, inputs: ArrayLike) -> Array:
    r"""Rate at which inputs $\pm1$ give the runs that inputs $\pm c$ give at rate $\eta$: $\eta c^2$.

    Exact for full batch and zero bias when the starting weights are multiplied by c; all distances are then
    multiplied by c as well, and every count of epochs is the same.

    Args:
        rate: $\eta$, > 0.
        inputs: half width c, > 0.

    Raises:
        ValueError: an argument out of range.

    >>> equivalent_rate(0.4, 0.5).item()
    0.1
    """
    eta, c = positive(rate=rate, inputs=inputs)
    return np.asarray(eta * c**2)


def delayed_tolerance(tolerance: ArrayLike, rate: ArrayLike, epochs: ArrayLike) -> Array:
    r"""Tolerance that ends a run some epochs later than $\varepsilon$ does: $\varepsilon(1-2\eta)^{2m}$.

    A loop that tests the loss before its update and logs the state after it runs one epoch more than one that
    tests the state it logs; negative m for loops that log less.

    Args:
        tolerance: $\varepsilon$, > 0.
        rate: $\eta$, in (0, 1/2).
        epochs: m, of either sign.

    Raises:
        ValueError: an argument out of range, or a tolerance that is not a number.

    >>> round(delayed_tolerance(1e-7, 0.1, 1).item() * 1e8, 12)
    6.4
    """
    [eps], [eta], [m] = positive(tolerance=tolerance), inside(0.0, 0.5, rate=rate), finite(epochs=epochs)
    with np.errstate(over="ignore", under="ignore"):  # what overflows is refused below
        [delayed] = positive(delayed_tolerance=eps * (1.0 - 2.0 * eta) ** (2.0 * m))
    return delayed


def change_tolerance(tolerance: ArrayLike, rate: ArrayLike) -> Array:
    r"""Tolerance on the change of the loss that ends a run where $\varepsilon$ on the loss does.

    It is $\varepsilon(k^{-2}-1)$: the last change is $L_{n-1}-L_n=L_n(k^{-2}-1)$ with $k=1-2\eta$. The rule also
    ends runs that sit in a trap.

    >>> round(change_tolerance(1.0, 0.25).item(), 12)
    3.0
    """
    [eps], [eta] = positive(tolerance=tolerance), inside(0.0, 0.5, rate=rate)
    return np.asarray(eps * ((1.0 - 2.0 * eta) ** -2.0 - 1.0))


def rate_from_spread(variance: ArrayLike, log_spread: ArrayLike) -> Array:
    r"""Rate from the variance $s^2>\frac1{12}$ of the run lengths and the spread $\sigma$ of $\ln d_0$ over the starts.

    Lengths are $\ln d_0/(-\ln k)$ plus a constant, rounded up, and rounding adds 1/12 to their variance:
    $$ \eta=\tfrac12\Bigl(1-\exp\frac{-\sigma}{\sqrt{s^2-1/12}}\Bigr) . $$ Good while the lengths spread over a few
    epochs or more.

    >>> round(rate_from_spread(1 + 1 / 12, np.log(2.0)).item(), 12)
    0.25
    """
    [sigma] = positive(log_spread=log_spread)
    [more] = positive(variance_beyond_rounding=np.asarray(variance, dtype=float) - 1.0 / 12.0)
    return np.asarray(0.5 * (1.0 - np.exp(-sigma / np.sqrt(more))))
