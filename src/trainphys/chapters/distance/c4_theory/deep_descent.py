"""Full-batch descent of one ReLU network with two hidden layers, compiled.

The networks of ``deep_distance`` are so small that a training step by tensors is mostly the calling of functions.
"""

from typing import Any

import numba as nb
import numpy as np

NOTHING, SIGNALS, WEIGHTS = range(3)  # what gradients are divided by


@nb.njit(error_model="numpy")
def descend(
    x: Any, y: Any, w1: Any, w2: Any, w3: Any, kind: int, rate: float, target: float, path: Any, heights: Any
) -> Any:
    """Train until the loss is below the target, or the path is full.

    Fills ``path`` with the parameters before each epoch, one row an epoch, and ``heights`` with their losses. Gives the
    number of epochs, -1 if the target was not reached, and whether every unit is above zero on a sample in the end.
    """
    unit, size_of_x, transposed = (y**2).sum(), _size(x), np.ascontiguousarray(x.T)
    ends = np.cumsum(np.array([w1.size, w2.size]))
    for epoch in range(len(path)):
        _write(w1, path[epoch])
        _write(w2, path[epoch, ends[0] :])
        _write(w3, path[epoch, ends[1] :])
        a1 = np.maximum(x @ w1, 0.0)
        a2 = np.maximum(a1 @ w2, 0.0)
        error = a2 @ w3 - y
        heights[epoch] = _squares(error) / unit
        if heights[epoch] < target:
            return epoch, _all_alive(a1) and _all_alive(a2)
        s3 = error * (2.0 / unit)
        s2 = _where_positive(s3 @ w3.T, a2)
        s1 = _where_positive(s2 @ w2.T, a1)
        by1, by2, by3 = 1.0, 1.0, 1.0
        if kind != NOTHING:
            by1, by2, by3 = size_of_x, _size(a1), _size(a2)
        if kind == SIGNALS:
            by1, by2 = by1 * _size(s1) / _size(s3), by2 * _size(s2) / _size(s3)
        if kind == WEIGHTS:
            gain2, gain3 = _size(w2) * np.sqrt(len(w2)), _size(w3) * np.sqrt(len(w3))
            by1, by2 = by1 * gain2 * gain3, by2 * gain3
        w1 = w1 - (transposed @ s1) * (rate / by1)
        w2 = w2 - (a1.T @ s2) * (rate / by2)
        w3 = w3 - (a2.T @ s3) * (rate / by3)
    return -1, False


@nb.njit(error_model="numpy")
def _write(values: Any, row: Any) -> None:
    """Numbers one by one: for an assignment of slices numba would compile the text of its error, for seconds."""
    flat = values.ravel()
    for i in range(flat.size):
        row[i] = flat[i]


@nb.njit(error_model="numpy")
def _squares(values: Any) -> Any:
    """Sum of squares, in four partial sums that a processor adds at once."""
    flat = values.ravel()
    whole = flat.size // 4 * 4
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    for i in range(0, whole, 4):
        a += flat[i] * flat[i]
        b += flat[i + 1] * flat[i + 1]
        c += flat[i + 2] * flat[i + 2]
        d += flat[i + 3] * flat[i + 3]
    for i in range(whole, flat.size):
        a += flat[i] * flat[i]
    return a + b + c + d


@nb.njit(error_model="numpy")
def _size(values: Any) -> Any:
    """Root mean square; a dead layer counts as 1."""
    size = np.sqrt(_squares(values) / values.size)
    return size if size > 0 else 1.0


@nb.njit(error_model="numpy")
def _where_positive(values: Any, gate: Any) -> Any:
    flat, open_ = values.ravel(), gate.ravel()
    for i in range(flat.size):
        flat[i] = flat[i] if open_[i] > 0 else 0.0
    return values


@nb.njit(error_model="numpy")
def _all_alive(values: Any) -> Any:
    alive = 0
    for unit in range(values.shape[1]):
        alive += (values[:, unit] > 0).any()
    return alive == values.shape[1]
