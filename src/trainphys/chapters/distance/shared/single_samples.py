"""Descent on single samples from trapped cones: noise frees some runs, and those that wait for it come late."""

from dataclasses import dataclass

import numpy as np

from trainphys.chapters.distance.shared.regions import matched
from trainphys.estimate import Estimate
from trainphys.xor.landscape import solution, solvable
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train_pieces


@dataclass(frozen=True, slots=True)
class Escapes:
    """What becomes of runs on single samples."""

    trapped: float  # share of the starts in a trapped cone
    arrive: Estimate  # share of these that arrive at a solution
    arrive_others: Estimate  # share of the other starts that do
    epochs: Estimate  # of those from trapped cones that arrive, and begin at a distance where others that arrive do too
    by_distance: float  # what runs from other cones took from the same distances
    beyond: Estimate  # share of those from trapped cones that arrive and begin nearer or farther than all others


def escapes(kind: str, *, runs: int, rate: float, seed: int, tolerance: float = 1e-7, max_epochs: int = 800) -> Escapes:
    """Train starts of one kind on single samples of inputs of one, and compare both kinds of cones.

    The starts have a seed of their own, ``seed + 3``: they are other ones than those of full-batch runs beside them.

    >>> found = escapes("pytorch", runs=500, rate=0.1, seed=0)
    >>> found.arrive.value, bool(found.epochs.value > 3 * found.by_distance)
    (1.0, True)
    """
    starts = draw_starts(kind, runs, seed + 3)
    parts = train_pieces(
        starts, piece=2048, rate=rate, tolerance=tolerance, max_epochs=max_epochs, method="per-sample", seed=seed
    )
    pieces = [(part.epochs, part.converged) for part in parts]
    epochs, done = (np.concatenate(part) for part in zip(*pieces, strict=True))
    start = starts.T
    distance = np.sqrt(((start - solution(start)) ** 2).sum(axis=0))
    trapped = ~solvable(start)
    late, usual = trapped & done, ~trapped & done
    expected = matched(distance[late], distance[usual], epochs[usual])
    compared = np.isfinite(expected)
    return Escapes(
        float(trapped.mean()),
        Estimate.from_count(int(late.sum()), int(trapped.sum())),
        Estimate.from_count(int(usual.sum()), int((~trapped).sum())),
        Estimate.from_samples(epochs[late][compared]),
        float(expected[compared].mean()),
        Estimate.from_count(int((~compared).sum()), len(compared)),
    )
