"""The share that a line explains, the factor of a free unit, and the epochs of the nearest starts, in closed form."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import inside
from trainphys.laws.contraction import MOST_EPOCHS, epochs_remaining
from trainphys.laws.straight_line import coth_excess
from trainphys.xor.landscape import solution, solvable
from trainphys.xor.starts import draw_starts


def line_share_epochs(rate: ArrayLike, epochs: ArrayLike) -> Array:
    r"""``line_share`` for a run of N whole epochs: squared correlation of $n$ and $q^n$, $n=1..N$, $q=1/(1-2\eta)$.

    The geometric sums, centred, are hyperbolic functions of $h=\tfrac12\ln q$, and $\tanh h=\eta/(1-\eta)$:
    $$ R^2=\frac3{N^2-1}\,\frac{N\coth Nh-\coth h}{\tanh h} . $$

    >>> line_share_epochs(0.1, [2, 33]).round(4).tolist()
    [1.0, 0.5966]
    """
    [eta], n = inside(0.0, 0.5, rate=rate), np.asarray(epochs, dtype=float)
    if not ((n >= 2) & (n <= MOST_EPOCHS) & (n == np.floor(n))).all():
        raise ValueError(f"expected whole epochs >= 2, got {epochs!r}: one epoch has no line")
    h = -0.5 * np.log1p(-2.0 * eta)
    flat = (n**2 * coth_excess(n * h) - coth_excess(h)) / (n**2 - 1.0)  # (x coth x - 1) / x^2 does not cancel
    return np.asarray(3.0 * flat * h * (1.0 - eta) / eta)


def free_unit_factor(active: ArrayLike, rate: float) -> Array:
    r"""Factor by which an epoch shrinks the slowest error of a free ReLU unit that is active on m samples.

    The error of the outputs obeys $r\leftarrow(I-\tfrac\eta2G)r$ with the Gram matrix $G$ of the active rows
    $(x_i,1)$. Alone, the unit's own sample has $G=3$; with one neighbour the smaller eigenvalue is 2, with both 1:
    $$ k=1-\tfrac\eta2(4-m) . $$ A tied unit has $1-2\eta$.

    >>> free_unit_factor([1, 2, 3], rate=0.1).tolist()
    [0.85, 0.9, 0.95]
    """
    m = np.asarray(active, dtype=float)
    if not (((m == 1) | (m == 2) | (m == 3)).all() and 0 < rate < 0.4):
        raise ValueError(f"expected 1 to 3 active samples and 0 < rate < 0.4, got {active!r} and {rate}")
    return np.asarray(1.0 - 0.5 * rate * (4.0 - m))


def epochs_of_nearest_over_all(kind: str, *, rate: float, tolerance: float, runs: int, seed: int) -> float:
    """Mean epochs of the tenth nearest to a solution over those of all, by the exact law: no run is trained."""
    theta = draw_starts(kind, runs, seed).T
    d = np.linalg.norm(theta - solution(theta), axis=0)
    near, solved = np.sort(d)[: runs // 10], d[solvable(theta)]
    means = [epochs_remaining(x, rate=rate, tolerance=tolerance).mean() for x in (near, solved)]
    return float(means[0] / means[1])
