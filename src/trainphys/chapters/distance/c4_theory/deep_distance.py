"""Small ReLU networks on digits, many at once: how far each epoch is from the run's last parameters."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

from trainphys.arrays import Array, Integers
from trainphys.ensemble.streams import stream

Inputs = Literal["standardised", "whitened"]

COMPONENTS = 12


@dataclass(frozen=True, slots=True)
class DeepRuns:
    """Training runs of networks that reached their target loss."""

    run: Integers  # index of the run of each row; rows are the states before each epoch
    distance: Array  # Euclidean distance to the run's last parameters, > 0
    remaining: Integers  # epochs until the run ended, >= 1
    drop: Array  # loss now less loss at the end
    efficiency: Array  # the smallest loss gained per squared step length from here to the end
    converged: float  # share of the runs trained that reached the target; the others are left out


def digits_inputs(samples: int, inputs: Inputs) -> tuple[Array, Array]:
    """Leading principal components of the first digits, and one-hot targets with mean zero.

    ``standardised`` divides all components by one common scale, ``whitened`` brings each to variance 1.
    """
    images, labels = load_digits(return_X_y=True)
    pixels = images[:samples] - images[:samples].mean(axis=0)
    u, s, _ = np.linalg.svd(pixels, full_matrices=False)
    x = u[:, :COMPONENTS] * (s[:COMPONENTS] if inputs == "standardised" else 1.0)
    return np.asarray(x / np.sqrt((x**2).mean())), np.asarray(np.eye(10)[labels[:samples]] - 0.1)


def train_deep(
    *,
    runs: int,
    seed: int,
    inputs: Inputs = "standardised",
    normalise_gradient: bool = False,
    rate: float = 0.1,
    target: float = 0.5,
    width: int = 12,
    samples: int = 100,
    max_epochs: int = 2000,
) -> DeepRuns:
    """Full-batch descent of networks 12-width-width-10 with ReLU on the squared error, until it is below the target.

    Each network has starting weights of its own (He's normal, no biases). The error is in units of that of a zero
    output. ``normalise_gradient`` divides each layer's gradient by the root mean square of its input and by that of
    the factor with which the layers above pass the output's error down. Runs that take longer than ``max_epochs`` are
    left out.
    """
    x, y = digits_inputs(samples, inputs)
    rng, sizes = stream(seed, f"deep starts: {inputs}"), (x.shape[1], width, width, y.shape[1])
    shapes = [(sizes[i], sizes[i + 1]) for i in range(3)]
    layers = [torch.from_numpy(rng.standard_normal((runs, *shape)) * np.sqrt(2.0 / shape[0])) for shape in shapes]
    paths: list[Array] = []
    losses: list[Array] = []
    for _ in range(max_epochs + 1):
        height, steps = losses_and_steps(layers, torch.from_numpy(x), torch.from_numpy(y), normalise_gradient)
        losses.append(height)
        paths.append(torch.cat([w.flatten(1) for w in layers], dim=1).numpy())
        if (np.min(losses, axis=0) < target).all():
            break
        layers = [w - rate * g for w, g in zip(layers, steps, strict=True)]
    return _rows(np.stack(paths), np.stack(losses), target)


def losses_and_steps(layers: list[Tensor], x: Tensor, y: Tensor, normalise: bool) -> tuple[Array, list[Tensor]]:
    """Losses of the networks, and what descent subtracts from each layer (runs, inputs, outputs)."""
    values, outputs = [x.expand(len(layers[0]), -1, -1)], []
    for w in layers:
        outputs.append((values[-1] @ w).requires_grad_())
        values.append(torch.relu(outputs[-1]))
    losses = ((outputs[-1] - y) ** 2).sum(dim=2).mean(dim=1) / (y**2).sum(dim=1).mean()
    signals = torch.autograd.grad(losses.sum(), outputs)
    steps = [(a.mT @ signal).detach() for a, signal in zip(values, signals, strict=False)]
    if normalise:
        sizes = [_size(a) * _size(signal) / _size(signals[-1]) for a, signal in zip(values, signals, strict=False)]
        steps = [step / size for step, size in zip(steps, sizes, strict=True)]
    return losses.detach().numpy(), steps


def _size(values: Tensor) -> Tensor:
    """Root mean square over samples and units, of each run; a dead layer counts as 1."""
    size = (values.detach() ** 2).mean(dim=(1, 2), keepdim=True).sqrt()
    return torch.where(size > 0, size, 1.0)


def _rows(paths: Array, losses: Array, target: float) -> DeepRuns:
    met = losses < target
    done = np.flatnonzero(met.any(axis=0) & ~met[0])
    if not len(done):
        raise ValueError(f"expected runs that reach {target}, got none: raise max_epochs or the target")
    table = []
    for r in done:
        n = int(met[:, r].argmax())
        path, height = paths[: n + 1, r], losses[: n + 1, r]
        gain = -np.diff(height) / (np.diff(path, axis=0) ** 2).sum(axis=1)
        worst = np.minimum.accumulate(gain[::-1])[::-1]
        distance = np.sqrt(((path[:-1] - path[-1]) ** 2).sum(axis=1))
        table.append(np.stack([np.full(n, r), distance, n - np.arange(n), height[:-1] - height[-1], worst]))
    run, distance, remaining, drop, worst = np.concatenate(table, axis=1)
    return DeepRuns(run.astype(np.int64), distance, remaining.astype(np.int64), drop, worst, len(done) / paths.shape[1])
