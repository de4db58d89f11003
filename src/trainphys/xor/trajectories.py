"""Many training runs of y = |w1 x1 + w2 x2 + b| on centred XOR at once, every epoch kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Booleans, Integers
from trainphys.checks import at_least, positive
from trainphys.systems.input_scales import widths
from trainphys.xor._trajectory_kernels import train_full_batch, train_per_sample

Method = Literal["full-batch", "per-sample"]


@dataclass(frozen=True, slots=True)
class Runs:
    """Training runs, epoch by epoch.

    Attributes:
        states: parameters (w1, w2, b) before each epoch, shape (max_epochs + 1, 3, runs); after its end a run repeats
            its last state.
        epochs: epochs that each run took until its loss fell below the tolerance, shape (runs,); ``max_epochs`` when it
            did not.
        converged: whether it did, shape (runs,).
    """

    states: Array
    epochs: Integers
    converged: Booleans

    @property
    def last(self) -> Array:
        """Parameters at the end of each run, shape (3, runs)."""
        return np.asarray(self.states[-1])


def train(
    starts: ArrayLike,
    *,
    rate: float,
    tolerance: float,
    max_epochs: int,
    scales: tuple[float, float] = (1.0, 1.0),
    method: Method = "full-batch",
    seed: int = 0,
    first_run: int = 0,
    out: Array | None = None,
) -> Runs:
    r"""Gradient descent on the mean squared error from many starts, until the loss over all four samples is small.

    One epoch is one step along the mean gradient, or four steps along the gradients of single samples in a random
    order. The order in an epoch is a hash of (seed, index of the run, epoch): a run does not depend on the runs beside
    it. The slope of the absolute value at its kink is 0, as in PyTorch.

    Args:
        starts: parameters (w1, w2, b) of each run, shape (runs, 3), finite.
        rate: learning rate, > 0.
        tolerance: a run ends when its loss is below this, > 0.
        max_epochs: a run ends after so many epochs at the latest, >= 1.
        scales: half widths (c1, c2) of the inputs $x_i=\pm c_i$, > 0.
        method: what one epoch is.
        seed: root seed of the orders, 0 <= seed < 2**63.
        first_run: index of the first run; pieces of an ensemble, trained one by one, equal the whole.
        out: array of shape (max_epochs + 1, 3, runs) to write the states to, when it is to be used again.

    Raises:
        ValueError: an argument out of range.

    >>> runs = train([[0.9, -0.3, 0.2]], rate=0.25, tolerance=1e-3, max_epochs=50)
    >>> runs.states[1, :, 0].round(6).tolist()  # half way to (0.5, -0.5, 0)
    [0.7, -0.4, 0.1]
    """
    start = np.ascontiguousarray(np.asarray(starts, dtype=float).T)
    if start.ndim != 2 or start.shape[0] != 3 or start.shape[1] == 0 or not np.isfinite(start).all():
        raise ValueError(
            f"expected finite starts of shape (runs, 3), got shape {np.shape(starts)}: one row (w1, w2, b)"
        )
    positive(rate=rate, tolerance=tolerance)
    at_least(1, max_epochs=max_epochs)
    c1, c2 = widths(scales)
    if method not in ("full-batch", "per-sample"):
        raise ValueError(f"expected method 'full-batch' or 'per-sample', got {method!r}")
    if not (0 <= seed < 2**63 and 0 <= first_run < 2**63):
        raise ValueError(f"expected seed and first_run in 0..2**63 - 1, got {seed} and {first_run}: count from zero")
    shape = (max_epochs + 1, 3, start.shape[1])
    if out is None:
        out = np.empty(shape)
    elif not (isinstance(out, np.ndarray) and out.shape == shape and out.dtype == np.float64 and out.flags.writeable):
        raise ValueError(f"expected out to be a writeable float64 array of shape {shape}, got {type(out).__name__}")
    epochs = np.empty(start.shape[1], dtype=np.int64)
    converged = np.empty(start.shape[1], dtype=np.bool_)
    settings = (float(rate), c1, c2, float(tolerance))
    if method == "full-batch":
        train_full_batch(start, out, epochs, converged, settings)
    else:
        train_per_sample(start, out, epochs, converged, settings, np.uint64(seed), np.uint64(first_run))
    return Runs(out, epochs, converged)


def train_pieces(starts: ArrayLike, *, piece: int = 8192, first_run: int = 0, **settings: Any) -> Iterator[Runs]:
    """``train``, a piece of the ensemble at a time: memory does not grow with the number of runs.

    The pieces together have the bits of the whole. Their states share one array: use or copy a piece before the next.
    ``settings`` are the other arguments of ``train`` but ``out``.

    >>> settings = {"rate": 0.25, "tolerance": 1e-3, "max_epochs": 50}
    >>> [runs.epochs.size for runs in train_pieces([[0.9, -0.3, 0.2]] * 5, piece=2, **settings)]
    [2, 2, 1]
    """
    all_starts = np.asarray(starts, dtype=float)
    at_least(1, piece=piece, runs=len(all_starts))
    out: Array | None = None
    for low in range(0, len(all_starts), piece):
        part = all_starts[low : low + piece]
        fits = out is not None and out.shape[-1] == len(part)
        runs = train(part, first_run=first_run + low, out=out if fits else None, **settings)
        out = runs.states
        yield runs
