"""The compiled loops behind ``trajectories.train``: blocks of runs advance side by side, every epoch written once.

Numbers are copied one by one: with an assignment of slices numba compiles the text of its error, for seconds.
"""

from typing import Any

import numba as nb
import numpy as np

from trainphys.ensemble.lanes import widest_vectors

# Runs in a block: their states and the rows being written stay in the first two levels of cache, and the loop over them
# is long enough for the vector unit. Offsets into one small array are constants, so the compiler sees that lanes do not
# overlap.
CAPACITY = 512

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # odd increment of SplitMix64, Steele, Lea and Flood (2014)


@nb.njit(inline="always")
def _hash(z: Any) -> Any:
    """Finaliser of SplitMix64: 64 well mixed bits from a counter. Source: Steele, Lea and Flood (2014)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@nb.njit(inline="always")
def _order(bits: Any) -> Any:
    """One of the 24 orders of four samples from random bits: Lehmer's code, decoded without a table."""
    pick = np.int64(((bits >> np.uint64(40)) * np.uint64(24)) >> np.uint64(24))
    first = (pick * 43) >> 8  # pick // 6 for pick < 24
    rest = pick - 6 * first
    second = (rest >> 1) + (1 if (rest >> 1) >= first else 0)
    low, high = min(first, second), max(first, second)
    third = rest & 1
    third += 1 if third >= low else 0
    third += 1 if third >= high else 0
    return first, second, third, 6 - first - second - third


@nb.njit(inline="always")
def _unfinished(w1: Any, w2: Any, b: Any, settings: Any) -> Any:
    """Whether the loss is not below the tolerance; a run that has overflown is not finished either."""
    _, c1, c2, tolerance = settings
    u, v = c1 * w1, c2 * w2
    s0, s3 = b - u - v, b + u + v
    r1, r2 = abs(b - u + v) - 1.0, abs(b + u - v) - 1.0
    return not (s0 * s0 + r1 * r1 + r2 * r2 + s3 * s3 < 4 * tolerance)


@nb.njit(error_model="numpy")
def _full_batch(state: Any, count: Any, row1: Any, row2: Any, row3: Any, n: int, settings: Any) -> int:
    """One epoch of n lanes, written to the rows; returns how many still moved.

    With s = w.x + b the slope of (|s| - y)^2 / 2 is s - sign(s) y: s itself for the samples with y = 0. A finished lane
    does not move, so its loss stays below the tolerance and nothing has to remember it.
    """
    widest_vectors()
    rate, c1, c2, tolerance = settings
    h1, h2, h3 = 0.5 * rate * c1, 0.5 * rate * c2, 0.5 * rate
    moved = 0
    for i in range(n):
        w1, w2, b = state[i], state[CAPACITY + i], state[2 * CAPACITY + i]
        u, v = c1 * w1, c2 * w2
        g0, s1, s2, g3 = b - u - v, b - u + v, b + u - v, b + u + v
        g1, g2 = s1 - np.copysign(1.0, s1), s2 - np.copysign(1.0, s2)
        going = not (g0 * g0 + g1 * g1 + g2 * g2 + g3 * g3 < 4 * tolerance)
        g1 = g1 if s1 != 0.0 else 0.0  # at the kink the slope is zero, as in PyTorch
        g2 = g2 if s2 != 0.0 else 0.0
        count[i] += 1 if going else 0
        moved += 1 if going else 0
        w1 -= (h1 if going else 0.0) * (g2 + g3 - g0 - g1)
        w2 -= (h2 if going else 0.0) * (g1 + g3 - g0 - g2)
        b -= (h3 if going else 0.0) * (g0 + g1 + g2 + g3)
        state[i], state[CAPACITY + i], state[2 * CAPACITY + i] = w1, w2, b
        row1[i], row2[i], row3[i] = w1, w2, b
    return moved


