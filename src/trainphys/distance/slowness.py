"""Is slowness distance? Epochs of runs that begin equally far, and what choosing starts saves."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainphys.distance.landscape import Scales, solution, solvable
from trainphys.distance.starts import draw_starts
from trainphys.distance.trajectories import Method, train
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate

Array = NDArray[np.float64]
NEIGHBOURS = 25
BLOCKS = 100  # independent parts of an ensemble, for standard errors


def as_far(distance: ArrayLike, epochs: ArrayLike, asked: ArrayLike) -> Array:
    """Mean epochs of the reference runs nearest in starting distance: what distance alone explains.

    Args:
        distance: starting distances of the reference runs, shape (runs,), 25 or more.
        epochs: their epochs, shape (runs,).
        asked: starting distances of other runs, any shape.

    Raises:
        ValueError: too few reference runs.

    >>> d = np.linspace(0.0, 1.0, 1001)
    >>> as_far(d, 10 * d, [0.5]).round(6).tolist()
    [5.0]
    """
    d, n, x = (np.asarray(v, dtype=float) for v in (distance, epochs, asked))
    if d.ndim != 1 or d.shape != n.shape or len(d) < NEIGHBOURS:
        raise ValueError(f"expected {NEIGHBOURS} or more reference runs, got {d.shape} and {n.shape}")
    order = np.argsort(d)
    d, total = d[order], np.concatenate([[0.0], np.cumsum(n[order])])
    low = np.clip(np.searchsorted(d, x) - NEIGHBOURS // 2, 0, len(d) - NEIGHBOURS)
    return np.asarray((total[low + NEIGHBOURS] - total[low]) / NEIGHBOURS)


def ratio_of_means(numerator: ArrayLike, denominator: ArrayLike) -> Estimate:
    """Mean of some independent samples over the mean of others, with its error to first order.

    Args:
        numerator: two samples or more.
        denominator: two samples or more, of a mean that is not 0.

    Raises:
        ValueError: fewer than two samples.

    >>> ratio_of_means([1.0, 3.0], [4.0, 4.0]).value
    0.5
    """
    a, b = Estimate.from_samples(numerator), Estimate.from_samples(denominator)
    ratio = a.value / b.value
    return Estimate(ratio, float(np.hypot(a.stderr, ratio * b.stderr) / abs(b.value)), a.n + b.n, min(a.dof, b.dof))


def slowness_by_group(
    kind: str, *, rate: float, runs: int, seed: int, tolerance: float = 1e-7, method: Method = "full-batch"
) -> dict[str, tuple[Estimate, float]]:
    """Mean epochs of groups of starts on inputs of one, and of ordinary starts that begin as far.

    Ordinary are all starts in the solvable cone. Groups: near the ridge between the cones; weights of one sign; error
    mostly in one parameter; and the starts in the trapped cone, where single samples can free them.

    Args:
        kind: of ``starts.draw_starts``.
        rate: learning rate, > 0.
        runs: starts; of the ordinary ones every other is reference.
        seed: root seed, >= 0.
        tolerance: loss that ends a run, > 0.
        method: what an epoch is.

    Returns:
        For each group with 100 runs that converge, or more: its mean epochs, and what distance alone predicts for it.

    Raises:
        ValueError: as ``draw_starts`` and ``train``.
    """
    starts = draw_starts(kind, runs, seed)
    max_epochs = 60 if method == "full-batch" else 400
    done = train(starts, rate=rate, tolerance=tolerance, max_epochs=max_epochs, method=method, seed=seed)
    error, inside = starts.T - solution(starts.T), solvable(starts.T)
    distance, gap = np.linalg.norm(error, axis=0), np.abs(starts[:, 0] - starts[:, 1]) - np.abs(starts[:, 2])
    reference = inside & done.converged & (np.arange(runs) % 2 == 0)
    others = inside & done.converged & (np.arange(runs) % 2 == 1)
    groups = {
        "near the ridge": others & (gap < 0.1),
        "weights of one sign": others & (starts[:, 0] * starts[:, 1] > 0),
        "error in the bias": others & (error[2] ** 2 > 0.7 * distance**2),
        "error in a weight": others & (error[1] ** 2 > 0.7 * distance**2),
        "trapped cone": ~inside & done.converged,
    }
    return {
        name: (
            Estimate.from_samples(done.epochs[group]),
            float(as_far(distance[reference], done.epochs[reference], distance[group]).mean()),
        )
        for name, group in groups.items()
        if group.sum() >= 100
    }


def slowness_by_parameter(
    scales: Scales, *, rate: float, runs: int, seed: int, tolerance: float = 1e-7
) -> tuple[Estimate, Estimate, Estimate]:
    """Mean epochs of full-batch runs whose error lies in one parameter alone, for w1, w2 and b, from equal distances.

    Args:
        scales: half widths of the inputs, > 0.
        rate: learning rate, > 0.
        runs: runs for each parameter, >= 2, from distances uniform in (0.05, 0.35): inside the cone.
        seed: root seed, >= 0.
        tolerance: loss that ends a run, > 0.

    Raises:
        ValueError: as ``train``.
    """
    distance = stream(seed, "distances").uniform(0.05, 0.35, runs)
    goal = np.array([0.5 / scales[0], -0.5 / scales[1], 0.0])

    def mean_epochs(direction: Array) -> Estimate:
        starts = goal + distance[:, None] * direction
        return Estimate.from_samples(
            train(starts, rate=rate, tolerance=tolerance, max_epochs=400, scales=scales).epochs
        )

    w1, w2, b = (mean_epochs(direction) for direction in np.eye(3))
    return w1, w2, b


def saving_by_start(kind: str, *, rate: float, runs: int, seed: int, tolerance: float = 1e-7,
                    method: Method = "full-batch") -> dict[str, Array]:  # fmt: skip
    """What choosing starts saves on inputs of one, in epochs for each solution found, by independent parts.

    A run that is trapped costs the epochs of the longest run that is not, and is started anew. Keeping the tenth with
    the lowest loss is keeping the tenth nearest to a solution, as long as loss is squared distance.

    Args:
        kind: of ``starts.draw_starts``.
        rate: learning rate, > 0.
        runs: starts, 1000 or more.
        seed: root seed, >= 0.
        tolerance: loss that ends a run, > 0.
        method: what an epoch is.

    Returns:
        ``all``: epochs a run that converges; ``nearest``: the same for the nearest tenth; ``trapped``: epochs lost in
        traps for each run that converges; ``share``: of the whole saving, what is due to distance; ``d_all`` and
        ``d_nearest``: mean starting distances. Shape (100,).

    Raises:
        ValueError: too few starts.
    """
    if runs < 10 * BLOCKS:
        raise ValueError(f"expected {10 * BLOCKS} starts or more, got {runs}")
    starts = draw_starts(kind, runs, seed)
    done = train(starts, rate=rate, tolerance=tolerance, max_epochs=60 * max(1, round(0.1 / rate)), method=method,
                 seed=seed)  # fmt: skip
    distance = np.linalg.norm(starts.T - solution(starts.T), axis=0)
    cap = done.epochs[done.converged].max()
    rows = []
    for part in np.array_split(np.arange(runs), BLOCKS):
        solved, d, n = done.converged[part], distance[part], done.epochs[part]
        nearest = np.argsort(d)[: len(part) // 10]
        every, near = n[solved].mean(), n[nearest][solved[nearest]].mean()
        lost = (1.0 / solved.mean() - 1.0) * cap
        lost_near = (1.0 / solved[nearest].mean() - 1.0) * cap
        share = (every - near) / (every - near + lost - lost_near)
        rows.append((every, near, lost, share, d[solved].mean(), d[nearest].mean()))
    names = ("all", "nearest", "trapped", "share", "d_all", "d_nearest")
    return dict(zip(names, np.array(rows, dtype=float).T, strict=True))
