"""How much of the time to go a line in the distance explains: on runs not seen, and along walks."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Integers
from trainphys.chapters.distance.shared.line_fits import explained
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate
from trainphys.xor.landscape import loss
from trainphys.xor.run_records import records
from trainphys.xor.trajectories import train


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
    tiny = float(np.finfo(float).tiny)  # never reached
    late = loss(train(starts[:1], rate=rate, tolerance=tiny, max_epochs=epochs).states[-2:, :, 0].T)
    tolerance = float(np.sqrt(late.prod()))  # between the losses of the last two epochs, the same for all directions
    rows = records(train(starts, rate=rate, tolerance=tolerance, max_epochs=epochs + 2), goal="last")
    return Estimate(float(np.corrcoef(rows.l2, rows.remaining)[0, 1]) ** 2, 0.0, 200)
