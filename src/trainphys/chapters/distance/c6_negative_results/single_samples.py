"""Descent on single samples from trapped cones: noise frees some runs, and those that wait for it come late."""

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.distance.shared.regions import matched
from trainphys.estimate import Estimate
from trainphys.xor.landscape import solution, solvable
from trainphys.xor.trajectories import train_pieces


@dataclass(frozen=True, slots=True)
class Escapes:
    """What becomes of runs on single samples."""

    trapped: float  # share of the starts in a trapped cone
    arrive: Estimate  # share of these that arrive at a solution
    arrive_others: Estimate  # share of the other starts that do
    epochs: Estimate  # of those from trapped cones that arrive
    by_distance: float  # what runs from other cones took from the same distances


def escapes(starts: Array, *, rate: float, tolerance: float, max_epochs: int, seed: int) -> Escapes:
    """Train starts (runs, 3) on single samples of inputs of one, and compare both kinds of cones.

    >>> from trainphys.xor.starts import draw_starts
    >>> found = escapes(draw_starts("pytorch", 500, 0), rate=0.1, tolerance=1e-7, max_epochs=1000, seed=0)
    >>> found.arrive.value, bool(found.epochs.value > 3 * found.by_distance)
    (1.0, True)
    """
    runs = train_pieces(
        starts, piece=2048, rate=rate, tolerance=tolerance, max_epochs=max_epochs, method="per-sample", seed=seed
    )
    pieces = [(part.epochs, part.converged) for part in runs]
    epochs, done = (np.concatenate(part) for part in zip(*pieces, strict=True))
    start = np.asarray(starts, dtype=float).T
    distance = np.sqrt(((start - solution(start)) ** 2).sum(axis=0))
    trapped = ~solvable(start)
    late, usual = trapped & done, ~trapped & done
    return Escapes(
        float(trapped.mean()),
        Estimate.from_count(int(late.sum()), int(trapped.sum())),
        Estimate.from_count(int(usual.sum()), int((~trapped).sum())),
        Estimate.from_samples(epochs[late]),
        float(matched(distance[late], distance[usual], epochs[usual]).mean()),
    )