@nb.njit(error_model="numpy")
def _per_sample(state: Any, going: Any, counter: Any, n: int, key: Any, settings: Any) -> int:
    """Four single-sample steps of n lanes, each in an order of its own; returns how many still moved."""
    widest_vectors()
    rate, c1, c2, _ = settings
    moved = 0
    for i in range(n):
        w1, w2, b = state[i], state[CAPACITY + i], state[2 * CAPACITY + i]
        go = _unfinished(w1, w2, b, settings)
        going[i] = 1 if go else 0
        moved += 1 if go else 0
        h = 2.0 * rate if go else 0.0
        for sample in _order(_hash(key + counter[i])):
            x1 = c1 if sample >= 2 else -c1
            x2 = c2 if (sample & 1) == 1 else -c2
            y = 1.0 if ((sample ^ (sample >> 1)) & 1) == 1 else 0.0
            s = w1 * x1 + w2 * x2 + b
            g = h * (s - np.copysign(y, s) if s != 0.0 else 0.0)
            w1, w2, b = w1 - g * x1, w2 - g * x2, b - g
        state[i], state[CAPACITY + i], state[2 * CAPACITY + i] = w1, w2, b
    return moved


@nb.njit(error_model="numpy")
def train_full_batch(start: Any, out: Any, epochs: Any, converged: Any, settings: Any) -> None:
    """Every block for all epochs; after its last run has finished, a block's rows are copies."""
    runs, stop = start.shape[1], out.shape[0] - 1
    state, count = np.zeros(3 * CAPACITY), np.zeros(CAPACITY, np.int64)
    for low in range(0, runs, CAPACITY):
        n = min(CAPACITY, runs - low)
        high, moved = low + n, n
        for p in range(3):
            for i in range(n):
                state[p * CAPACITY + i] = out[0, p, low + i] = start[p, low + i]
        count[:] = 0
        for epoch in range(1, stop + 1):
            if moved:
                rows = out[epoch]
                moved = _full_batch(state, count, rows[0, low:high], rows[1, low:high], rows[2, low:high], n, settings)
            else:
                for p in range(3):
                    for i in range(low, high):
                        out[epoch, p, i] = out[epoch - 1, p, i]
        for i in range(n):
            epochs[low + i] = count[i]
            converged[low + i] = not _unfinished(state[i], state[CAPACITY + i], state[2 * CAPACITY + i], settings)


@nb.njit(error_model="numpy")
def train_per_sample(
    start: Any, out: Any, epochs: Any, converged: Any, settings: Any, seed: Any, first_run: Any
) -> None:
    """As above; runs finish at very different times, so those that still go are kept together at the front."""
    runs, stop = start.shape[1], out.shape[0] - 1
    root = _hash(seed + GOLDEN)  # neighbouring seeds start far apart
    state, going, lane = np.zeros(3 * CAPACITY), np.zeros(CAPACITY, np.int64), np.zeros(CAPACITY, np.int64)
    latest, counter = np.zeros((3, CAPACITY)), np.zeros(CAPACITY, np.uint64)
    for low in range(0, runs, CAPACITY):
        n = width = min(CAPACITY, runs - low)
        for i in range(n):
            lane[i], counter[i] = i, GOLDEN * (np.uint64(i) << np.uint64(24))
            epochs[low + i] = 0
            for p in range(3):
                state[p * CAPACITY + i] = latest[p, i] = start[p, low + i]
        for epoch in range(stop + 1):
            for p in range(3):
                for i in range(width):
                    out[epoch, p, low + i] = latest[p, i]
            if n and epoch < stop:
                key = root + GOLDEN * (((first_run + np.uint64(low)) << np.uint64(24)) + np.uint64(epoch))
                moved = _per_sample(state, going, counter, n, key, settings)
                _take_over(state, going, lane, n, latest, epochs[low:])
                if moved < n:
                    n = _close_ranks(state, going, lane, counter, n)
        for i in range(width):
            converged[low + i] = not _unfinished(latest[0, i], latest[1, i], latest[2, i], settings)


@nb.njit(error_model="numpy")
def _take_over(state: Any, going: Any, lane: Any, n: int, latest: Any, epochs: Any) -> None:
    """Put the states of the lanes at the front where their runs belong."""
    for i in range(n):
        run = lane[i]
        epochs[run] += going[i]
        for p in range(3):
            latest[p, run] = state[p * CAPACITY + i]


@nb.njit(error_model="numpy")
def _close_ranks(state: Any, going: Any, lane: Any, counter: Any, n: int) -> int:
    """Drop the lanes that have finished; returns how many are left."""
    left = 0
    for i in range(n):
        lane[left], counter[left] = lane[i], counter[i]
        for p in range(3):
            state[p * CAPACITY + left] = state[p * CAPACITY + i]
        left += going[i]
    return left
