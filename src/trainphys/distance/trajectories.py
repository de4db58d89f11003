"""Many training runs of y = |w1 x1 + w2 x2 + b| on centred XOR at once, every epoch kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numba as nb
import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Method = Literal["full-batch", "per-sample"]

# Runs that advance side by side: wide enough for the vector unit, small enough for the first-level cache.
LANES = 64
GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # odd increment of SplitMix64, Steele, Lea and Flood (2014)


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
    epochs: NDArray[np.int64]
    converged: NDArray[np.bool_]

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
    if not (rate > 0 and tolerance > 0 and max_epochs >= 1 and min(scales) > 0):
        raise ValueError(
            "expected rate, tolerance and scales > 0 and max_epochs >= 1, "
            f"got {rate=}, {tolerance=}, {scales=}, {max_epochs=}"
        )
    if method not in ("full-batch", "per-sample"):
        raise ValueError(f"expected method 'full-batch' or 'per-sample', got {method!r}")
    if not (0 <= seed < 2**63 and first_run >= 0):
        raise ValueError(f"expected 0 <= seed < 2**63 and first_run >= 0, got {seed} and {first_run}")
    shape = (max_epochs + 1, 3, start.shape[1])
    if out is None:
        out = np.empty(shape)
    elif out.shape != shape or out.dtype != np.float64:
        raise ValueError(f"expected out to be a float64 array of shape {shape}, got {out.dtype} {out.shape}")
    epochs = np.empty(start.shape[1], dtype=np.int64)
    converged = np.empty(start.shape[1], dtype=np.bool_)
    settings = (float(rate), float(scales[0]), float(scales[1]), float(tolerance))
    _train(start, out, epochs, converged, settings, method == "per-sample", np.uint64(seed), np.uint64(first_run))
    return Runs(out, epochs, converged)


@nb.njit(inline="always")
def _hash(z: Any) -> Any:
    """Finaliser of SplitMix64: 64 well mixed bits from a counter. Source: Steele, Lea and Flood (2014)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@nb.njit(inline="always")
def _slope(s: float, y: float) -> float:
    """Half the derivative of (|s| - y)^2 with respect to s."""
    return abs(s) - y if s > 0.0 else (y - abs(s) if s < 0.0 else 0.0)


@nb.njit(error_model="numpy")
def _unfinished(state: Any, going: Any, settings: Any) -> int:
    """Mark the lanes whose loss is not below the tolerance, and count them."""
    _, c1, c2, tolerance = settings
    left = 0
    for i in range(LANES):
        u, v, b = c1 * state[i], c2 * state[LANES + i], state[2 * LANES + i]
        r0, r1, r2, r3 = abs(b - u - v), abs(b - u + v) - 1.0, abs(b + u - v) - 1.0, abs(b + u + v)
        going[i] = 1 if 0.25 * (r0 * r0 + r1 * r1 + r2 * r2 + r3 * r3) >= tolerance else 0
        left += going[i]
    return left


@nb.njit(error_model="numpy")
def _full_batch(state: Any, going: Any, settings: Any) -> None:
    """One epoch of full-batch descent in every lane that is still going."""
    rate, c1, c2, _ = settings
    for i in range(LANES):
        w1, w2, b = state[i], state[LANES + i], state[2 * LANES + i]
        u, v = c1 * w1, c2 * w2
        g0, g1, g2, g3 = _slope(b - u - v, 0.0), _slope(b - u + v, 1.0), _slope(b + u - v, 1.0), _slope(b + u + v, 0.0)
        h = 0.5 * rate if going[i] else 0.0
        state[i] = w1 - h * c1 * (g2 + g3 - g0 - g1)
        state[LANES + i] = w2 - h * c2 * (g1 + g3 - g0 - g2)
        state[2 * LANES + i] = b - h * (g0 + g1 + g2 + g3)


@nb.njit(error_model="numpy")
def _per_sample(state: Any, going: Any, settings: Any, key: Any) -> None:
    """One epoch of four single-sample steps in every lane that is still going, each lane in an order of its own."""
    rate, c1, c2, _ = settings
    for i in range(LANES):
        w1, w2, b = state[i], state[LANES + i], state[2 * LANES + i]
        h = 2.0 * rate if going[i] else 0.0
        bits = _hash(key + GOLDEN * (np.uint64(i) << np.uint64(24)))
        pick = np.int64(((bits >> np.uint64(40)) * np.uint64(24)) >> np.uint64(24))  # one of 24 orders
        # Lehmer's code of a permutation, decoded without a table.
        first = (pick * 43) >> 8  # pick // 6 for pick < 24
        rest = pick - 6 * first
        second = (rest >> 1) + (1 if (rest >> 1) >= first else 0)
        low, high = min(first, second), max(first, second)
        third = rest & 1
        third += 1 if third >= low else 0
        third += 1 if third >= high else 0
        for sample in (first, second, third, 6 - first - second - third):
            x1 = c1 if sample >= 2 else -c1
            x2 = c2 if (sample & 1) == 1 else -c2
            y = 1.0 if (sample == 1) | (sample == 2) else 0.0
            g = h * _slope(w1 * x1 + w2 * x2 + b, y)
            w1, w2, b = w1 - g * x1, w2 - g * x2, b - g
        state[i], state[LANES + i], state[2 * LANES + i] = w1, w2, b


@nb.njit(error_model="numpy")
def _train(
    start: Any, out: Any, epochs: Any, converged: Any, settings: Any, per_sample: bool, seed: Any, first: Any
) -> None:
    runs, stop = start.shape[1], out.shape[0] - 1
    root = _hash(seed + GOLDEN)  # neighbouring seeds start far apart
    # One small array with constant offsets: the compiler then sees that lanes do not overlap and uses vectors.
    state, going, count = np.zeros(3 * LANES), np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    for block in range(0, runs, LANES):
        width = min(LANES, runs - block)
        for p in range(3):
            state[p * LANES : p * LANES + width] = start[p, block : block + width]
            state[p * LANES + width : (p + 1) * LANES] = start[p, runs - 1]  # idle lanes repeat the last run
        count[:] = 0
        left = 1
        for epoch in range(stop + 1):
            for p in range(3):
                out[epoch, p, block : block + width] = state[p * LANES : p * LANES + width]
            if left:
                left = _unfinished(state, going, settings)
            if left and epoch < stop:
                count += going
                if per_sample:
                    key = root + GOLDEN * (((first + np.uint64(block)) << np.uint64(24)) + np.uint64(epoch))
                    _per_sample(state, going, settings, key)
                else:
                    _full_batch(state, going, settings)
        epochs[block : block + width] = count[:width]
        converged[block : block + width] = going[:width] == 0
