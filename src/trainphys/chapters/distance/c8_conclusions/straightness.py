"""How much of the time to go a line in the distance explains: in closed form, on runs not seen, and along walks."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Integers
from trainphys.chapters.distance.shared.line_fits import explained
from trainphys.checks import inside
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate
from trainphys.laws.contraction import MOST_EPOCHS, contraction_factor
from trainphys.laws.straight_line import coth_excess
from trainphys.xor.run_records import records
from trainphys.xor.trajectories import train


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


def held_out_share(run: Integers, features: ArrayLike, remaining: ArrayLike, *, seed: int) -> Estimate:
    """Share of variance of the epochs remaining that a linear regression explains on runs that it has not seen.

    Runs of even index are fitted, runs of odd index judged. Features are one column or several, (rows,) or (rows, k).
    """
    y, x = np.asarray(remaining, dtype=float), np.asarray(features, dtype=float)
    if min(len(np.unique(run[run % 2 == side])) for side in (0, 1)) < 2:
        raise ValueError("expected two runs or more of even and of odd index, got fewer: train more runs")
    columns = np.column_stack([x, np.ones(len(y))])
    odd = run % 2 == 1
    weights = np.linalg.lstsq(columns[~odd], y[~odd], rcond=None)[0]
    return explained(run[odd], y[odd], columns[odd] @ weights, seed=seed)


def walk_share(rate: float, epochs: int, *, seed: int) -> Estimate:
    """What the best line explains along 200 full-batch runs from one distance that take so many epochs to the end.

    The sample path has no error.
    """
    unit = stream(seed, "directions", epochs).standard_normal((200, 3))
    starts = np.array([0.5, -0.5, 0.0]) + 0.4 * unit / np.linalg.norm(unit, axis=1)[:, None]
    tolerance = (0.4 * contraction_factor(rate) ** (epochs - 0.5)) ** 2
    rows = records(train(starts, rate=rate, tolerance=tolerance, max_epochs=epochs + 2), goal="last")
    return Estimate(float(np.corrcoef(rows.l2, rows.remaining)[0, 1]) ** 2, 0.0, 200)
