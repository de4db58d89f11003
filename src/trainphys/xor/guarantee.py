r"""Is convergence guaranteed? The share of starts from which full-batch descent can reach loss zero.

On inputs $\pm1$ a full-batch run with $0<\eta\le\tfrac12$ reaches the solution exactly when it starts in the cone
$|w_1-w_2|>|b|$ (``landscape.solvable``).
"""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import not_below, positive, within


def solved_share_uniform(weight: ArrayLike, bias: ArrayLike) -> Array:
    r"""Share of starts in the solvable cone, weights uniform in $\pm a$ and bias uniform in $\pm\beta$.

    With $u=\beta/2a\le1$ the difference of the weights exceeds $|b|=t$ with probability $(1-t/2a)^2$, so the share is
    $$ \frac{1-(1-u)^3}{3u} . $$ It is 1 for zero bias and 7/12 for $\beta=a$, PyTorch's default.

    Args:
        weight: half width a, > 0.
        bias: half width beta, >= 0 and at most 2a.

    Raises:
        ValueError: an argument out of range.

    >>> solved_share_uniform([1.0, 1.0], [1.0, 0.0]) * 12
    array([ 7., 12.])
    """
    [a] = positive(weight=weight)
    [u] = within(0, 1, bias_over_twice_the_weight=np.asarray(bias, dtype=float) / (2 * a))
    return np.asarray(1.0 - u + u**2 / 3.0)  # the quotient, multiplied out


def solved_share_normal(weight: ArrayLike, bias: ArrayLike) -> Array:
    r"""Share of starts in the solvable cone, weights and bias normal with standard deviations $\sigma_w$, $\sigma_b$.

    The difference of the weights and the bias are two independent normal numbers, so the share is an angle,
    $$ \frac2\pi\arctan\frac{\sqrt2\,\sigma_w}{\sigma_b} . $$

    >>> solved_share_normal(1.0, 2**0.5).round(12).item()
    0.5
    """
    [w], [b] = positive(weight=weight), not_below(0, bias=bias)
    return np.asarray(2.0 / np.pi * np.arctan2(np.sqrt(2.0) * w, b))
