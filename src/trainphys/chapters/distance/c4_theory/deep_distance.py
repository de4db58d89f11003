"""Small ReLU networks on digits, many at once: how far each epoch is from the run's last parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from sklearn.datasets import load_digits

from trainphys.arrays import Array, Integers
from trainphys.ensemble.streams import stream

Inputs = Literal["standardised", "whitened"]


COMPONENTS = 12


@dataclass(frozen=True, slots=True)
class DeepRuns:
    """Training runs of networks that reached their target loss.

    Attributes:
        run: index of the run of each row; rows are the states before each epoch.
        distance: Euclidean distance to the run's last parameters, > 0.
        remaining: epochs until the run ended, >= 1.
        drop: loss now less loss at the end.
        efficiency: the smallest loss gained per squared step length from here to the end.
        converged: share of the runs trained that reached the target; the others are left out.
    """

    run: Integers
    distance: Array
    remaining: Integers
    drop: Array
    efficiency: Array
    converged: float


def digits_inputs(samples: int, inputs: Inputs) -> tuple[Array, Array]:
    """Leading principal components of the digits and one-hot targets with mean zero.

    Args:
        samples: number of images, in [20, 1797].
        inputs: ``standardised``, all components by one common scale; ``whitened``, each to variance 1.

    Raises:
        ValueError: an argument out of range.

    Source: the digits that come with scikit-learn (UCI optical recognition of handwritten digits, test half).

    >>> x, y = digits_inputs(100, "whitened")
    >>> bool(np.allclose(x.T @ x / 100, np.eye(12)))
    True
    """
    if not 20 <= samples <= 1797 or inputs not in ("standardised", "whitened"):
        raise ValueError(f"expected 20 to 1797 samples, 'standardised' or 'whitened', got {samples} and {inputs!r}")
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

    Args:
        runs: networks, >= 2, each with starting weights of its own (He's normal, no biases).
        seed: root seed, >= 0.
        inputs: how they are normalised.
        normalise_gradient: divide each layer's gradient by the root mean square of its input and by that of the
            factor with which the layers above pass the output's error down.
        rate: learning rate, > 0.
        target: share of the starting squared error of a zero output that ends a run, in (0, 1).
        width: units in each hidden layer, >= 1.
        samples: images, in [20, 1797].
        max_epochs: runs that take longer are left out.

    Raises:
        ValueError: an argument out of range, or no run reached the target.
    """
    if runs < 2 or not 0 < target < 1 or not rate > 0 or width < 1 or max_epochs < 1:
        raise ValueError(f"expected runs >= 2, 0 < target < 1, rate > 0 and width >= 1, got {runs}, {target}, {rate}")
    x, y = digits_inputs(samples, inputs)
    rng, sizes = stream(seed, f"deep starts: {inputs}"), (x.shape[1], width, width, y.shape[1])
    shapes = [(sizes[i], sizes[i + 1]) for i in range(3)]
    layers = [rng.standard_normal((runs, *shape)) * np.sqrt(2.0 / shape[0]) for shape in shapes]
    unit = float((y**2).sum(axis=1).mean())
    paths: list[Array] = []
    losses: list[Array] = []
    for _ in range(max_epochs + 1):
        values, error = _forward(layers, x, y)
        losses.append((error**2).sum(axis=2).mean(axis=1) / unit)
        paths.append(np.concatenate([w.reshape(runs, -1) for w in layers], axis=1))
        if (np.min(losses, axis=0) < target).all():
            break
        steps = _gradients(layers, values, 2.0 * error / (len(x) * unit), normalise_gradient)
        layers = [w - rate * g for w, g in zip(layers, steps, strict=True)]
    return _rows(np.stack(paths), np.stack(losses), target)


def _forward(layers: list[Array], x: Array, y: Array) -> tuple[list[Array], Array]:
    """Inputs of each layer, (runs, samples, units), and the error of the output."""
    values = [np.broadcast_to(x, (len(layers[0]), *x.shape))]
    for w in layers[:-1]:
        values.append(np.maximum(values[-1] @ w, 0.0))
    return values, values[-1] @ layers[-1] - y


def _gradients(layers: list[Array], values: list[Array], delta: Array, normalise: bool) -> list[Array]:
    steps: list[Array] = []
    size = _size(delta)
    for level in range(len(layers) - 1, -1, -1):
        step = values[level].transpose(0, 2, 1) @ delta
        steps.insert(0, step / (_size(values[level]) * _size(delta) / size) if normalise else step)
        delta = (delta @ layers[level].transpose(0, 2, 1)) * (values[level] > 0)
    return steps


def _size(values: Array) -> Array:
    """Root mean square over samples and units, of each run; a dead layer counts as 1."""
    size = np.sqrt((values**2).mean(axis=(1, 2), keepdims=True))
    return np.where(size > 0, size, 1.0)


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
