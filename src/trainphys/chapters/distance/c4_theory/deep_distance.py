"""Small ReLU networks on digits, many at once: how far each epoch is from the run's last parameters."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

from trainphys.arrays import Array, Integers
from trainphys.chapters.distance.shared.line_fits import fit_line
from trainphys.ensemble.streams import stream

Normalised = Literal["nothing", "signals", "weights"]

COMPONENTS, SAMPLES, WIDTH = 12, 100, 16
PIECE = 16  # runs at a time: in three thousand epochs their paths fill a quarter of a gigabyte


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
    output. Runs that take longer than ``max_epochs`` are left out, and so are those with a unit that is zero on all
    samples in the end.
    """
    x, y = (torch.from_numpy(values) for values in whitened_digits(SAMPLES))
    rng = stream(seed, "deep starts: whitened")
    shapes = list(pairwise((COMPONENTS, WIDTH, WIDTH, y.shape[1])))
    starts = [torch.from_numpy(rng.standard_normal((runs, *shape)) * np.sqrt(2.0 / shape[0])) for shape in shapes]
    tables: list[Array] = []
    for low in range(0, runs, PIECE):
        layers, ended = [w[low : low + PIECE] for w in starts], {}
        going: dict[int, tuple[list[Array], list[float]]] = {r: ([], []) for r in range(len(layers[0]))}
        for epoch in range(max_epochs + 1):
            losses, steps, alive = losses_and_steps(layers, x, y, normalised)
            states = torch.cat([w.flatten(1) for w in layers], dim=1).numpy()
            for r, (path, heights) in going.items():
                path.append(states[r].copy())
                heights.append(losses[r])
            for r in [r for r in going if losses[r] < target]:
                path, heights = going.pop(r)  # it has ended: its path, a gigabyte for all of them, need not stay
                if epoch > 0 and alive[r]:
                    ended[r] = _rows(np.stack(path), np.array(heights), low + r)
            if not going:
                break
            layers = [w - rate * g for w, g in zip(layers, steps, strict=True)]
        tables.extend(ended[r] for r in sorted(ended))
    if not tables:
        raise ValueError(f"expected runs that reach {target}, got none: raise max_epochs or the target")
    run, distance, remaining, drop, worst = np.concatenate(tables, axis=1)
    return DeepRuns(run.astype(np.int64), distance, remaining.astype(np.int64), drop, worst, len(tables) / runs)


def losses_and_steps(
    layers: list[Tensor], x: Tensor, y: Tensor, normalised: Normalised
) -> tuple[Array, list[Tensor], Array]:
    """Losses of the networks, what descent subtracts from each layer (runs, inputs, outputs), and who has no dead unit.

    With ``signals`` and ``weights`` each layer's gradient is divided by the root mean square of its input, and by the
    factor with which the layers above pass the output's error down: that of the error itself, or the product of
    their weights' root-mean-square gains.
    """
    values, outputs = [x.expand(len(layers[0]), -1, -1)], []
    for w in layers:
        outputs.append((values[-1] @ w).requires_grad_())
        values.append(torch.relu(outputs[-1]))
    losses = ((outputs[-1] - y) ** 2).sum(dim=2).mean(dim=1) / (y**2).sum(dim=1).mean()
    signals = torch.autograd.grad(losses.sum(), outputs)
    steps = [(a.mT @ signal).detach() for a, signal in zip(values, signals, strict=False)]
    if normalised == "signals":
        passed = [_size(signal) / _size(signals[-1]) for signal in signals]
    elif normalised == "weights":
        gains = [_size(w) * w.shape[1] ** 0.5 for w in layers]
        passed = [gains[1] * gains[2], gains[2], torch.ones_like(gains[2])]
    if normalised != "nothing":
        steps = [step / (_size(a) * f) for step, a, f in zip(steps, values, passed, strict=False)]
    alive = torch.stack([(a > 0).any(dim=1).all(dim=1) for a in values[1:-1]]).all(dim=0)
    return losses.detach().numpy(), steps, alive.numpy()


def _size(values: Tensor) -> Tensor:
    """Root mean square over the last two axes, of each run; a dead layer counts as 1."""
    size = (values.detach() ** 2).mean(dim=(1, 2), keepdim=True).sqrt()
    return torch.where(size > 0, size, 1.0)


def _rows(path: Array, height: Array, run: int) -> Array:
    """The table of a run, from its parameters (states, all) and losses: its index, and the columns of ``DeepRuns``."""
    n = len(path) - 1
    gain = -np.diff(height) / (np.diff(path, axis=0) ** 2).sum(axis=1)
    worst = np.minimum.accumulate(gain[::-1])[::-1]
    distance = np.sqrt(((path[:-1] - path[-1]) ** 2).sum(axis=1))
    return np.stack([np.full(n, run), distance, n - np.arange(n), height[:-1] - height[-1], worst])
