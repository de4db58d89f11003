"""Small ReLU networks on digits: how far each epoch is from the run's last parameters."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from sklearn.datasets import load_digits

from trainphys.arrays import Array, Integers
from trainphys.chapters.distance.c4_theory.deep_descent import NOTHING, SIGNALS, WEIGHTS, descend
from trainphys.chapters.distance.shared.line_fits import fit_line
from trainphys.ensemble.streams import stream

Normalised = Literal["nothing", "signals", "weights"]

COMPONENTS, SAMPLES, WIDTH = 12, 100, 16
KIND = {"nothing": NOTHING, "signals": SIGNALS, "weights": WEIGHTS}


@dataclass(frozen=True, slots=True)
class DeepRuns:
    """Training runs of networks that reached their target loss without a dead unit."""

    run: Integers  # index of the run of each row; rows are the states before each epoch
    distance: Array  # Euclidean distance to the run's last parameters, > 0
    remaining: Integers  # epochs until the run ended, >= 1
    drop: Array  # loss now less loss at the end
    efficiency: Array  # the smallest loss gained per squared step length from here to the end
    kept: float  # share of the runs trained that are here; the others were too slow or had a dead unit

    def own_line_shares(self) -> Array:
        """Share of the variance of each run's epochs that a line in the distance, fitted to that very run, explains."""
        shares = []
        for r in np.unique(self.run):
            d, n = self.distance[self.run == r], self.remaining[self.run == r]
            shares.append(1.0 - np.mean((n - fit_line(d, n)(d)) ** 2) / n.var())
        return np.array(shares)


def whitened_digits(samples: int) -> tuple[Array, Array]:
    """Leading principal components of the first digits, each of variance 1, and one-hot targets with mean zero."""
    images, labels = load_digits(return_X_y=True)
    u = np.linalg.svd(images[:samples] - images[:samples].mean(axis=0), full_matrices=False)[0]
    return u[:, :COMPONENTS] * np.sqrt(samples), np.asarray(np.eye(10)[labels[:samples]] - 0.1)


def train_deep(
    normalised: Normalised, *, runs: int, seed: int, rate: float, target: float, max_epochs: int
) -> DeepRuns:
    """Full-batch descent of networks 12-16-16-10 with ReLU on the squared error, until it is below the target.

    Each network has starting weights of its own (He's normal, no biases). The error is in units of that of a zero
    output. With ``signals`` and ``weights`` each layer's gradient is divided by the root mean square of its input, and
    by the factor with which the layers above pass the output's error down: that of the error itself, or the product of
    their weights' root-mean-square gains. Runs that take longer than ``max_epochs`` are left out, and so are those with
    a unit that is zero on all samples in the end.
    """
    x, y = whitened_digits(SAMPLES)
    rng = stream(seed, "deep starts: whitened")
    shapes = list(pairwise((COMPONENTS, WIDTH, WIDTH, y.shape[1])))
    starts = [rng.standard_normal((runs, *shape)) * np.sqrt(2.0 / shape[0]) for shape in shapes]
    path, heights = np.empty((max_epochs + 1, sum(w[0].size for w in starts))), np.empty(max_epochs + 1)
    tables = []
    for run, layers in enumerate(zip(*starts, strict=True)):
        n, alive = descend(x, y, *layers, KIND[normalised], rate, target, path, heights)
        if n > 0 and alive:
            tables.append(_rows(path[: n + 1], heights[: n + 1], run))
    if not tables:
        raise ValueError(f"expected runs that reach {target}, got none: raise max_epochs or the target")
    run_, distance, remaining, drop, worst = np.concatenate(tables, axis=1)
    return DeepRuns(run_.astype(np.int64), distance, remaining.astype(np.int64), drop, worst, len(tables) / runs)


def _rows(path: Array, height: Array, run: int) -> Array:
    """The table of a run, from its parameters (states, all) and losses: its index, and the columns of ``DeepRuns``."""
    n = len(path) - 1
    gain = -np.diff(height) / (np.diff(path, axis=0) ** 2).sum(axis=1)
    worst = np.minimum.accumulate(gain[::-1])[::-1]
    distance = np.sqrt(((path[:-1] - path[-1]) ** 2).sum(axis=1))
    return np.stack([np.full(n, run), distance, n - np.arange(n), height[:-1] - height[-1], worst])
