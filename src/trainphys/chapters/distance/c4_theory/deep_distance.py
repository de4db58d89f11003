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
PIECE = 50  # runs at a time: their paths fill half a gigabyte in a thousand epochs


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
    tables = []
    for low in range(0, runs, PIECE):
        layers, paths, losses, alive = [w[low : low + PIECE] for w in starts], [], [], []
        for _ in range(max_epochs + 1):
            height, steps, living = losses_and_steps(layers, x, y, normalised)
            losses.append(height)
            alive.append(living)
            paths.append(torch.cat([w.flatten(1) for w in layers], dim=1).numpy())
            if (np.min(losses, axis=0) < target).all():
                break
            layers = [w - rate * g for w, g in zip(layers, steps, strict=True)]
        tables.extend(_rows(np.stack(paths), np.stack(losses), np.stack(alive), target, low))
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


def _rows(paths: Array, losses: Array, alive: Array, target: float, first_run: int) -> list[Array]:
    """A table for each run that reached the target alive: its index, and the columns of ``DeepRuns``."""
    met = losses < target
    tables = []
    for r in np.flatnonzero(met.any(axis=0) & ~met[0]):
        n = int(met[:, r].argmax())
        if not alive[n, r]:
            continue
        path, height = paths[: n + 1, r], losses[: n + 1, r]
        gain = -np.diff(height) / (np.diff(path, axis=0) ** 2).sum(axis=1)
        worst = np.minimum.accumulate(gain[::-1])[::-1]
        distance = np.sqrt(((path[:-1] - path[-1]) ** 2).sum(axis=1))
        index = np.full(n, first_run + r)
        tables.append(np.stack([index, distance, n - np.arange(n), height[:-1] - height[-1], worst]))
    return tables
