r"""Who is trapped: the share of starts by the signs of their weights, and basins for inputs of any width."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Booleans
from trainphys.checks import positive, within
from trainphys.xor.landscape import as_parameters


def trapped_share_by_signs(weight: ArrayLike, bias: ArrayLike, same_sign: ArrayLike) -> Array:
    r"""Share of starts in the trapped cone $|b|>|w_1-w_2|$, given whether the weights have the same sign.

    Weights are uniform in $\pm a$, the bias in $\pm\beta$, inputs $\pm1$. With $r=\beta/a\le1$,
    $$ P(\text{same})=r-\frac{r^2}3,\qquad P(\text{opposite})=\frac{r^2}6 : $$ weights of one sign subtract and leave a
    small $|p|$, weights of opposite signs add up.

    Args:
        weight: half width a, > 0.
        bias: half width beta, in [0, a].
        same_sign: whether $w_1w_2>0$.

    Raises:
        ValueError: an argument out of range.

    >>> trapped_share_by_signs(1.0, 1.0, [True, False]).round(12).tolist()
    [0.666666666667, 0.166666666667]
    """
    [a] = positive(weight=weight)
    [r] = within(0, 1, bias_over_weight=np.asarray(bias, dtype=float) / a)
    same = np.asarray(same_sign)
    if same.dtype != bool:
        raise ValueError(
            f"expected same_sign True or False, got {same_sign!r}: compare the product of the weights with 0"
        )
    return np.asarray(np.where(same, r - r**2 / 3.0, r**2 / 6.0))


def reaches_solution(parameters: ArrayLike, scale: float = 1.0) -> Booleans:
    r"""Whether small steps of full-batch descent end at loss 0, for inputs $\pm c$ of any width, off the ridge.

    Weights shrink their error as $s^{c^2}$ while the bias does as $s$, $s=e^{-2\eta n}$ falling from 1 to 0. With
    $P=|c(w_1-w_2)|$ and $B=|b|$:

    - $P<B$ (trapped cone): $P s^{c^2}$ may overtake $\tfrac12+(B-\tfrac12)s$, for $c<1$ and $B>\tfrac12$ only;
    - $P>B$ (solved cone): $B s$ may overtake $1+(P-1)s^{c^2}$, for $c>1$ and $P>1$ only.

    Each difference has one maximum, at a power of the ratio of its two terms; a run that has crossed does not return.
    For $c=1$ nothing crosses and the cones are the basins.

    >>> reaches_solution([[9.9], [0.0], [5.0]], scale=0.5).tolist()  # |p| = 4.95 < 5, yet the bias falls faster
    [True]
    """
    theta = as_parameters(parameters)
    positive(scale=scale)
    lead, bias, power = np.abs(scale * (theta[0] - theta[1])), np.abs(theta[2]), scale**2
    inside = lead > bias
    if power < 1:
        crossed = _overtakes(lead, power, bias - 0.5, 1.0, 0.5)
    elif power > 1:
        crossed = _overtakes(bias, 1.0, lead - 1.0, power, 1.0)
    else:
        crossed = np.zeros_like(inside)
    return np.asarray(np.where(inside, (power <= 1) | ~crossed, (power < 1) & crossed))


def _overtakes(height: Array, slow: float, other: Array, fast: float, level: float) -> Booleans:
    """Whether height s^slow exceeds level + other s^fast for some s in (0, 1]; slow < fast, height >= 0."""
    denominator = np.where(other > 0, other, 1.0)
    # A ratio of 1 or more has its maximum at s = 1; below, powers of nearly 1 underflow to where nothing overtakes.
    s = np.minimum(slow * height / (fast * denominator), 1.0) ** (1.0 / (fast - slow))
    return np.asarray((other > 0) & (height * s**slow > level + other * s**fast))
