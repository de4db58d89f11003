"""Is slowness distance? Epochs of runs that begin equally far, and what choosing starts saves."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import finite, positive
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate
from trainphys.systems.input_scales import Scales, widths
from trainphys.xor.epoch_counts import count_epochs
from trainphys.xor.landscape import solution, solvable
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import Method, train, train_pieces

NEIGHBOURS = 25
BLOCKS = 100  # independent parts of an ensemble, for standard errors
BRIEF = 6.0  # epochs times rate after which a run on single samples that is still in a trap is started anew
MOST_EPOCHS = 100_000  # of a run that converges
PIECE = 512  # runs on single samples at a time: all their epochs are kept


class Group(NamedTuple):
    """Starts of one kind that converge."""

    epochs: Estimate  # mean
    as_far: float  # mean epochs of ordinary starts that begin as far
    distance: Array  # of each start to the solution on its side


def as_far(distance: ArrayLike, epochs: ArrayLike, asked: ArrayLike) -> Array:
    """Mean epochs of the 25 reference runs nearest in starting distance: what distance alone explains."""
    d, n, x = finite(distance=distance, epochs=epochs, asked=asked)
    if d.ndim != 1 or d.shape != n.shape or len(d) < NEIGHBOURS:
        raise ValueError(f"expected {NEIGHBOURS} or more reference runs, got {d.shape} and {n.shape}: train more")
    order = np.argsort(d)
    d, total = d[order], np.concatenate([[0.0], np.cumsum(n[order])])
    # The nearest lie side by side; a window moves up while the next run is nearer than its first one.
    low = np.searchsorted(d[:-NEIGHBOURS] + d[NEIGHBOURS:], 2.0 * x)
    return np.asarray((total[low + NEIGHBOURS] - total[low]) / NEIGHBOURS)


def slowness_by_group(kind: str, *, rate: float, runs: int, seed: int, tolerance: float = 1e-7) -> dict[str, Group]:
    r"""Mean epochs of groups of full-batch runs on inputs of one, and of ordinary starts that begin as far.

    Ordinary are all starts in the solvable cone; those of even index are the reference, those of odd index make the
    groups: ``near the ridge``, $|w_1-w_2|-|b|<0.1$; ``weights of one sign``, $w_1w_2>0$; ``error in the bias`` and
    ``error in a weight``, the error in $b$, or that in $w_2$, being more than 0.7 of the squared distance. Groups of
    fewer than 100 runs that converge are left out.
    """
    starts = draw_starts(kind, runs, seed)
    error, inside = starts.T - solution(starts.T), solvable(starts.T)
    distance, gap = np.linalg.norm(error, axis=0), np.abs(starts[:, 0] - starts[:, 1]) - np.abs(starts[:, 2])
    epochs = _epochs_taken(starts, rate, tolerance, "full-batch", seed)
    converged = np.isfinite(epochs)
    reference = inside & converged & (np.arange(runs) % 2 == 0)
    others = inside & converged & (np.arange(runs) % 2 == 1)
    if reference.sum() < NEIGHBOURS:
        raise ValueError(
            f"expected {NEIGHBOURS} or more ordinary starts that converge, got {reference.sum()}: draw more"
        )
    groups = {
        "near the ridge": others & (gap < 0.1),
        "weights of one sign": others & (starts[:, 0] * starts[:, 1] > 0),
        "error in the bias": others & (error[2] ** 2 > 0.7 * distance**2),
        "error in a weight": others & (error[1] ** 2 > 0.7 * distance**2),
    }
    return {
        name: Group(
            Estimate.from_samples(epochs[group]),
            float(as_far(distance[reference], epochs[reference], distance[group]).mean()),
            distance[group],
        )
        for name, group in groups.items()
        if group.sum() >= 100
    }


def trapped_share_that_converges(kind: str, *, rate: float, runs: int, seed: int, tolerance: float) -> Estimate:
    """Share of the starts outside the solvable cones that full batch brings to a solution in 60 epochs."""
    start = draw_starts(kind, runs, seed)
    outside = start[~solvable(start.T)]
    done = train(outside, rate=rate, tolerance=tolerance, max_epochs=60).converged
    return Estimate.from_count(int(done.sum()), len(outside))


def _epochs_taken(starts: Array, rate: float, tolerance: float, method: Method, seed: int) -> Array:
    """Epochs of every run, infinite for those given up: on single samples after 6 / rate epochs."""
    positive(rate=rate, tolerance=tolerance)
    limit = round((-math.log(tolerance) if method == "full-batch" else BRIEF) / rate)
    if method == "full-batch":
        epochs = count_epochs(starts, rate=rate, tolerance=tolerance, max_epochs=limit)
        if not np.isfinite(epochs[solvable(starts.T)]).all():
            raise ValueError(f"expected every start of the cone to converge in {limit} epochs: a looser tolerance")
        return epochs
    pieces = train_pieces(
        starts, piece=PIECE, rate=rate, tolerance=tolerance, max_epochs=limit, method=method, seed=seed
    )
    return np.concatenate([np.where(runs.converged, runs.epochs, np.inf) for runs in pieces])


def slowness_by_parameter(
    scales: Scales, *, rate: float, runs: int, seed: int, tolerance: float = 1e-7
) -> tuple[Estimate, Estimate, Estimate]:
    """Mean epochs of full-batch runs whose error lies in one parameter alone, for w1, w2 and b, from equal distances.

    Distances are uniform in (0.05, 0.35): inside the cone for input scales up to 2.
    """
    c1, c2 = widths(scales)
    positive(rate=rate)
    if rate * max(c1, c2, 1.0) ** 2 >= 0.5:
        raise ValueError(f"expected rate * scale**2 < 1/2, got rate {rate} and scales {scales}: take smaller steps")
    distance = stream(seed, "distances").uniform(0.05, 0.35, runs)
    goal = np.array([0.5 / c1, -0.5 / c2, 0.0])

    def mean_epochs(direction: Array) -> Estimate:
        error = distance[:, None] * direction
        epochs = count_epochs(goal + error, rate=rate, tolerance=tolerance, max_epochs=MOST_EPOCHS, scales=scales)
        if not np.isfinite(epochs).all():
            raise ValueError(
                f"expected every run to converge, got {np.isfinite(epochs).sum()} of {runs}: smaller scales"
            )
        return Estimate.from_samples(epochs)

    w1, w2, b = (mean_epochs(direction) for direction in np.eye(3))
    return w1, w2, b


def saving_by_start(kind: str, *, rate: float, runs: int, seed: int, tolerance: float = 1e-7,
                    method: Method = "full-batch") -> dict[str, Array]:  # fmt: skip
    """What choosing starts saves on inputs of one, in epochs for each solution found, by 100 independent parts.

    A run that is trapped costs the epochs of the longest run that is not, and is started anew. Keeping the tenth with
    the lowest loss is keeping the tenth nearest to a solution, as long as loss is squared distance.

    Returns:
        ``all``: epochs a run that converges; ``nearest``: the same for the nearest tenth; ``trapped``: epochs lost in
        traps for each run that converges; ``share``: of the whole saving, what is due to distance; ``d_all``: mean
        starting distance of the runs that converge, ``d_nearest`` of the nearest tenth, trapped ones with them.
    """
    starts = draw_starts(kind, runs, seed)
    epochs = _epochs_taken(starts, rate, tolerance, method, seed)
    distance = np.linalg.norm(starts.T - solution(starts.T), axis=0)
    converged = np.isfinite(epochs)
    cap, rows = epochs[converged].max(initial=0.0), []
    for part in np.array_split(np.arange(runs), BLOCKS):
        solved, d, n = converged[part], distance[part], epochs[part]
        nearest = np.argsort(d)[: len(part) // 10]
        if not solved[nearest].any():
            raise ValueError(f"expected a nearest tenth with a run that converges, got none of {kind!r}: draw more")
        every, near = n[solved].mean(), n[nearest][solved[nearest]].mean()
        lost = (1.0 / solved.mean() - 1.0) * cap
        lost_near = (1.0 / solved[nearest].mean() - 1.0) * cap
        share = (every - near) / (every - near + lost - lost_near)
        rows.append((every, near, lost, share, d[solved].mean(), d[nearest].mean()))
    names = ("all", "nearest", "trapped", "share", "d_all", "d_nearest")
    return dict(zip(names, np.array(rows, dtype=float).T, strict=True))
